import { LabelError } from './label-fault.ts';
import type { Words } from './words.ts';

/** The fields of a Service that labels say, all but its names and endpoints. */
export function upstreamFields(words: Words): Readonly<Record<string, unknown>> {
  return { ...protocolFields(words), ...balancerFields(words), ...healthFields(words) };
}

const ABOUT_TLS = ['upstream.sni', 'upstream.ca', 'upstream.alpn'];

/** TLS is spoken where the protocol, `upstream.tls`, or any word about it says so. */
function protocolFields(words: Words): Readonly<Record<string, unknown>> {
  const protocol = words.text('protocol') ?? 'http';
  const wanted = words.flag('upstream.tls');
  const about = words.anyOf(ABOUT_TLS);
  if (wanted === false) {
    const said = about ?? (protocol === 'https' ? words.said('protocol') : undefined);
    if (said !== undefined) throw contradiction(said.label, `${said.label} is about TLS, and upstream.tls says that there is none`, 'leave one of the two out');
  }
  if (wanted !== true && about === undefined && protocol !== 'https') return protocol === 'http' ? {} : { protocol };
  const sni = words.text('upstream.sni');
  const label = (words.anyOf(['upstream.tls', 'protocol']) ?? about)?.label;
  if (sni === undefined)
    throw contradiction(
      label,
      'containers are reached by their addresses, so that TLS needs a name: the one that their certificate is for',
      `${words.prefix}upstream.sni=web.internal`,
    );
  const ca = words.text('upstream.ca');
  const authority = ca === undefined ? {} : ca.startsWith('/') ? { caFile: ca } : { ca };
  const { alpn, ...spoken } = overTls(protocol, words);
  return { ...spoken, tls: { sni, ...authority, ...(alpn === undefined ? {} : { alpn }) } };
}

/** https is HTTP/2 or HTTP/1.1, as the endpoint chooses; what the model calls grpc with TLS is HTTP/2 alone. */
function overTls(protocol: string, words: Words): { readonly protocol: string; readonly alpn?: string } {
  const alpn = words.list('upstream.alpn');
  const said = words.said('upstream.alpn');
  const http2 = protocol === 'grpc' || protocol === 'h2c';
  if (alpn === undefined || said === undefined) return { protocol: http2 ? 'grpc' : 'https' };
  if (alpn.includes('h2')) return { protocol: http2 || alpn.length === 1 ? 'grpc' : 'https' };
  if (http2) throw contradiction(said.label, `${protocol} is HTTP/2, and upstream.alpn leaves h2 out`, `${said.label}=h2`);
  return { protocol: 'https', alpn: 'http/1.1' };
}

/** Without a word about what to sort by, the client's address is what all requests have. */
function balancerFields(words: Words): Readonly<Record<string, unknown>> {
  const policy = words.text('lb')?.replace('_', '-');
  const slowStart = words.text('slow_start');
  if (policy === undefined && slowStart === undefined) return {};
  const hashes = policy === 'ring-hash' || policy === 'maglev';
  const balancer = {
    ...(policy === undefined ? {} : { policy }),
    ...(hashes ? { hashOn: { sourceIp: true } } : {}),
    ...(slowStart === undefined ? {} : { slowStart }),
  };
  return { balancer };
}

const CHECK_WORDS = ['interval', 'timeout', 'healthy', 'unhealthy'];

/** Whether what Docker's own check says counts. */
export function countsDocker(words: Words): boolean {
  const mode = words.text('health.mode');
  return mode !== 'active' && mode !== 'none';
}

function healthFields(words: Words): Readonly<Record<string, unknown>> {
  const path = words.text('health.path');
  const mode = words.text('health.mode') ?? (path === undefined ? 'docker' : 'both');
  const checks = CHECK_WORDS.map((word) => `health.${word}`);
  if (mode === 'docker' || mode === 'none') {
    const said = words.anyOf(['health.path', ...checks]);
    if (said === undefined) return {};
    const why = words.said('health.mode') === undefined ? 'there is no health.path to ask for' : `health.mode is ${mode}`;
    const hint = words.said('health.mode') === undefined ? `${words.prefix}health.path=/healthz` : `${words.prefix}health.mode=both`;
    throw contradiction(said.label, `${said.label} is for checks by Envoy, and ${why}`, hint);
  }
  const protocol = words.text('protocol');
  const kind = path !== undefined ? { path } : { type: protocol === 'grpc' || protocol === 'h2c' ? 'grpc' : 'tcp' };
  const timing = CHECK_WORDS.flatMap((word) => {
    const value = words.said(`health.${word}`)?.value;
    return value === undefined ? [] : [[word, value] as const];
  });
  return { health: { ...kind, ...Object.fromEntries(timing) } };
}

function contradiction(label: string | undefined, message: string, hint: string): LabelError {
  return new LabelError({ code: 'invalid-label', label, message, hint });
}
