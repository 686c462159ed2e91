import type { TextFault } from '../../../documents/parse.ts';
import { declareServices, type LabelOptions } from '../declare.ts';
import type { LabelCode, LabelProblem } from '../label-fault.ts';
import { PREFIX } from '../label-key.ts';
import { type Imagined, imagine } from './containers.ts';
import { type Outcome, outcomes } from './outcome.ts';
import { type ComposeService, projectsOf } from './project.ts';
import { type ComposeText, readCompose } from './read-compose.ts';

export interface LintProblem {
  /** `docker-compose.yaml:12:7` */
  readonly origin: string;
  readonly code: LabelCode | 'invalid-file';
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Linted {
  /** By place. */
  readonly problems: readonly LintProblem[];
  /** What would come of it. */
  readonly services: readonly Outcome[];
}

/** What the labels in compose files would become, and what is wrong with them, by what the daemon itself makes of containers. Nothing is thrown. */
export function lintCompose(texts: readonly ComposeText[], options: LabelOptions, project?: string): Linted {
  const problems: LintProblem[] = [];
  const hear = ({ origin, message }: TextFault): void => {
    problems.push({ origin, code: 'invalid-file', message });
  };
  const files = texts.flatMap((text) => readCompose(text, project, hear) ?? []);
  const imagined = imagine(projectsOf(files));
  // No time passes: the containers have been there for ever.
  const { state } = declareServices([imagined.engine], options, new Date(0));
  for (const problem of state.problems) problems.push(placed(problem, imagined));
  return { problems: inOrder(problems), services: outcomes(state.objects, imagined) };
}

function placed({ code, container, label, message, hint }: LabelProblem, { services }: Imagined): LintProblem {
  const service = services.get(container);
  const said = label === undefined ? undefined : service?.labels.get(label);
  const whose = label === undefined || code === 'unknown-label' ? '' : `${label}: `;
  const text = label === undefined && service !== undefined ? `service ${service.name}: ${message}` : whose + message;
  const [missing] = said?.missing ?? [];
  const origin = said?.at ?? placeOf(service);
  if (missing === undefined) return { origin, code, message: text, ...(hint === undefined ? {} : { hint }) };
  return { origin, code, message: `${text} (the variable ${missing} is not set here)`, hint: `${missing}=… envoyage lint, or a default: \${${missing}:-…}` };
}

/** Where a service begins to say something to Envoyage. */
function placeOf(service: ComposeService | undefined): string {
  const first = [...(service?.labels ?? [])].find(([label]) => label.startsWith(PREFIX));
  return first?.[1].at ?? service?.at ?? '';
}

/** By place, each once: replicas say the same. What follows from a text that cannot be read is not said besides. */
function inOrder(problems: readonly LintProblem[]): LintProblem[] {
  const unread = new Set(problems.flatMap(({ code, origin }) => (code === 'invalid-file' ? [origin] : [])));
  const causes = problems.filter(({ code, origin }) => code === 'invalid-file' || !unread.has(origin));
  const each = new Map(causes.map((problem) => [`${problem.origin}\n${problem.message}`, problem]));
  return [...each.values()].toSorted((a, b) => compare(a.origin, b.origin) || (a.message < b.message ? -1 : 1));
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
