#!/usr/bin/env node
/**
 * Calls a service by its name, again and again, and prints who answered or why nobody did, one line a call. It knows no
 * address: which backends the name leads to it learns from Envoyage.
 *
 *     GRPC_XDS_BOOTSTRAP=grpc.json node client.mjs xds:///web.example.com
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials, status } from '@grpc/grpc-js';
import { register } from '@grpc/grpc-js-xds';

/** Answers with the name of the backend, a google.protobuf.StringValue. */
const METHOD = '/envoyage.example.Backend/Name';

const [target] = process.argv.slice(2);
if (target === undefined) {
  process.stderr.write('usage: client.mjs xds:///HOST\n');
  process.exit(2);
}

// Makes gRPC understand xds:///.
register();
const client = new Client(target, credentials.createInsecure());
for (;;) {
  process.stdout.write(`${await ask()}\n`);
  await delay(20);
}

/** @returns {Promise<string>} */
function ask() {
  return new Promise((resolve) => {
    const empty = () => Buffer.alloc(0);
    // Field 1 of a StringValue: a tag, a length below 128, the text.
    const text = (bytes) => bytes.subarray(2).toString();
    client.makeUnaryRequest(METHOD, empty, text, {}, { deadline: Date.now() + 2000 }, (error, name) => {
      resolve(error === null ? name : `${status[error.code]}: ${error.details}`);
    });
  });
}
