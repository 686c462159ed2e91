import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Node, NodeList, RefusedClient } from '../api/types.ts';
import type { StoredService } from '../model/service.ts';
import { daemonInfo, FakeApi, NOW, node, run, stored, type World } from './harness.fixture.ts';

const api = new FakeApi();
beforeAll(() => api.start());
afterAll(() => api.close());
beforeEach(() => api.reset());
afterEach(() => expect(api.offences).toEqual([]));

async function status(
  services: StoredService[],
  nodes: Node[],
  args: string[] = [],
  world: World = { terminal: 80, env: { NO_COLOR: '1' } },
  moved: NodeList['moved'] = [],
  refused?: RefusedClient[],
) {
  api.routes = {
    'GET /api/v1/daemon': { body: daemonInfo() },
    'GET /api/v1/services': { body: { services, revision: 12 } },
    'GET /api/v1/nodes': { body: { nodes, moved, refused, revision: 12 } },
    'GET /api/v1/certificates': { body: { certificates: [], revision: 12 } },
  };
  const ran = await run(['status', '--server', api.url, ...args], world);
  return { ...ran, stdout: ran.stdout.replace(api.url, 'http://127.0.0.1:8080') };
}

const rejection = {
  version: 'v',
  message: `Error adding/updating cluster(s) api: ${'malformed IP address: nonsense. '.repeat(4)}`.trim(),
  at: new Date(NOW).toISOString(),
};
const type = (name: string, refused = false): Node['types'][number] => ({
  type: name,
  sentVersion: 'a',
  ackedVersion: 'b',
  sent: 1,
  acked: 1,
  rejected: 0,
  ...(refused ? { rejection } : {}),
});

const fleet = [
  node('edge-1', 'in-sync', { group: 'edge' }),
  node('edge-2', 'behind', { agent: 'envoy 1.36.2' }),
  node('edge-3', 'rejected', { types: [type('cds', true), type('eds')] }),
  node('edge-4', 'gone'),
  node('edge-5', 'behind', { revision: 0 }),
];

