import { createHash } from 'node:crypto';
import { container, report } from '../../src/providers/agents/agents.fixture.ts';
import { Agents } from '../../src/providers/agents/agents.ts';
import type { Container } from '../../src/providers/docker/container.ts';
import { LABEL_DEFAULTS } from '../../src/providers/docker/label-options.ts';
import { DockerProvider } from '../../src/providers/docker/provider.ts';
import { describeProvider, type Harness, type Services } from './suite.ts';

/** The containers of two hosts, as their agents tell of them. */
function agents(): Harness {
  const told = new Agents({ store: { load: () => [], save: () => undefined, drop: () => undefined }, times: { drain: () => 0, linger: () => 0 } });
  let sequence = 0;
  const tell = (containers: readonly Container[]): void => {
    sequence++;
    const half = Math.ceil(containers.length / 2);
    told.put('h1', report(containers.slice(0, half), { sequence, lease: 3600 }), '192.0.2.1');
    told.put('h2', report(containers.slice(half), { sequence, lease: 3600, instance: 'machine-b' }), '192.0.2.2');
  };
  return {
    provider: new DockerProvider({ sources: [told], labels: LABEL_DEFAULTS }),
    set: (services) => tell(containersOf(services)),
    setWithGarbage: (services) => tell([...containersOf(services), labelled('wrong', { 'envoyage.host': 'wrong.example.com', 'envoyage.prot': '80' })]),
    close: () => told.stop(),
  };
}

/** A container for each endpoint. */
function containersOf(services: Services): Container[] {
  return Object.entries(services).flatMap(([name, addresses]) =>
    addresses.map((address) => {
      const [ip = '', port = ''] = address.split(':');
      return labelled(`${name} ${address}`, { 'envoyage.host': `${name}.example.com`, 'envoyage.port': port, 'envoyage.address': ip });
    }),
  );
}

function labelled(name: string, labels: Record<string, string>): Container {
  return container(name, { id: createHash('sha256').update(name).digest('hex'), labels: { 'envoyage.enable': 'true', 'envoyage.linger': '0s', ...labels } });
}

describeProvider('of agents', agents, { isTold: true, nameOf: (service) => `${service}.example.com` });
