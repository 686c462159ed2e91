/**
 * What containers of the tests run: answers every request with their host name. `node container-upstream.mjs PORT [LATE]`: told to
 * stop, it takes requests for LATE milliseconds (0) more, while it asks those who send them to close their connections; then it
 * answers what it has and ends.
 */
import { createServer } from 'node:http';
import { hostname } from 'node:os';

const [port, late = '0'] = process.argv.slice(2);
let isStopping = false;
const server = createServer({ keepAliveTimeout: 600_000 }, (_, response) => {
  if (isStopping) response.setHeader('connection', 'close');
  response.end(hostname());
}).listen(Number(port));

process.once('SIGTERM', () => {
  isStopping = true;
  setTimeout(() => {
    server.close();
    server.closeIdleConnections();
  }, Number(late));
});
