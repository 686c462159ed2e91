// Services from a table of a SQL database, read every five seconds:
//   CREATE TABLE services (name TEXT, host TEXT, endpoint TEXT)   -- one row an endpoint
import { DatabaseSync } from 'node:sqlite';

const INTERVAL = 5000;

/** @param {string} [file] the database; SERVICES_DB unless given */
export default function sqlProvider(file = process.env.SERVICES_DB ?? 'services.db', interval = INTERVAL) {
  let sink,
    timer,
    stopped = false;

  function read() {
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      return db.prepare('SELECT name, host, endpoint FROM services ORDER BY name, endpoint').all();
    } finally {
      db.close();
    }
  }

  function poll() {
    clearTimeout(timer);
    if (stopped) return;
    try {
      const services = Map.groupBy(read(), ({ name }) => name);
      sink.publish({
        objects: [...services].map(([name, rows]) => ({
          object: { kind: 'Service', name, host: rows[0].host ?? undefined, endpoints: rows.map(({ endpoint }) => endpoint) },
          origin: `${file}, table services, name ${name}`,
        })),
      });
      sink.report({ state: 'ok' });
    } catch (error) {
      // What was published last stays.
      sink.report({ state: 'down', message: `${file}: ${error.message}; tried again in ${interval / 1000} s` });
    }
    timer = setTimeout(poll, interval);
  }

  return {
    name: 'sql',
    source: file,
    start(to) {
      sink = to;
      poll();
    },
    resync: poll,
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
