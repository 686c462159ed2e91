import { createReadStream, statSync } from 'node:fs';
import type { ApiPorts } from './ports.ts';
import { type Route, route } from './route.ts';
import { noQuery } from './schemas.ts';

/** The database as a file. */
export function backupRoutes({ backup, services }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/backup',
      operation: 'backup',
      summary: 'The whole database as of one moment, as an SQLite file. Keys in it are sealed with secret.key, which is not in it.',
      query: noQuery,
      answers: { 200: { description: 'The file.', type: 'application/vnd.sqlite3' } },
      problems: [503],
      handle: async ({ signal }) => {
        const file = await backup();
        try {
          const { size } = statSync(file.path);
          const body = createReadStream(file.path, { signal });
          body.once('close', () => file.remove());
          const name = `envoyage-${services.revision}.db`;
          const headers = {
            'content-type': 'application/vnd.sqlite3',
            'content-length': String(size),
            'content-disposition': `attachment; filename="${name}"`,
          };
          return { status: 200, headers, body };
        } catch (thrown) {
          file.remove();
          throw thrown;
        }
      },
    }),
  ];
}
