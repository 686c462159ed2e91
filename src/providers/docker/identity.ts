import type { Container } from './container.ts';
import type { ContainerWords } from './container-words.ts';
import { LabelError } from './label-fault.ts';
import { waysOf } from './route-plan.ts';
import type { Words } from './words.ts';

/** Which service it is. Two containers with one identity are one service; two identities with one key are not. */
export interface Identity {
  /** Exact, for comparison alone. */
  readonly id: string;
  /** What it is known by: `shop.web`, `web.example.com`. */
  readonly key: string;
}

const PROJECT = 'com.docker.compose.project';
const SERVICE = 'com.docker.compose.service';

/** True for what `docker compose run` starts: it bears the labels of the service, and does not serve. */
export function isOneOff({ labels }: Container): boolean {
  return labels['com.docker.compose.oneoff']?.toLowerCase() === 'true';
}

/** The compose project, or the one that a label says in its place. */
export function projectOf({ labels }: Container, { project }: ContainerWords): string | undefined {
  return project ?? labels[PROJECT];
}

/**
 * Of a named service: its project and name. Of the unnamed one: its project and what compose calls the service; outside of compose
 * the first host and what requests to it have to look like, so that all who say the same are one.
 * @throws LabelError nothing-declared, and invalid-label as `waysOf` does
 */
export function identityOf(container: Container, said: ContainerWords, name: string | undefined, words: Words): Identity {
  const project = projectOf(container, said);
  const called = name ?? container.labels[SERVICE];
  if (called !== undefined) return { id: JSON.stringify([project, called]), key: keyOf(project, [called]) };
  const [host] = words.list('host') ?? [];
  if (host === undefined)
    throw new LabelError({
      code: 'nothing-declared',
      message: 'nothing says what the service is called: there is no host, and no compose service',
      hint: 'envoyage.host=web.example.com, or a name: envoyage.web.port=8080',
    });
  const match = waysOf(words).routes.find((route) => route.name === undefined)?.match;
  return { id: JSON.stringify([project, null, host, match]), key: keyOf(project, [host, ...conditions(words)]) };
}

/** `api_v1` of the path `/api/v1`, `x_version_2` of a header. */
function conditions(words: Words): string[] {
  const path = words.text('path') ?? words.text('path.exact') ?? words.text('path.regex') ?? '/';
  const values = [...words.family('header.'), ...words.family('query.')].flatMap(([name, { value }]) => [name, String(value)]);
  return [path, ...(words.list('method') ?? []).toSorted(), ...values].map((part) => part.replace(/^[^A-Za-z0-9]+/, '')).filter((part) => part !== '');
}

/** With the name of a version or a further route after it, it still is one (253 characters). */
const MOST = 180;

/** Lower case, and of the characters that names have; what belongs together joined by underscores, the project by a dot. */
function keyOf(project: string | undefined, parts: readonly string[]): string {
  const name = parts
    .map((part, i) => (i === 0 ? part.toLowerCase().replace(/[^a-z0-9*._-]+/g, '-') : part.toLowerCase().replace(/[^a-z0-9]+/g, '_')))
    .join('_')
    .replace(/^[^a-z0-9*_]+|[^a-z0-9_]+$/g, '');
  // A project has no dots: what stands before the first one is all of it.
  const front = project === undefined ? '' : `${project.toLowerCase().replace(/[^a-z0-9_-]+/g, '-')}.`;
  return `${front.replace(/^[^a-z0-9_]+/, '')}${name || '_'}`.slice(0, MOST).replace(/[^a-z0-9_]+$/, '');
}
