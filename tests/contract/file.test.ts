import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileProvider } from '../../src/providers/file/provider.ts';
import { tempDir } from '../support/program.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

const documents = (services: Services): string =>
  Object.entries(services)
    .map(([name, endpoints]) => `kind: Service\nname: ${name}\nhost: ${name}.example.com\nendpoints: ${JSON.stringify(endpoints)}\n`)
    .join('---\n') || '# none\n';

/** A folder that goes and comes back. @param put writes the documents into it */
function folderOf(put: (folder: string, services: Services) => void): () => Harness {
  return () => {
    const outer = tempDir();
    const [folder, elsewhere] = [join(outer.path, 'services'), join(outer.path, 'elsewhere')];
    let place = folder;
    mkdirSync(folder);
    return {
      provider: new FileProvider({ paths: [folder], pollSeconds: 3600 }),
      set: (services) => {
        put(place, services);
        rmSync(join(place, 'wrong.yaml'), { force: true });
      },
      setWithGarbage: (services) => {
        put(place, services);
        writeFileSync(join(place, 'wrong.yaml'), 'kind: Service\nname: wrong\nendpoints: 5\n---\n[}\n');
      },
      away: () => {
        renameSync(folder, elsewhere);
        place = elsewhere;
      },
      back: () => {
        renameSync(elsewhere, folder);
        place = folder;
      },
      close: () => outer.remove(),
    };
  };
}

describeProvider(
  'of a file that is written in place',
  folderOf((folder, services) => writeFileSync(join(folder, 'all.yaml'), documents(services))),
);

describeProvider(
  'of a file that is renamed into place',
  folderOf((folder, services) => {
    writeFileSync(join(folder, '.all.tmp'), documents(services));
    renameSync(join(folder, '.all.tmp'), join(folder, 'all.yaml'));
  }),
);
