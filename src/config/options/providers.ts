import { about } from '../about.ts';
import { files, flag, path, providerNames } from '../fields.ts';
import { DOCKER_OPTIONS } from './docker.ts';
import { SOURCE_OPTIONS } from './sources.ts';

const topic = 'Providers';

/** Whose objects are taken. */
export const PROVIDER_OPTIONS = {
  ...DOCKER_OPTIONS,
  'provider-module': files().register(about, {
    kind: 'paths',
    topic,
    placeholder: 'FILE',
    description: 'a JavaScript module with a provider of your own; repeatable',
  }),
  ...SOURCE_OPTIONS,
  'provider-priority': providerNames.register(about, {
    kind: 'list',
    topic,
    placeholder: 'NAME',
    description: 'who has an object that several providers declare: the first named; repeatable, those that are not named follow by name',
  }),
  agents: flag.default(false).register(about, {
    kind: 'boolean',
    topic,
    placeholder: '',
    description: 'take the containers of hosts on which envoyage agent runs; agent-token-file says so as well',
  }),
  'agent-token-file': path.optional().register(about, {
    kind: 'file',
    topic,
    placeholder: 'FILE',
    description: 'tokens of agents, NAME TOKEN a line, * for any name; they open what agents need and nothing else',
    defaultText: 'agents carry the token of http-token-file',
  }),
} as const;
