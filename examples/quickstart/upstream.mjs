/**
 * An upstream to point Envoy at: node upstream.mjs NAME PORT [ADDRESS…]
 *
 *   GET /            "Hello from upstream NAME"
 *   GET /slow?ms=N   the same after N milliseconds (1000 unless given, at most a minute)
 *
 * It listens on 127.0.0.1 and ::1 unless told otherwise; containers give it 0.0.0.0. Needs Node 20 or later, nothing else.
 */
import { createServer } from 'node:http';

const [name, portText, ...addresses] = process.argv.slice(2);
const port = Number(portText);
if (!name || !Number.isInteger(port) || port < 1 || port > 65535) {
  console.error('usage: node upstream.mjs NAME PORT [ADDRESS…]');
  process.exit(2);
}

const LONGEST_DELAY_MS = 60_000;

function answer(request, response) {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const delayMs = url.pathname === '/slow' ? Math.min(Number(url.searchParams.get('ms') ?? 1000) || 0, LONGEST_DELAY_MS) : 0;
  const send = () => response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(`Hello from upstream ${name}\n`);
  if (delayMs === 0) send();
  else setTimeout(send, delayMs);
  request.resume();
}

function listen(address) {
  const server = createServer(answer);
  // Longer than the hour after which Envoy closes an idle connection: were it shorter, Envoy might send a request into a
  // connection that is being closed here. Node's own default is 5 seconds.
  server.keepAliveTimeout = 75 * 60 * 1000;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: address, ipv6Only: address.includes(':') }, () => resolve(server));
  });
}

const servers = [];
for (const address of addresses.length > 0 ? addresses : ['127.0.0.1', '::1']) {
  try {
    servers.push(await listen(address));
    console.log(`upstream ${name} listens on ${address.includes(':') ? `[${address}]` : address}:${port}`);
  } catch (error) {
    const hasNoIpv6 = addresses.length === 0 && address === '::1' && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code);
    console.error(`upstream ${name} cannot listen on ${address} port ${port}: ${error.message}`);
    if (!hasNoIpv6) process.exit(1);
  }
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    for (const server of servers) {
      server.close();
      server.closeIdleConnections();
    }
    // Requests under way may end; whoever holds a connection open without one does not keep us.
    setTimeout(() => process.exit(0), 1000).unref();
  });
}