describe('status', () => {
  it('tells gRPC clients from Envoys', async () => {
    const { stdout } = await status(
      [],
      [node('edge-1', 'in-sync'), node('shop-1', 'in-sync', { agent: 'gRPC Go 1.85.0' }), node('shop-2', 'gone', { agent: 'grpc-java 1.70.0' })],
    );
    expect(stdout).toMatch(/^1 Envoy and 2 gRPC clients: 1 gone, 2 in sync\n {2}NODE .*$/m);
    expect(stdout).toMatch(/^ {2}shop-1 +default +gRPC Go 1\.85\.0 +in sync$/m);
    expect((await status([], [node('shop-1', 'in-sync', { agent: 'gRPC Go 1.85.0' })])).stdout).toMatch(/^1 gRPC client: 1 in sync$/m);
  });

  it('shows services and Envoys within 80 columns', async () => {
    const services = [
      stored('web.example.com', ['web-b:5678']),
      stored('api.example.com', ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.4:80', '10.0.0.5:80'], { groups: ['edge', 'lab'] }),
      stored(`${'a-long-label.'.repeat(5)}example.com`, ['upstream-with-a-long-name.internal.example.com:8443'], { id: 'long' }),
    ];
    const { code, stdout, stderr } = await status(services, fleet);
    expect([code, stderr]).toEqual([0, '']);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatchInlineSnapshot(`
      "Envoyage 0.1.0 at http://127.0.0.1:8080, up 3 h, revision 12

      3 services
        HOST                      ID    ENDPOINTS                 GROUPS     CHANGED
        web.example.com                 web-b:5678                all        1 min ago
        api.example.com                 10.0.0.1:80,              edge, lab  1 min ago
                                        10.0.0.2:80, 10.0.0.3:80
                                        and 2 more
        a-long-label.a-long-labe  long  upstream-with-a-long-nam  all        1 min ago
        l.a-long-label.a-long-la        e.internal.example.com:8
        bel.a-long-label.example        443
        .com

      5 Envoys: 1 rejected, 2 behind, 1 gone, 1 in sync
        ENVOY   GROUP    VERSION  STATE
        edge-3  default  1.40.0   rejected cds, holds revision 11
        edge-2  default  1.36.2   behind: at revision 11 of 12
        edge-5  default  1.40.0   behind: has not acknowledged anything yet
        edge-4  default  1.40.0   gone, last heard of 2 min ago
        edge-1  edge     1.40.0   in sync

      edge-3 rejected cds:
        Error adding/updating cluster(s) api: malformed IP address: nonsense.
        malformed IP address: nonsense. malformed IP address: nonsense. malformed IP
        address: nonsense.
      "
    `);
  });

  it('says what to do where there is nothing yet', async () => {
    expect((await status([], [])).stdout).toMatchInlineSnapshot(`
      "Envoyage 0.1.0 at http://127.0.0.1:8080, up 3 h, revision 12

      No services yet: envoyage add web.example.com web-a:5678

      No Envoy has connected yet: envoyage bootstrap shows how to join one
      "
    `);
  });

  it('sums up many services and Envoys, unless all are asked for', async () => {
    const services = Array.from({ length: 10_000 }, (_, i) => stored(`h${i}.example.com`, ['a:1'], { revision: i }));
    const nodes = [...Array.from({ length: 30 }, (_, i) => node(`n${i}`, 'in-sync')), node('late', 'behind')];
    const { stdout } = await status(services, nodes);
    expect(stdout).toContain('10,000 services, the 5 changed last (--all lists every one):');
    expect(stdout.split('\n').length).toBeLessThan(40);
    expect(stdout.indexOf('h9999.example.com')).toBeLessThan(stdout.indexOf('h9998.example.com'));
    expect(stdout).toContain('31 Envoys: 1 behind, 30 in sync');
    expect(stdout).toContain('and 11 more Envoys (--all lists every one)');
    const all = await status(services, nodes, ['--all']);
    expect(all.stdout.split('\n').length).toBeGreaterThan(10_030);
  });

  it('wraps nothing in a pipe', async () => {
    const host = `${'a-long-label.'.repeat(10)}example.com`;
    const { stdout } = await status([stored(host, ['upstream:8443'])], [], [], {});
    expect(stdout).toContain(`  ${host}  upstream:8443`);
  });

  it('says who was moved, seen or not', async () => {
    const placement = { group: 'lab', from: 'move', at: new Date(NOW).toISOString(), by: 'ann@laptop' } as const;
    const moved = ['edge-1', 'edge-9'].map((id) => ({ node: id, group: 'lab', at: placement.at, by: placement.by }));
    const { stdout } = await status([], [node('edge-1', 'in-sync', { group: 'lab', placement })], [], {}, moved);
    expect(stdout).toContain('  edge-1  lab (moved)  1.40.0   in sync\n');
    expect(stdout).toMatch(/\n\nMoved, and not seen since the start: edge-9 to lab\n$/);
    expect((await status([], [], [], {}, moved)).stdout).toContain('Moved, and not seen since the start: edge-1 to lab and edge-9 to lab\n');
  });

  it('is coloured on a terminal only', async () => {
    const colour = '\u001b[';
    expect((await status([], fleet, [], { terminal: 80 })).stdout).toContain(colour);
    expect((await status([], fleet, [], { terminal: 80, env: { TERM: 'dumb' } })).stdout).not.toContain(colour);
    expect((await status([], fleet, [], {})).stdout).not.toContain(colour);
  });

  it('says who was turned away, and why', async () => {
    const at = new Date(NOW - 5000).toISOString();
    const turned = (address: string, count: number): RefusedClient => ({ address, reason: `the certificate "${'x'.repeat(60)}" was revoked`, count, at });
    const refused = [turned('10.0.0.1', 3), ...Array.from({ length: 6 }, (_, i) => turned(`10.0.1.${i}`, 1))];
    const { stdout } = await status([], [], [], undefined, [], refused);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Turned away lately: 10.0.0.1, 5 s ago, 3 times: the certificate "${'x'.repeat(60)}" was revoked 10.0.1.0, 5 s ago: `,
    );
    expect(stdout).toContain('  and 2 more (--all lists every one)');
    expect((await status([], [], ['--all'], undefined, [], refused)).stdout).toContain('10.0.1.5');
  });

  it('is JSON on request', async () => {
    const { stdout } = await status([stored('web.example.com', ['a:1'])], fleet, ['--json']);
    expect(JSON.parse(stdout)).toEqual({
      daemon: daemonInfo(),
      services: [stored('web.example.com', ['a:1'])],
      nodes: JSON.parse(JSON.stringify(fleet)),
      moved: [],
      refused: [],
      quarantined: [],
      canaries: [],
      rollbacks: [],
      certificates: [],
      providers: [],
      overrides: 0,
      revision: 12,
    });
  });

  it('says what was refused and parked, who is waited for, and what was taken back, on 80 columns', async () => {
    const since = new Date(NOW - 12_000).toISOString();
    const message = 'Error adding/updating cluster(s) web: malformed IP address: nonsense. Consider setting resolver_name';
    const certificate = { hosts: [], certificate: { notAfter: '2026-01-01T00:00:00.000Z' } };
    const entry = { key: 'web', group: 'edge', type: 'cds', message, node: 'edge-1', revision: 7, good: 3, since };
    api.routes = {
      'GET /api/v1/daemon': { body: daemonInfo() },
      'GET /api/v1/services': { body: { services: [], revision: 12 } },
      'GET /api/v1/certificates': {
        body: {
          certificates: [
            { ...certificate, name: 'good', source: 'inline' },
            { ...certificate, name: 'web', source: 'files', certFile: '/etc/tls/web.pem', problem: 'the certificate expired on 2026-01-01' },
            { ...certificate, name: 'new', source: 'inline', certificate: null, problem: 'the key is not that of the certificate' },
          ],
          revision: 12,
        },
      },
      'GET /api/v1/nodes': {
        body: {
          nodes: [node('edge-1', 'in-sync')],
          moved: [],
          refused: [],
          quarantined: [entry, { ...entry, key: 'Route/api', good: null, origin: 'routes.yaml:12:3' }],
          canaries: [
            {
              group: 'edge',
              waiting: 2,
              nodes: [
                { id: 'edge-1', state: 'in-sync' },
                { id: 'edge-2', state: 'waiting', since },
                { id: 'edge-3', state: 'stalled', since },
              ],
            },
          ],
          rollbacks: [{ revision: 9, by: 10, group: 'lab', refused: 3, nodes: 4, message: 'no', at: since }],
          revision: 12,
        },
      },
    };
    const { stdout } = await run(['status', '--server', api.url], { terminal: 80, env: { NO_COLOR: '1' } });
    expect(stdout.slice(stdout.indexOf('Problems:'))).toBe(`Problems:
  service "web" of revision 7 is parked in group edge: edge-1 refused it
    (cds); revision 3 of it is served until it changes, 12 s ago
      Error adding/updating cluster(s) web: malformed IP address: nonsense.
      Consider setting resolver_name
  route "api" (routes.yaml:12:3) of revision 7 is parked in group edge: edge-1
    refused it (cds); it is not served until it changes, 12 s ago
      Error adding/updating cluster(s) web: malformed IP address: nonsense.
      Consider setting resolver_name
  edge-2, the canary of group edge, has not answered, 2 changes wait for it,
    12 s ago
  edge-3, the canary of group edge, did not answer in time, the others go on
    without it, 12 s ago
  revision 9 was rolled back by 10: 3 of 4 Envoys in group lab refused it, 12
    s ago
      no
  certificate "web" (/etc/tls/web.pem) has a problem; what is served ends
    2026-01-01
      the certificate expired on 2026-01-01
  certificate "new" has a problem; it is not served
      the key is not that of the certificate
`);
  });
});
