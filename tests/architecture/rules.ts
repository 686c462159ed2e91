/**
 * Which room may import from which; docs/ARCHITECTURE.md explains them. A room is a folder of src/. An entry with a slash
 * is a file of a room or a folder in it, and grants that alone.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ['lib'],
  proto: ['lib'],
  config: ['model', 'lib'],
  // Text to objects with positions: for files, pipes and editors alike.
  documents: ['model', 'lib'],
  registry: ['model', 'lib'],
  // Documents are what files, answers and pushes hold.
  providers: ['documents', 'model', 'lib'],
  translator: ['model', 'proto', 'lib'],
  ai: ['model', 'proto', 'lib'],
  xds: ['lib'],
  rollout: ['model', 'translator', 'xds', 'lib'],
  // Of proto only the type of JSON.
  envoy: ['config', 'lib', 'proto/json.ts'],
  // OpenTelemetry, behind the port in lib/tracer.ts.
  telemetry: ['lib'],
  api: ['model', 'lib'],
  // Runs on other hosts than the daemon, and knows of it what its API says.
  agent: ['providers', 'model', 'lib'],
  // Of api what goes over the wire, of which types.ts names all.
  cli: ['config', 'documents', 'lib', 'model', 'api/types.ts'],
  daemon: ['api', 'ai', 'config', 'documents', 'envoy', 'lib', 'model', 'proto', 'providers', 'registry', 'rollout', 'telemetry', 'translator', 'xds'],
};

/** Single files that may import more than their room, or that stand outside of one. */
export const FILES: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'lib'],
  'build.ts': [],
  'cli/ready-text.ts': ['daemon/daemon.ts'],
  'cli/serve-run.ts': ['daemon'],
  // The one command that changes a data folder itself: no daemon may run meanwhile.
  'cli/commands/restore.ts': ['registry/restore.ts'],
  // Checks without a daemon what the daemon would: raw resources against Envoy's API.
  'cli/commands/validate.ts': ['proto/envoy-api.ts', 'translator/raw.ts'],
  // Checks labels without a daemon by what the daemon makes of them.
  'cli/commands/lint.ts': ['providers/docker'],
  // Runs by itself, on the hosts that it tells of.
  'cli/commands/agent.ts': ['agent', 'providers/docker/address.ts', 'providers/docker/watcher.ts'],
  'cli/commands/up.ts': ['daemon', 'envoy'],
  'cli/commands/bootstrap.ts': ['envoy'],
};

/** Packages, each at home in the rooms that it was chosen for; what is not listed may be imported nowhere in src. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  // WebSockets on the API's own port.
  '@fastify/websocket': ['api'],
  '@grpc/grpc-js': ['xds'],
  '@peculiar/x509': ['cli'],
  'reflect-metadata': ['cli'],
  '@opentelemetry/api': ['telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['telemetry'],
  '@opentelemetry/resources': ['telemetry'],
  '@opentelemetry/sdk-trace': ['telemetry'],
  'better-sqlite3': ['registry'],
  chokidar: ['providers'],
  commander: ['cli'],
  dockerode: ['providers'],
  esbuild: ['build.ts'],
  fastify: ['api'],
  pino: ['lib'],
  'pino-pretty': ['lib'],
  'prom-client': ['api'],
  protobufjs: ['proto', 'xds'],
  yaml: ['cli', 'config', 'documents', 'envoy'],
  zod: ['config', 'model', 'api'],
};

/** Rooms without clock, I/O or randomness: same input, same output. They may use the parts of Node that only compute. */
export const PURE_ROOMS: ReadonlySet<string> = new Set(['model', 'translator']);
export const PURE_BUILTINS: ReadonlySet<string> = new Set([
  'node:net',
  'node:url',
  'node:util',
  'node:buffer',
  // Reads certificates and keys; what it has of chance is caught by IMPURE.
  'node:crypto',
]);
export const IMPURE =
  /\b(?:Date\.now|new Date\(\)|performance\.now|Math\.random|randomUUID|randomBytes|randomInt|randomFill|getRandomValues|generateKey|generatePrime|setTimeout|setInterval|setImmediate|process\.|console\.|fetch\()/;

/** What only one file may do. */
export const ONLY: readonly { readonly what: string; readonly pattern: RegExp; readonly file: string }[] = [
  { what: 'process.exit', pattern: /\bprocess\s*\.\s*(?:exit|reallyExit|abort)\b/, file: 'main.ts' },
  { what: 'import.meta', pattern: /\bimport\.meta\b/, file: 'lib/assets.ts' },
  { what: 'node:sea', pattern: /['"`]node:sea['"`]/, file: 'lib/assets.ts' },
];
