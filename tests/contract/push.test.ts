import type { PushProvider } from '../../src/providers/push/push-provider.ts';
import { Pushes } from '../../src/providers/push/pushes.ts';
import { readPush } from '../../src/providers/push/read.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

/** What somebody pushes under one name, as the API takes it. */
async function pushed(): Promise<Harness> {
  const pushes = new Pushes({ store: { load: () => [], save: () => undefined, drop: () => undefined } });
  const put = (objects: readonly unknown[]) => pushes.put('test', readPush({ format: 'json', text: JSON.stringify(objects) }), 'ann');
  const { provider } = await put([]);
  const told = async (objects: readonly unknown[]): Promise<void> => {
    await put(objects);
    // As the daemon does it, which waits for what comes of it.
    provider.resync();
  };
  const objects = (services: Services) =>
    Object.entries(services).map(([name, endpoints]) => ({ kind: 'Service', name, host: `${name}.example.com`, endpoints }));
  return {
    provider: provider satisfies PushProvider,
    set: (services) => told(objects(services)),
    setWithGarbage: (services) => told([...objects(services), { kind: 'Service', name: 'wrong', endpoints: 5 }]),
    close: () => pushes.stop(),
  };
}

describeProvider('that is pushed to', pushed, { isTold: true });
