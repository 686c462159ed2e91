import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExplainAnswer } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';
import { connectInSync } from '../support/discovery-client.ts';

describe('GET /api/v1/explain', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await TestApi.start();
    const documents = [
      { host: 'web.example.com', endpoints: ['web-a:5678'] },
      { id: 'api', host: 'api.example.com', endpoints: ['10.0.0.1:80'] },
    ];
    await api.call('POST', '/api/v1/services', { body: documents });
  });
  afterAll(() => api.end());

  const ask = async (query: string) => await api.call('GET', `/api/v1/explain?${query}`);
  const url = (text: string): string => `url=${encodeURIComponent(text)}`;

  it('tells what happens to a request', async () => {
    expect((await ask(url('http://web.example.com/api?a=b'))).json<ExplainAnswer>()).toMatchObject({
      group: 'default',
      envoy: null,
      revision: 1,
      outcome: 'services',
      request: { method: 'GET', host: 'web.example.com', path: '/api?a=b' },
      listener: { name: 'http' },
      host: 'web.example.com',
      route: null,
      services: [{ id: 'web.example.com', share: 1, endpoints: ['web-a:5678'] }],
    });
  });

  it('takes the host from a header, and several headers', async () => {
    const headers = ['Host: api.example.com', 'X-A: 1'].map((each) => `header=${encodeURIComponent(each)}`).join('&');
    expect((await ask(`${url('http://127.0.0.1:10000/')}&${headers}`)).json<ExplainAnswer>()).toMatchObject({ services: [{ id: 'api' }] });
    expect((await ask(`${url('http://nobody.example.com/')}&method=post&group=edge`)).json<ExplainAnswer>()).toMatchObject({
      outcome: 'no-host',
      group: 'edge',
      request: { method: 'POST' },
    });
  });

  it('speaks for the oldest Envoy of the group, or for the one that is asked for', async () => {
    const odd = url('http://web.example.com/a/..;x/b');
    const client = await connectInSync(api, 'old-1', { version: '1.36.2' });
    expect((await ask(odd)).json<ExplainAnswer>()).toMatchObject({ envoy: '1.36.2', request: { path: '/a/..;x/b' } });
    expect((await ask(`${odd}&envoy=1.40.0`)).json<ExplainAnswer>()).toMatchObject({ envoy: '1.40.0', request: { path: '/b' } });
    client.close();
  });

  it('names the origin of the route', async () => {
    const route = { kind: 'Route', name: 'docs', hosts: ['web.example.com'], match: [{ path: '/docs' }], redirect: { host: 'docs.example.com' } };
    await api.call('POST', '/api/v1/apply', { body: { objects: [{ object: route, origin: 'routes.yaml:3:1' }] } });
    expect((await ask(url('http://web.example.com/docs/a'))).json<ExplainAnswer>()).toMatchObject({
      outcome: 'redirect',
      location: 'http://docs.example.com/docs/a',
      route: { name: 'docs', match: 0, origin: 'routes.yaml:3:1' },
    });
  });

  it.each([
    ['', '/url: "url" is missing'],
    [url('web.example.com'), 'the URL "web.example.com" does not begin with http:// or https://'],
    [`${url('http://a/')}&header=x`, 'a part of the request is no header: write it as in "X-Version: 2"'],
    [`${url('http://a/')}&method=G%20T`, '/method: method must be a method, as in GET'],
    [`${url('http://a/')}&headers=x`, 'unknown query parameter "headers" (did you mean "header"?)'],
    [`${url('http://a/')}&envoy=new`, '/envoy: envoy must be a version, as in 1.40.0'],
  ])('refuses %j', async (query, message) => {
    const answer = await ask(query);
    expect([answer.status, answer.problem().detail]).toEqual([400, expect.stringContaining(message)]);
  });
});
