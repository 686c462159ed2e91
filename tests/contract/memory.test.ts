import type { Declaration, Provider, Sink } from '../../src/providers/provider.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

/** The smallest provider there is: it tells what it is told. */
function memory(): Harness {
  let sink: Sink | undefined;
  let objects: readonly Declaration[] = [];
  let isAway = false;
  const tell = (): void => {
    if (isAway) sink?.report({ state: 'down', message: 'away' });
    else sink?.publish({ objects });
  };
  const provider: Provider = {
    name: 'memory',
    source: 'a test',
    start: (to) => {
      sink = to;
      tell();
    },
    resync: tell,
    stop: async () => {
      sink = undefined;
    },
  };
  const declared = (services: Services): Declaration[] =>
    Object.entries(services).map(([name, endpoints]) => ({
      object: { kind: 'Service', name, host: `${name}.example.com`, endpoints },
      origin: `memory ${name}`,
    }));
  const set = (next: readonly Declaration[]): void => {
    objects = next;
    tell();
  };
  return {
    provider,
    set: (services) => set(declared(services)),
    setWithGarbage: (services) => set([...declared(services), { object: { kind: 'Service', name: 'wrong', endpoints: 5 }, origin: 'memory wrong' }]),
    away: () => {
      isAway = true;
      tell();
    },
    back: () => {
      isAway = false;
      tell();
    },
    close: () => undefined,
  };
}

describeProvider('in memory', memory);
