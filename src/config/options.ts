import { z } from 'zod';
import { LOG_FORMATS, LOG_LEVELS } from '../lib/logger.ts';
import { type About, about } from './about.ts';
import {
  address,
  addresses,
  canaryRules,
  choice,
  clientGroup,
  files,
  flag,
  groupRules,
  hostName,
  ipAddress,
  listeners,
  onDemandGroups,
  path,
  providerNames,
  pushLimits,
  share,
  url,
  wholeNumber,
} from './fields.ts';
import { SOURCE_OPTIONS } from './source-options.ts';

export type { OptionKind } from './about.ts';

function limit(least: number, most: number, unit: string, standard: number, placeholder: string, description: string) {
  return wholeNumber(least, most, unit).default(standard).register(about, { kind: 'integer', topic: 'xDS limits', placeholder, description });
}

/**
 * Every start-up option, once. A flag is `--` and the name, its environment variable `ENVOYAGE_` and the name in
 * capitals, the key in the file the name itself.
 */
export const OPTIONS = {
  'http-address': address(0)
    .default({ host: '127.0.0.1', port: 8080 })
    .register(about, { kind: 'text', topic: 'HTTP API', placeholder: 'HOST:PORT', description: 'where the HTTP API listens; port 0 takes a free one' }),
  'http-allowed-host': z
    .array(hostName, { error: 'must be a list of host names' })
    .default([])
    .register(about, { kind: 'list', topic: 'HTTP API', placeholder: 'NAME', description: 'a further name that requests may have as their Host; repeatable' }),
  'http-token-file': path
    .optional()
    .register(about, { kind: 'file', topic: 'HTTP API', placeholder: 'FILE', description: 'holds the token that every request must carry' }),
  'http-tls-cert': path
    .optional()
    .register(about, { kind: 'file', topic: 'HTTP API', placeholder: 'FILE', description: 'certificate chain of the HTTP API, PEM' }),
  'http-tls-key': path.optional().register(about, { kind: 'file', topic: 'HTTP API', placeholder: 'FILE', description: 'private key of http-tls-cert, PEM' }),
  'max-body-bytes': wholeNumber(1024, 256 * 1024 * 1024, 'bytes')
    .default(16 * 1024 * 1024)
    .register(about, { kind: 'integer', topic: 'HTTP API', placeholder: 'BYTES', description: 'the largest request body that is read' }),
  'xds-address': address(0)
    .default({ host: '127.0.0.1', port: 9090 })
    .register(about, { kind: 'text', topic: 'xDS', placeholder: 'HOST:PORT', description: 'where Envoys connect to; port 0 takes a free one' }),
  'xds-advertise': addresses.register(about, {
    kind: 'addresses',
    topic: 'xDS',
    placeholder: 'HOST:PORT',
    description: 'what bootstraps tell Envoys to dial; repeatable: further ones are for when those before are gone',
    defaultText: 'xds-address',
  }),
  'xds-tls-cert': path.optional().register(about, { kind: 'file', topic: 'xDS', placeholder: 'FILE', description: 'certificate chain of the xDS server, PEM' }),
  'xds-tls-key': path.optional().register(about, { kind: 'file', topic: 'xDS', placeholder: 'FILE', description: 'private key of xds-tls-cert, PEM' }),
  'xds-allow-plaintext': flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'xDS',
    placeholder: '',
    description: 'allow xDS off loopback without TLS: whoever reads the network reads what Envoys are sent',
  }),
  'xds-client-ca': path.optional().register(about, {
    kind: 'file',
    topic: 'xDS',
    placeholder: 'FILE',
    description: 'authorities of client certificates, PEM: only Envoys with a certificate of theirs may connect',
  }),
  'xds-client-group': z.array(clientGroup, { error: 'must be a list of GROUP=PATTERN' }).default([]).register(about, {
    kind: 'list',
    topic: 'xDS',
    placeholder: 'GROUP=PATTERN',
    description: 'the group of certificates with such a name, as in edge=spiffe://example.com/edge/*; repeatable',
  }),
  'xds-token-file': path.optional().register(about, {
    kind: 'file',
    topic: 'xDS',
    placeholder: 'FILE',
    description: 'bearer tokens of Envoys, NAME TOKEN GROUP... a line; with xds-client-ca either is enough',
  }),
  'xds-revoked': path.optional().register(about, {
    kind: 'file',
    topic: 'xDS',
    placeholder: 'FILE',
    description: 'client certificates that count no more: serial=HEX, sha256=HEX or name=NAME a line',
  }),
  'xds-max-message-bytes': limit(1024, 1 << 30, 'bytes', 64 << 20, 'N', 'the largest discovery request that is read'),
  'xds-max-streams': limit(1, 1_000_000, 'streams', 50_000, 'N', 'how many streams, and connections, may be open'),
  'xds-max-streams-per-address': limit(1, 1_000_000, 'streams', 5000, 'N', 'the same from one IP address'),
  'xds-max-stream-rate': limit(1, 100_000, 'streams', 2000, 'N', 'new streams a second, and as many at once; more of them wait'),
  'xds-max-request-rate': limit(1, 100_000, 'requests', 2000, 'N', 'requests a second on one stream; more are read more slowly'),
  'xds-first-request-seconds': limit(1, 3600, 'seconds', 10, 'N', 'for the handshake, for a first stream and for its first request'),
  'xds-silence-seconds': limit(1, 3600, 'seconds', 30, 'N', 'after which a silent connection is pinged; it ends unless it answers'),
  'xds-ttl': wholeNumber(0, 86_400, 'seconds').default(0).register(about, {
    kind: 'integer',
    topic: 'xDS',
    placeholder: 'SECONDS',
    description: 'an Envoy that has heard nothing for so long stops listening, until it hears again; 0 for never',
  }),
  listener: listeners.register(about, {
    kind: 'listeners',
    topic: 'Envoys',
    placeholder: '[GROUP=]HOST:PORT',
    description: 'what the Envoys of a group listen on; without GROUP= those of every group that is not named; repeatable',
    defaultText: '127.0.0.1:10000',
  }),
  'group-rule': groupRules.register(about, {
    kind: 'list',
    topic: 'Envoys',
    placeholder: 'GROUP=CONDITION',
    description:
      'who belongs to a group: id:PATTERN, cluster:PATTERN or metadata:KEY=PATTERN, * for any text; repeatable, the first that matches counts, else node.cluster',
  }),
  'on-demand': onDemandGroups.register(about, {
    kind: 'list',
    topic: 'Envoys',
    placeholder: 'GROUP',
    description: 'the Envoys of this group (* for every group) ask for a host when the first request for it comes; repeatable',
  }),
  canary: canaryRules.register(about, {
    kind: 'list',
    topic: 'Rollout',
    placeholder: '[GROUP=]N',
    description: 'as many Envoys of a group, or N% of them, get a change first, the others once these have taken it; 0 for none; repeatable',
  }),
  'canary-timeout': wholeNumber(1, 3600, 'seconds').default(30).register(about, {
    kind: 'integer',
    topic: 'Rollout',
    placeholder: 'SECONDS',
    description: 'as long do the others wait for canaries that do not answer',
  }),
  'push-limit': pushLimits.register(about, {
    kind: 'list',
    topic: 'Rollout',
    placeholder: '[GROUP=]N',
    description: 'at most as many publications a second to a group, what comes meanwhile goes out together; 0 for no limit; repeatable',
  }),
  'rollback-share': share.optional().register(about, {
    kind: 'number',
    topic: 'Rollout',
    placeholder: 'RATIO',
    description: 'a revision that more than this part of the Envoys of a group refuse is rolled back, from 0 to 1; left out, never',
  }),
  'check-with-envoy': flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'Rollout',
    placeholder: '',
    description: 'every write is held against a real Envoy of this machine first, and refused where that refuses it',
  }),
  docker: flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'Providers',
    placeholder: '',
    description: 'services come from the labels of containers of this machine, see docs/docker.md',
  }),
  'docker-host': z.string({ error: 'must be a URL' }).min(1, { error: 'is empty' }).optional().register(about, {
    kind: 'text',
    topic: 'Providers',
    placeholder: 'URL',
    description: 'the engine: unix:///PATH (podman has one, too) or tcp://HOST:PORT',
    defaultText: 'DOCKER_HOST, else the socket that is there',
  }),
  'docker-tls-ca': path.optional().register(about, {
    kind: 'file',
    topic: 'Providers',
    placeholder: 'FILE',
    description: 'authorities of the engine at docker-host, PEM: it is spoken to by TLS',
    defaultText: 'ca.pem in DOCKER_CERT_PATH with DOCKER_TLS_VERIFY',
  }),
  'docker-tls-cert': path
    .optional()
    .register(about, { kind: 'file', topic: 'Providers', placeholder: 'FILE', description: 'what the engine knows Envoyage by, PEM' }),
  'docker-tls-key': path
    .optional()
    .register(about, { kind: 'file', topic: 'Providers', placeholder: 'FILE', description: 'private key of docker-tls-cert, PEM' }),
  'docker-network': z.string({ error: 'must be the name of a network' }).min(1, { error: 'is empty' }).optional().register(about, {
    kind: 'text',
    topic: 'Providers',
    placeholder: 'NAME',
    description: 'the network on which Envoys reach containers that are on several and do not say',
  }),
  'docker-expose-by-default': flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'Providers',
    placeholder: '',
    description: 'containers count without envoyage.enable=true',
  }),
  'docker-address': ipAddress.optional().register(about, {
    kind: 'text',
    topic: 'Providers',
    placeholder: 'IP',
    description: 'where Envoys reach ports that containers publish on this machine, for envoyage.address=host',
  }),
  'docker-reconcile-seconds': wholeNumber(1, 86_400, 'seconds').default(60).register(about, {
    kind: 'integer',
    topic: 'Providers',
    placeholder: 'SECONDS',
    description: 'how often what is known is compared with the engine, beside what it tells by itself',
  }),
  'provider-module': files().register(about, {
    kind: 'paths',
    topic: 'Providers',
    placeholder: 'FILE',
    description: 'a JavaScript module with a provider of your own; repeatable',
  }),
  ...SOURCE_OPTIONS,
  'provider-priority': providerNames.register(about, {
    kind: 'list',
    topic: 'Providers',
    placeholder: 'NAME',
    description: 'who has an object that several providers declare: the first named; repeatable, those that are not named follow by name',
  }),
  agents: flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'Providers',
    placeholder: '',
    description: 'take the containers of hosts on which envoyage agent runs; agent-token-file says so as well',
  }),
  'agent-token-file': path.optional().register(about, {
    kind: 'file',
    topic: 'Providers',
    placeholder: 'FILE',
    description: 'tokens of agents, NAME TOKEN a line, * for any name; they open what agents need and nothing else',
    defaultText: 'agents carry the token of http-token-file',
  }),
  'data-dir': path.register(about, {
    kind: 'dir',
    topic: 'Storage',
    placeholder: 'DIR',
    description: 'where the database lies',
    defaultText: '~/.local/state/envoyage, for root /var/lib/envoyage',
  }),
  'secret-key-file': path.optional().register(about, {
    kind: 'file',
    topic: 'Storage',
    placeholder: 'FILE',
    description: 'what the keys of certificates are sealed with: 32 random bytes in base64',
    defaultText: 'secret.key in data-dir, made when it is needed',
  }),
  'new-secret-key': flag.default(false).register(about, {
    kind: 'boolean',
    topic: 'Storage',
    placeholder: '',
    description: 'start although sealed keys do not open: their certificates have to be applied again',
  }),
  'log-level': choice(LOG_LEVELS)
    .default('info')
    .register(about, { kind: 'choice', topic: 'Logging', placeholder: 'LEVEL', description: `the least that is logged: ${LOG_LEVELS.join(', ')}` }),
  'log-format': choice(LOG_FORMATS)
    .default('auto')
    .register(about, { kind: 'choice', topic: 'Logging', placeholder: 'FORMAT', description: `${LOG_FORMATS.join(', ')}; auto is pretty on a terminal` }),
  'otlp-endpoint': url.optional().register(about, {
    kind: 'text',
    topic: 'Traces',
    placeholder: 'URL',
    description: 'an OpenTelemetry receiver that gets a trace of each change, by OTLP over HTTP, as in http://127.0.0.1:4318',
  }),
  'otlp-sample-ratio': share
    .default(1)
    .register(about, { kind: 'number', topic: 'Traces', placeholder: 'RATIO', description: 'the part of the traces that is kept, from 0 to 1' }),
} as const;

