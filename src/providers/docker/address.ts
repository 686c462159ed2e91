import { join } from 'node:path';
import { EnvoyageError } from '../../lib/errors.ts';

/** Where an engine is spoken to. */
export interface EngineAddress {
  /** For people: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`. */
  readonly text: string;
  /** Absolute; the first of them that is there is taken. */
  readonly sockets?: readonly string[];
  readonly host?: string;
  readonly port?: number;
  /** Files, PEM, read at each connection, so that renewed ones count. What is missing is not said: the system's authorities, no client certificate. */
  readonly tls?: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined };
}

export interface AddressInput {
  /** The option, before DOCKER_HOST. */
  readonly host?: string | undefined;
  readonly tls?: EngineAddress['tls'] | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's. */
  readonly home: string;
  /** True where a file is there. */
  exists(path: string): boolean;
}

/**
 * Which engine the options and the variables of the docker command line mean: DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH
 * (https://docs.docker.com/reference/cli/docker/#environment-variables). Its contexts are not read.
 * @throws EnvoyageError invalid-config
 */
export function engineAddress({ host, tls, env, home, exists }: AddressInput): EngineAddress {
  const said = host ?? (env.DOCKER_HOST || undefined);
  if (said === undefined) return { text: `unix://${usualSockets(env, home).find(exists) ?? '/var/run/docker.sock'}`, sockets: usualSockets(env, home) };
  const name = host === undefined ? 'DOCKER_HOST' : '--docker-host';
  const given = said.includes('://') ? said : `tcp://${said}`;
  const fault = engineHostFault(given);
  if (fault !== undefined) {
    throw new EnvoyageError('invalid-config', `${name} "${said}" ${fault}`, {
      hint: `set ${name} to unix:///PATH or tcp://HOST:PORT${/^ssh:/.test(given) ? '; ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST brings a remote socket here' : ''}`,
    });
  }
  if (given.startsWith('unix://')) {
    const path = given.slice('unix://'.length);
    return path === '' ? { text: 'unix:///var/run/docker.sock', sockets: ['/var/run/docker.sock'] } : { text: given, sockets: [path] };
  }
  const url = new URL(given);
  const files = tls ?? (env.DOCKER_TLS_VERIFY ? dockerCertificates(env.DOCKER_CERT_PATH || join(home, '.docker'), exists) : undefined);
  const secure = files ?? (url.protocol === 'https:' ? {} : undefined);
  const port = url.port === '' ? (secure === undefined ? 2375 : 2376) : Number(url.port);
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  return { text: `tcp://${url.hostname}:${port}`, host: bare, port, ...(secure === undefined ? {} : { tls: secure }) };
}

/** Why nothing can be reached at such a text, the rest of a sentence that begins with it; undefined where it can. */
export function engineHostFault(text: string): string | undefined {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    return path === '' || path.startsWith('/') ? undefined : 'must have an absolute path, as in unix:///var/run/docker.sock';
  }
  const url = URL.parse(text);
  if (url === null) return 'must be unix:///PATH or tcp://HOST:PORT';
  // docker-modem knows ssh, but asks no host for its key: whoever is in between could play the engine.
  if (url.protocol === 'ssh:') return 'is not supported: forward the socket by ssh itself';
  if (!['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '') return 'must be unix:///PATH or tcp://HOST:PORT';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or a password';
  return !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '' ? 'must end with its port' : undefined;
}

/** Docker's, Docker Desktop's, rootless Docker's, podman's. */
function usualSockets(env: AddressInput['env'], home: string): string[] {
  const runtime = env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock'), join(env.XDG_RUNTIME_DIR, 'podman/podman.sock')] : [];
  return ['/var/run/docker.sock', join(home, '.docker/run/docker.sock'), ...runtime, '/run/podman/podman.sock'];
}

/** The names that the docker command line gives them; it does without those that are missing, too. */
function dockerCertificates(folder: string, exists: (path: string) => boolean): NonNullable<EngineAddress['tls']> {
  const file = (name: string): string | undefined => (exists(join(folder, name)) ? join(folder, name) : undefined);
  return { ca: file('ca.pem'), cert: file('cert.pem'), key: file('key.pem') };
}
