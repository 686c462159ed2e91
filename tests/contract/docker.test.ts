import { engineAddress } from '../../src/providers/docker/address.ts';
import { LABEL_DEFAULTS } from '../../src/providers/docker/label-options.ts';
import { DockerProvider } from '../../src/providers/docker/provider.ts';
import { DockerWatcher } from '../../src/providers/docker/watcher.ts';
import { type StandIn, StandInEngine } from '../support/stand-in-engine.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

const labels = (service: string): StandIn['labels'] => ({
  'envoyage.enable': 'true',
  'envoyage.host': `${service}.example.com`,
  'com.docker.compose.service': service,
});

/** A container for each endpoint. */
function containers(services: Services): StandIn[] {
  return Object.entries(services).flatMap(([service, endpoints]) =>
    endpoints.map((endpoint, i): StandIn => {
      const [ip = '', port] = endpoint.split(':');
      return { name: `${service}-${i + 1}`, ip, port: Number(port), labels: labels(service) };
    }),
  );
}

const WRONG: StandIn = { name: 'wrong', ip: '10.0.9.9', port: 80, labels: { ...labels('wrong'), 'envoyage.prot': '80' } };

async function engine(): Promise<Harness> {
  const standIn = await new StandInEngine().open();
  const address = engineAddress({ host: `unix://${standIn.socket}`, env: {}, home: '/', exists: () => true });
  return {
    provider: new DockerProvider({ sources: [new DockerWatcher({ host: 'local', address })], labels: LABEL_DEFAULTS, source: address.text }),
    set: (services) => standIn.run(containers(services)),
    setWithGarbage: (services) => standIn.run([...containers(services), WRONG]),
    away: () => standIn.away(),
    back: async () => {
      await standIn.open();
    },
    close: () => standIn.close(),
  };
}

describeProvider('of a Docker engine', engine);
