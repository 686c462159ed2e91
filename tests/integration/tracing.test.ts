import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VERSION } from '../../src/lib/version.ts';
import { TestApi } from '../support/api.ts';
import { connectInSync, type DiscoveryClient, type Manner } from '../support/discovery-client.ts';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { waitFor } from '../support/wait.ts';

const WEB = '/api/v1/services/web.example.com';
const PUT = 'PUT /api/v1/services/{id}';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let receiver: OtlpReceiver;
let api: TestApi;
const clients: DiscoveryClient[] = [];

beforeEach(async () => {
  receiver = await OtlpReceiver.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await api.close();
  await receiver.close();
});

const start = async (flags: Record<string, string> = {}): Promise<void> => {
  api = await TestApi.start({ 'otlp-endpoint': receiver.url, ...flags });
};
const envoy = async (id: string, options: { manner?: Manner; group?: string } = {}): Promise<DiscoveryClient> => {
  const client = await connectInSync(api, id, options);
  clients.push(client);
  return client;
};
const put = (port: number, headers: Record<string, string> = {}, query = 'wait=acked') =>
  api.call('PUT', `${WEB}?${query}`, { body: { host: 'web.example.com', endpoints: [`web-a:${port}`] }, headers });
const inTrace = (sampled: boolean) => ({ traceparent: `00-${TRACE}-${CALLER}-${sampled ? '01' : '00'}` });
const eventsOf = ({ events }: ReceivedSpan, name: string) => events.filter((event) => event.name === name).map(({ attributes }) => attributes);

