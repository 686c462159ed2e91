/**
 * Runs a command while requests go through Envoy, and counts those that fail:
 *
 *   node under-load.mjs URL HOST EXPECTED -- COMMAND [ARG…]
 *
 * Eight keep-alive connections each send a request, wait for the answer and a moment, and send the next, from before the
 * command begins until a while after it has ended. A request that begins after the command has ended must be answered
 * with EXPECTED. Exits with the command's code, or with 1 where a request failed or was answered by the wrong upstream.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const CONNECTIONS = 8;
const PAUSE_MS = 5;
const AFTERWARDS_MS = 500;
const REQUEST_TIMEOUT_MS = 10_000;

const [url, host, expected, dashes, command, ...args] = process.argv.slice(2);
if (command === undefined || dashes !== '--') {
  console.error('usage: node under-load.mjs URL HOST EXPECTED -- COMMAND [ARG…]');
  process.exit(2);
}

/** @returns the first line of the answer */
function get(agent) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { host }, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? resolve(body.split('\n')[0]) : reject(new Error(`HTTP ${response.statusCode} ${body.trim()}`))));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
}

const answers = new Map();
const failures = [];
let stale = 0;
let ended = false;
let stopped = false;

async function sendOnOneConnection(onFirst) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!stopped) {
    const afterwards = ended;
    try {
      const answer = await get(agent);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      if (afterwards && answer !== expected) stale++;
    } catch (error) {
      failures.push(error.message);
    }
    onFirst();
    await delay(PAUSE_MS);
  }
  agent.destroy();
}

const senders = [];
const warm = Array.from({ length: CONNECTIONS }, () => new Promise((resolve) => senders.push(sendOnOneConnection(resolve))));
await Promise.all(warm);

const child = spawn(command, args, { stdio: 'inherit' });
const code = await Promise.race([once(child, 'exit').then(([status, signal]) => status ?? signal), once(child, 'error').then(([error]) => error.message)]);
ended = true;
await delay(AFTERWARDS_MS);
stopped = true;
await Promise.all(senders);

const answered = [...answers].map(([answer, count]) => `${count} × "${answer}"`).join(', ');
console.log(`meanwhile, on ${CONNECTIONS} connections: ${answered || 'no answer'}, ${failures.length} failed`);
for (const failure of new Set(failures)) console.log(`  failed: ${failure}`);
if (stale > 0) console.log(`  ${stale} requests that began after the command had ended were not answered with "${expected}"`);
if (code !== 0) console.log(`  the command ended with ${code}`);
process.exitCode = typeof code === 'number' && code !== 0 ? code : code !== 0 || failures.length > 0 || stale > 0 ? 1 : 0;
