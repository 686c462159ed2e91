import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RevisionList } from '../../src/api/types.ts';
import { TestApi } from '../support/api.ts';

const SERVICES = '/api/v1/services';
const web = { host: 'web.example.com', endpoints: ['web-a:5678'] };

describe('the author', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.end());
  const authorOf = async (header?: string): Promise<string | undefined> => {
    await api.call('PUT', `${SERVICES}/web.example.com`, { body: web, headers: header === undefined ? {} : { 'x-envoyage-author': header } });
    const [newest] = (await api.call('GET', '/api/v1/revisions?limit=1')).json<RevisionList>().revisions;
    return newest?.author;
  };

  it.each([
    ['ann@laptop', 'ann@laptop'],
    [undefined, 'api@127.0.0.1'],
    ['', 'api@127.0.0.1'],
    ['Ann of Accounting', 'Ann of Accounting'],
    [Buffer.from('Jürgen 💩').toString('latin1'), 'Jürgen 💩'],
    ['a'.repeat(128), 'a'.repeat(128)],
    [Buffer.from('ü'.repeat(128)).toString('latin1'), 'ü'.repeat(128)],
  ])('%j is recorded as %j', async (header, author) => {
    expect(await authorOf(header)).toBe(author);
    expect((await api.call('GET', `${SERVICES}/web.example.com`)).json()).toMatchObject({ updatedBy: author });
  });

  it.each([
    ['a'.repeat(129)],
    [Buffer.from('Jürgen', 'latin1').toString('latin1')],
    ['\xff\xfe'],
    ['a\tb'],
    [Buffer.from('a\u202eb').toString('latin1')],
    [Buffer.from('a\u0085b').toString('latin1')],
  ])('%j is refused', async (header) => {
    const answer = await api.call('POST', SERVICES, { body: web, headers: { 'x-envoyage-author': header } });
    expect(answer.problem()).toMatchObject({ status: 400, code: 'invalid-request', detail: expect.stringContaining('X-Envoyage-Author') as unknown });
    expect(await api.revision()).toBe(0);
  });
});
