import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { keyOf } from '../../src/model/kinds.ts';
import { Aggregator } from '../../src/providers/aggregator.ts';
import { FileProvider } from '../../src/providers/file/provider.ts';
import { openRegistry } from '../../src/registry/sqlite.ts';
import { tempDir } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const service = (name: string): string => `kind: Service\nname: ${name}\nhost: ${name}.example.com\nendpoints: [10.0.0.1:80]\n`;

it('what a broken file said before stays over a restart, and what a good one says no more goes', async () => {
  const folder = tempDir();
  const [services, dataDir] = [join(folder.path, 'services'), join(folder.path, 'data')];
  mkdirSync(services);
  const write = (name: string, text: string): void => writeFileSync(join(services, name), text);
  const run = async (what: string, holds: (keys: readonly string[], problems: readonly string[]) => boolean): Promise<void> => {
    const registry = openRegistry({ dataDir });
    const aggregator = new Aggregator({ objects: registry, providers: [new FileProvider({ paths: [services], pollSeconds: 3600 })] });
    try {
      aggregator.start();
      await waitFor(what, () =>
        holds(
          [...registry.objects()].map(keyOf).toSorted(),
          aggregator.get('file').problems.map(({ origin = '' }) => origin),
        ),
      );
    } finally {
      await aggregator.stop();
      registry.close();
    }
  };
  try {
    write('a.yaml', `${service('a')}---\n${service('b')}`);
    write('c.yaml', `${service('c')}---\n${service('d')}`);
    await run('all of them', (keys) => keys.join() === 'a,b,c,d');
    write('a.yaml', `${service('a')}---\n${service('b').replace('kind:', 'kind: [')}`);
    write('c.yaml', service('c'));
    await run('three of them', (keys, problems) => keys.join() === 'a,b,c' && problems.length > 0);
    write('a.yaml', service('a'));
    await run('two of them', (keys, problems) => keys.join() === 'a,c' && problems.length === 0);
  } finally {
    folder.remove();
  }
});
