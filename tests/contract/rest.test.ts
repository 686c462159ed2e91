import { RestProvider } from '../../src/providers/rest/provider.ts';
import { REST_DEFAULTS } from '../support/rest-options.ts';
import { restServer, says } from '../support/rest-server.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

/** @param encode the body of an answer @param garbage the same with one object that is wrong */
function polled(encode: (services: Services) => string, garbage: (services: Services) => string, type = 'application/json'): () => Promise<Harness> {
  return async () => {
    const server = await restServer(says(encode({})));
    return {
      // Sources of tests may lose everything.
      provider: new RestProvider({ ...REST_DEFAULTS, url: server.url, interval: 0.15, maxShrink: 1 }),
      set: (services) => {
        server.answer = says(encode(services), { 'content-type': type });
      },
      setWithGarbage: (services) => {
        server.answer = says(garbage(services), { 'content-type': type });
      },
      away: () => server.unlisten(),
      back: () => server.listen(),
      close: () => server.close(),
    };
  };
}

interface Backend {
  readonly name: string;
  readonly servers: readonly object[];
}
const backends = (services: Services): Backend[] =>
  Object.entries(services).map(([name, endpoints]) => ({
    name,
    servers: endpoints.map((each, i) => ({ name: `srv${i}`, ip: each.split(':')[0], port: Number(each.split(':')[1]) })),
  }));

describeProvider(
  'of backends that are polled',
  polled(
    (services) => JSON.stringify({ backends: backends(services) }),
    (services) => JSON.stringify({ backends: [...backends(services), { name: 'wrong', servers: [{ ip: '10.0.0.1' }] }] }),
  ),
);

const yaml = (services: Services): string =>
  Object.entries(services)
    .map(([name, endpoints]) => `kind: Service\nname: ${name}\nendpoints: ${JSON.stringify(endpoints)}\n`)
    .join('---\n') || '# none\n';

describeProvider(
  'of documents that are polled',
  polled(yaml, (services) => `${yaml(services)}---\nkind: Service\nname: wrong\nendpoints: 5\n`, 'application/yaml'),
);