export type OptionName = keyof typeof OPTIONS;
export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

/** Those that hold several are plural in code: a flag names one of them, a property has them all. */
const PLURAL = {
  listener: 'listeners',
  'group-rule': 'groupRules',
  'http-allowed-host': 'httpAllowedHosts',
  'xds-client-group': 'xdsClientGroups',
  'provider-module': 'providerModules',
  file: 'files',
} as const;
type Property<N extends OptionName> = N extends keyof typeof PLURAL ? (typeof PLURAL)[N] : CamelCase<N>;

/** The options in force. `listeners` always has a `default`, which holds for groups that are not named; paths are absolute. */
export type Options = { readonly [N in OptionName as Property<N>]: z.output<(typeof OPTIONS)[N]> };

export function propertyOf<N extends OptionName>(name: N): Property<N> {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return (name in PLURAL ? PLURAL[name as keyof typeof PLURAL] : camel) as Property<N>;
}

export function aboutOption(name: OptionName): About {
  const found = about.get(OPTIONS[name]);
  if (found === undefined) throw new Error(`the option ${name} lacks its description`);
  return found;
}

/** The values of a choice, for completion. */
export function choicesOf(name: OptionName): readonly string[] | undefined {
  const schema = OPTIONS[name];
  const inner = schema instanceof z.ZodDefault ? schema.unwrap() : schema;
  return inner instanceof z.ZodEnum ? inner.options : undefined;
}

export const flagOf = (name: string): string => `--${name}`;
export const envOf = (name: string): string => `ENVOYAGE_${name.toUpperCase().replaceAll('-', '_')}`;
