import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

describe('guards', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end());
  const path = `${SERVICES}/web.example.com`;
  const put = (n: number, headers: Record<string, string>) => api.call('PUT', path, { body: { ...web, endpoints: [`web-a:${n}`] }, headers });

  it('by If-Match let through what matches', async () => {
    await api.call('POST', SERVICES, { body: web });
    expect((await put(1, { 'if-match': '"1"' })).headers.etag).toBe('"2"');
    expect((await put(2, { 'if-match': 'W/"2"' })).headers.etag).toBe('"3"');
    expect((await put(3, { 'if-match': '*' })).headers.etag).toBe('"4"');
    expect((await api.call('PATCH', path, { body: { endpoints: ['x:1'] }, headers: { 'if-match': '"4"' } })).headers.etag).toBe('"5"');
    expect((await api.call('DELETE', path, { headers: { 'if-match': '"5"' } })).status).toBe(200);
  });

  it('by If-Match refuse what does not, and change nothing', async () => {
    await api.call('POST', SERVICES, { body: web });
    const stale = [
      await put(1, { 'if-match': '"7"' }),
      await api.call('PATCH', path, { body: {}, headers: { 'if-match': '"7"' } }),
      await api.call('DELETE', path, { headers: { 'if-match': '"7"' } }),
    ];
    for (const answer of stale)
      expect(answer.problem()).toMatchObject({
        status: 412,
        code: 'precondition-failed',
        detail: expect.stringContaining('at revision 1 now, not at revision 7') as unknown,
      });
    expect(await api.revision()).toBe(1);
  });

  it('by If-Match need a service', async () => {
    for (const ifMatch of ['"1"', '*']) {
      expect((await put(1, { 'if-match': ifMatch })).problem(), ifMatch).toMatchObject({ status: 412, code: 'precondition-failed' });
      // Without a service these would fail in any case, and that is what the answer says (RFC 9110 §13.2.1).
      expect((await api.call('PATCH', path, { body: {}, headers: { 'if-match': ifMatch } })).problem()).toMatchObject({ status: 404 });
      expect((await api.call('DELETE', path, { headers: { 'if-match': ifMatch } })).problem()).toMatchObject({ status: 404 });
    }
    expect(await api.revision()).toBe(0);
  });

  it('by If-None-Match: * let a service be made, not replaced', async () => {
    expect((await put(1, { 'if-none-match': '*' })).status).toBe(201);
    expect((await put(2, { 'if-none-match': '*' })).problem()).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect((await api.call('DELETE', path, { headers: { 'if-none-match': '*' } })).problem()).toMatchObject({ status: 412 });
    expect(await api.revision()).toBe(1);
  });

  it.each(['garbage', '12', '""', '"x"', '"1", "2"', ''])('that are garbage (%j) are refused, not passed over', async (tag) => {
    await api.call('POST', SERVICES, { body: web });
    for (const answer of [
      await put(1, { 'if-match': tag }),
      await put(1, { 'if-none-match': `${tag} ` }),
      await api.call('DELETE', path, { headers: { 'if-match': tag } }),
    ]) {
      expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request' });
    }
    expect(await api.revision()).toBe(1);
  });

  it('let exactly one of many at once win', async () => {
    await api.call('POST', SERVICES, { body: web });
    for (let revision = 1; revision <= 5; revision++) {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => put(100 * revision + i, { 'if-match': `"${revision}"` })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array<number>(19).fill(412)]);
      expect(await api.revision()).toBe(revision + 1);
    }
  });

  it('let exactly one of many at once create', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => api.call('POST', SERVICES, { body: { ...web, endpoints: [`a:${i + 1}`] } })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(409)]);
  });
});
