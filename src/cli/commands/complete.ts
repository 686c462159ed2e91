import type { Command } from 'commander';
import { addressOf } from '../../model/endpoint.ts';
import { type Candidate, candidates } from '../candidates.ts';
import type { Client } from '../client.ts';
import { type ClientFlags, connect } from '../connect.ts';
import type { Io, Session } from '../io.ts';
import { readKind } from '../kind-argument.ts';
import { bareName } from '../object-name.ts';

/** Somebody waits at the Tab key: a daemon that takes longer is not there. Milliseconds. */
const PATIENCE_MS = 2000;

export function define(command: Command, { io }: Session): void {
  command
    .argument('[words...]', 'the words after `envoyage`, the last one as far as it is typed')
    .addHelpText('after', '\nExample:\n  $ envoyage complete -- switch web')
    .action(async (words: string[]) => {
      const found = await complete(command.parent ?? command, words, io);
      io.stdout.write(found.map(({ word, description }) => `${description === '' ? word : `${word}\t${firstSentence(description)}`}\n`).join(''));
    });
}

async function complete(program: Command, words: readonly string[], io: Io): Promise<readonly Candidate[]> {
  const found = candidates(program, words);
  switch (found.kind) {
    case 'words':
      return found.words;
    case 'files':
      return [{ word: ':files', description: '' }];
    case 'objects':
      return (await known(words, io, (client) => objectNames(client, found.of))).filter(({ word }) => word.startsWith(found.prefix));
    case 'nodes':
      return (await known(words, io, nodeIds)).filter(({ word }) => word.startsWith(found.prefix));
    case 'providers': {
      const names = await known(words, io, providerNames);
      return [...names, ...found.words.map((word) => ({ word, description: '' }))].filter(({ word }) => word.startsWith(found.prefix));
    }
    case 'endpoints':
      return (await known(words, io, (client) => endpointsOf(client, found.of))).filter(({ word }) => word.startsWith(found.prefix));
    case 'services':
      return (await known(words, io, serviceIds)).filter(({ word }) => word.startsWith(found.prefix) && !found.given.includes(word));
  }
}

/** Nothing where the daemon does not answer, does not let us in, or is no daemon: the shell has no place to say so. */
async function known(words: readonly string[], io: Io, ask: (client: Client) => Promise<Candidate[]>): Promise<Candidate[]> {
  const value = (flag: string): string | undefined =>
    words.find((_, i) => words[i - 1] === flag) ?? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
  const server = value('--server');
  const tokenFile = value('--token-file');
  const flags: ClientFlags = { ...(server === undefined ? {} : { server }), ...(tokenFile === undefined ? {} : { tokenFile }) };
  try {
    return await ask(connect(flags, io, PATIENCE_MS));
  } catch {
    return [];
  }
}

async function serviceIds(client: Client): Promise<Candidate[]> {
  const { services } = await client.services();
  return services.map(({ id, endpoints }) => ({ word: id, description: endpoints.map(addressOf).join(', ') }));
}

async function endpointsOf(client: Client, id: string): Promise<Candidate[]> {
  const { services } = await client.services();
  const service = services.find((each) => each.id === bareName(id));
  return (service?.endpoints ?? []).map((endpoint) => ({ word: addressOf(endpoint), description: '' }));
}

async function providerNames(client: Client): Promise<Candidate[]> {
  const { providers } = await client.providers();
  return providers.map(({ name, state, source }) => ({ word: name, description: `${state}, ${source}` }));
}

async function objectNames(client: Client, kind: string): Promise<Candidate[]> {
  const { objects } = await client.objects({ kind: readKind(kind) });
  return objects.map(({ name }) => ({ word: name, description: '' }));
}

/** What a shell cannot take for one word is left to the user. */
async function nodeIds(client: Client): Promise<Candidate[]> {
  const { nodes } = await client.nodes();
  return nodes.filter(({ id }) => !/[\p{C}\p{Z}]/u.test(id)).map(({ id, group }) => ({ word: id, description: `group ${group}` }));
}

function firstSentence(text: string): string {
  return text.replace(/[\t\n]/g, ' ').slice(0, 70);
}