describe('the trace of a change', () => {
  it('goes from the caller’s span over the request and the commit to the last answer of each group', async () => {
    await start();
    await envoy('a');
    await envoy('b');
    await envoy('e', { group: 'edge' });
    const answered = await put(1, inTrace(true));
    const request = await receiver.span(PUT);
    const [commit, publish] = [await receiver.span('commit'), await receiver.span('publish')];
    const byDefault = await receiver.span('rollout', ({ attributes }) => attributes['envoyage.group'] === 'default');
    const byEdge = await receiver.span('rollout', ({ attributes }) => attributes['envoyage.group'] === 'edge');

    expect([request, commit, publish, byDefault, byEdge].map(({ traceId }) => traceId)).toEqual(Array.from({ length: 5 }, () => TRACE));
    expect([request, commit, publish, byDefault, byEdge].map(({ parent }) => parent)).toEqual([
      CALLER,
      request.spanId,
      commit.spanId,
      publish.spanId,
      publish.spanId,
    ]);
    expect(answered.headers['traceresponse']).toBe(`00-${TRACE}-${request.spanId}-01`);
    expect(request).toMatchObject({
      isServer: true,
      fault: undefined,
      attributes: { 'http.request.method': 'PUT', 'http.route': '/api/v1/services/{id}', 'url.path': WEB, 'http.response.status_code': 201 },
      resource: { 'service.name': 'envoyage', 'service.version': VERSION },
    });
    expect(commit.attributes).toEqual({ 'envoyage.revision': 1, 'envoyage.changed': true, 'envoyage.edits': 1 });
    expect(publish.attributes).toEqual({ 'envoyage.revision': 1, 'envoyage.services': 1, 'envoyage.commits': 1, 'envoyage.groups': 2 });
    expect(publish.links).toEqual([]);
    expect(byDefault.attributes).toMatchObject({
      'envoyage.mode': 'ads',
      'envoyage.streams': 2,
      'envoyage.answered': 2,
      'envoyage.left': 0,
      'envoyage.rejected': 0,
    });
    expect(
      eventsOf(byDefault, 'answered')
        .map((event) => event['envoyage.node'])
        .toSorted(),
    ).toEqual(['a', 'b']);
    expect(eventsOf(byDefault, 'answered').map((event) => event['envoyage.remaining'])).toEqual([1, 0]);
    // It waited for them, so the request cannot have ended before the last answer.
    for (const rollout of [byDefault, byEdge]) {
      const last = rollout.events.findLast(({ name }) => name === 'answered');
      expect(last?.at).toBeLessThanOrEqual(rollout.end);
      expect(rollout.start).toBeLessThanOrEqual(last?.at ?? 0n);
      expect(rollout.fault).toBeUndefined();
    }
    expect(receiver.paths[0]).toBe('POST /v1/traces application/json');
    expect(api.log.find(({ msg }) => msg === 'revision')).toMatchObject({ revision: 1, trace: TRACE });
  });

  it('says who refused it, and in which words', async () => {
    await start();
    await envoy('good');
    await envoy('bad', { manner: 'reject' });
    await put(1);
    const rollout = await receiver.span('rollout');
    expect(rollout.fault).toMatch(/^refused \d+ times$/);
    expect(eventsOf(rollout, 'rejected')).toContainEqual({ 'envoyage.node': 'bad', 'envoyage.type': 'cds', 'envoyage.message': 'no, thank you' });
    expect(rollout.attributes).toMatchObject({ 'envoyage.streams': 2, 'envoyage.answered': 2 });
    expect(rollout.attributes['envoyage.rejected']).toBeGreaterThanOrEqual(1);
  });

  it('names no more than the last ten of many', async () => {
    await start();
    await Promise.all(Array.from({ length: 30 }, (_, i) => envoy(`n${i}`)));
    await put(1);
    const rollout = await receiver.span('rollout');
    expect(rollout.attributes).toMatchObject({ 'envoyage.streams': 30, 'envoyage.answered': 30 });
    expect(eventsOf(rollout, 'answered').map((event) => event['envoyage.remaining'])).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('ends when the last that has not answered leaves', async () => {
    await start();
    await envoy('stays');
    const silent = await envoy('leaves', { manner: 'silent' });
    await put(1, {}, '');
    await waitFor('it to have been sent the change', () => silent.seen.length > 2);
    silent.close();
    const rollout = await receiver.span('rollout');
    expect(rollout.attributes).toMatchObject({ 'envoyage.answered': 1, 'envoyage.left': 1 });
    expect(eventsOf(rollout, 'left')).toEqual([{ 'envoyage.node': 'leaves', 'envoyage.remaining': 0 }]);
  });

  it('is one publication for changes that go out together, which leads back to each of them', async () => {
    await start();
    await envoy('a');
    let port = 0;
    const both = await waitFor('two changes in one publication', async () => {
      await Promise.all(Array.from({ length: 20 }, () => put(++port)));
      return receiver.named('publish').find(({ attributes }) => Number(attributes['envoyage.commits']) > 1);
    });
    expect(both.links).toHaveLength(Number(both.attributes['envoyage.commits']));
    const commits = await waitFor('the commits', () => {
      const found = both.links.map(({ spanId }) => receiver.named('commit').find((commit) => commit.spanId === spanId));
      return found.every((commit) => commit !== undefined) ? found : undefined;
    });
    expect(new Set(commits.map((commit) => commit?.traceId)).size).toBe(both.links.length);
    expect(both.parent).toBe(commits[0]?.spanId);
    expect(commits.map((commit) => commit?.attributes['envoyage.changed'])).toEqual(commits.map(() => true));
  });

  it('is also that of a change that is refused', async () => {
    await start();
    await api.call('DELETE', `${WEB}`);
    const request = await receiver.span('DELETE /api/v1/services/{id}');
    expect(request.attributes['http.response.status_code']).toBe(404);
    expect(request.fault).toBeUndefined();
    expect((await receiver.span('commit')).fault).toBe('there is no service "web.example.com"');
  });

  it('begins with a reload just as with a write', async () => {
    await start();
    await envoy('a');
    await put(1);
    await api.call('POST', `${WEB}/reload-xds?wait=acked`);
    const request = await receiver.span('POST /api/v1/services/{id}/reload-xds');
    const publish = await receiver.span('publish', ({ parent }) => parent === request.spanId);
    expect((await receiver.span('rollout', ({ parent }) => parent === publish.spanId)).attributes).toMatchObject({ 'envoyage.answered': 1 });
  });
});

describe('what is traced', () => {
  it('is what the caller decided, where the request is part of a trace', async () => {
    await start({ 'otlp-sample-ratio': '0' });
    await envoy('a');
    const answered = await put(1, inTrace(false));
    expect(answered.headers['traceresponse']).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect((await put(2)).headers['traceresponse']).toMatch(/-00$/);
    await put(3, inTrace(true));
    await receiver.span('rollout');
    expect(receiver.named(PUT)).toHaveLength(1);
    expect(receiver.named('publish').map(({ attributes }) => attributes['envoyage.revision'])).toEqual([3]);
    expect(receiver.spans.every(({ traceId }) => traceId === TRACE)).toBe(true);
  });

  it('is not what machines ask all the time, nor who is turned away', async () => {
    await start();
    for (const path of ['/healthz', '/readyz', '/metrics', '/xds/stats', '/nowhere'])
      expect((await api.raw('GET', path)).headers['traceresponse']).toBeUndefined();
    expect((await api.raw('GET', WEB, { headers: { host: 'evil.example.com' } })).headers['traceresponse']).toBeUndefined();
    await api.call('GET', WEB);
    await receiver.span('GET /api/v1/services/{id}');
    expect(receiver.spans).toHaveLength(1);
  });

  it('is nothing unless it is asked for', async () => {
    api = await TestApi.start();
    await envoy('a');
    const answered = await put(1, inTrace(true));
    expect(answered.headers['traceresponse']).toBeUndefined();
    await api.daemon.close();
    expect(receiver.paths).toEqual([]);
  });
});

describe('a receiver', () => {
  it('that is away changes nothing, and is one line in the log', async () => {
    receiver.status = 500;
    await start();
    await envoy('a');
    expect((await put(1)).json()).toMatchObject({ rollout: { state: 'live' } });
    const warned = () => api.log.filter(({ msg }) => msg.startsWith('traces cannot be delivered'));
    await waitFor('the warning', () => warned().length > 0);
    await put(2);
    receiver.status = 200;
    await waitFor('it to be back', async () => {
      await put(3);
      return api.log.some(({ msg }) => msg === 'traces are delivered again');
    });
    expect(warned()).toHaveLength(1);
  });

  it('is shown the headers that OpenTelemetry’s own variable has', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20abc');
    try {
      await start();
    } finally {
      vi.unstubAllEnvs();
    }
    await api.call('GET', WEB);
    await waitFor('a delivery', () => receiver.authorizations.length > 0);
    expect(receiver.authorizations[0]).toBe('Bearer abc');
  });

  it('may be named with its path', async () => {
    await start({ 'otlp-endpoint': `${receiver.url}/tenant/v1/traces` });
    await api.call('GET', WEB);
    await waitFor('a delivery', () => receiver.paths.length > 0);
    expect(receiver.paths).toEqual(['POST /tenant/v1/traces application/json']);
  });

  it('gets what is left when the daemon ends', async () => {
    await start();
    await envoy('a', { manner: 'silent' });
    await put(1, {}, '');
    await api.daemon.close();
    expect(receiver.named('rollout')[0]?.attributes).toMatchObject({ 'envoyage.answered': 0, 'envoyage.left': 1 });
    expect(receiver.named('commit')).toHaveLength(1);
  });
});
