import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CertificateList } from '../../src/api/types.ts';
import { TestApi, tempFolder } from '../support/api.ts';
import { Authority, type Issued, secretLines } from '../support/certificates.ts';
import { cli } from '../support/cli.ts';
import { parsePrometheus } from '../support/prometheus.ts';
import { waitFor } from '../support/wait.ts';

const authority = new Authority('Test CA');
const [first, second] = ['01', '02'].map((serial) =>
  authority.issue({ cn: 'web', dns: ['web.example.com'], serial, notAfter: new Date('2040-01-02T03:04:05Z') }),
);
if (first === undefined || second === undefined) throw new Error('nothing was issued');

let api: TestApi;
beforeEach(async () => {
  api = await TestApi.start();
});
afterEach(() => api.close());

const apply = async (...objects: readonly unknown[]) => {
  const answer = await api.call('POST', '/api/v1/apply', { body: { objects: objects.map((object) => ({ object })) } });
  expect(answer.status, answer.text).toBe(200);
  return answer;
};
const inline = (pair: Issued) => ({ kind: 'Certificate', name: 'web', ...pair });
const certificates = async () => (await api.call('GET', '/api/v1/certificates')).json<CertificateList & Record<string, unknown>>().certificates;
const metric = async (name: string) =>
  parsePrometheus((await api.call('GET', '/metrics')).text)
    .get(name)
    ?.samples.map(({ labels, value }) => [labels['name'], value]);

describe('certificates over the API', () => {
  it('are told of by what they say of themselves, with their end as a metric', async () => {
    expect(await certificates()).toEqual([]);
    await apply(inline(first));
    expect(await certificates()).toEqual([
      {
        name: 'web',
        source: 'inline',
        hosts: ['web.example.com'],
        certificate: {
          subject: 'CN=web',
          issuer: 'CN=Test CA',
          names: ['web.example.com'],
          serial: '1',
          fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
          notBefore: expect.any(String),
          notAfter: '2040-01-02T03:04:05.000Z',
        },
      },
    ]);
    expect(await metric('envoyage_certificate_not_after_seconds')).toEqual([['web', Date.parse('2040-01-02T03:04:05Z') / 1000]]);
    expect(await metric('envoyage_certificate_problem')).toEqual([['web', 0]]);
  });

  it('show their keys to nobody: no answer, no log, no file has one in the clear', async () => {
    const other = authority.issue({ dns: ['other.example.com'] });
    const texts = [(await apply(inline(first))).text, (await apply(inline(second))).text];
    for (const [method, path, body] of [
      ['GET', '/api/v1/objects', undefined],
      ['GET', '/api/v1/objects/Certificate/web', undefined],
      ['GET', '/api/v1/certificates', undefined],
      ['GET', '/api/v1/dump?group=default', undefined],
      ['GET', '/api/v1/revisions', undefined],
      ['GET', '/api/v1/revisions/2', undefined],
      ['POST', '/api/v1/apply?dryRun=true', { objects: [{ object: inline(first) }] }],
      ['POST', '/api/v1/apply', { objects: [{ object: { ...inline(first), cert: other.cert } }] }],
      ['POST', '/api/v1/apply', { objects: [{ object: { ...inline(first), key: first.key.slice(30) } }] }],
      ['POST', '/api/v1/rollback', { revision: 1 }],
    ] as const) {
      texts.push((await api.call(method, path, body === undefined ? {} : { body })).text);
    }
    expect(texts.join().match(/sealed:v1:/g)?.length).toBeGreaterThan(3);
    texts.push(JSON.stringify(api.log));
    const data = join(api.folder, 'data');
    texts.push(...readdirSync(data).map((file) => readFileSync(join(data, file), 'latin1')));
    const words = [first, second].flatMap(secretLines);
    for (const text of texts) for (const word of words) expect(text.indexOf(word), `${word} in ${text.slice(0, 300)}`).toBe(-1);
    expect((await certificates())[0]?.certificate?.serial).toBe('1');
  });

  it('are taken back as they were read, which changes nothing', async () => {
    await apply(inline(first));
    const read = (await api.call('GET', '/api/v1/objects/Certificate/web')).json();
    await apply(read);
    expect((await api.call('GET', '/api/v1/objects/Certificate/web')).json()).toEqual(read);
    const { cert: _cert, ...rest } = read as Record<string, unknown>;
    const refused = await api.call('POST', '/api/v1/apply', {
      body: { objects: [{ object: { ...rest, cert: authority.issue({ dns: ['x.example.com'] }).cert } }] },
    });
    expect([refused.status, refused.problem().detail]).toEqual([400, 'the key of certificate "web" is not the key of the certificate']);
    const objects = [{ object: { ...inline(second), name: 'other' } }, { object: { ...rest, cert: second.cert } }];
    const both = await api.call('POST', '/api/v1/apply', { body: { objects } });
    expect(both.problem().errors).toEqual([{ field: '/objects/1/object/key', message: 'key is not the key of the certificate' }]);
  });

  it('in files are followed without a revision, and half of a renewal is told of', async () => {
    const path = (name: string): string => join(api.folder, name);
    const write = (name: string, text: string): void => {
      writeFileSync(path(`${name}.new`), text);
      renameSync(path(`${name}.new`), path(name));
    };
    write('web.crt', first.cert);
    write('web.key', first.key);
    await apply({ kind: 'Certificate', name: 'web', certFile: path('web.crt'), keyFile: path('web.key') });
    write('web.crt', second.cert);
    const problem = await waitFor('the problem', async () => (await certificates())[0]?.problem);
    expect(problem).toBe(`keyFile "${path('web.key')}" is not the key of the certificate`);
    expect(await metric('envoyage_certificate_problem')).toEqual([['web', 1]]);
    expect((await certificates())[0]).toMatchObject({ source: 'files', certFile: path('web.crt'), certificate: { serial: '1' } });
    expect((await cli(api, ['status'])).stdout).toContain(
      `Problems:\n  certificate "web" (${path('web.crt')}) has a problem; what is served ends 2040-01-02\n      ${problem}\n`,
    );
    write('web.key', second.key);
    await waitFor('the renewal', async () => (await certificates())[0]?.certificate?.serial === '2');
    expect(await metric('envoyage_certificate_problem')).toEqual([['web', 0]]);
    expect((await api.call('GET', '/api/v1/certificates')).json()).toMatchObject({ revision: 1 });
  });
});

it('a daemon whose secret key is another one does not start, and says what to do', async () => {
  const folder = tempFolder();
  try {
    const before = await TestApi.start({}, {}, folder.kept);
    const { status } = await before.call('POST', '/api/v1/apply', { body: { objects: [{ object: inline(first) }] } });
    expect(status).toBe(200);
    await before.close();
    const secret = join(folder.path, 'data/secret.key');
    writeFileSync(secret, `${Buffer.alloc(32, 9).toString('base64')}\n`);
    await expect(TestApi.start({}, {}, folder.kept)).rejects.toMatchObject({ code: 'secret-key-unusable', hint: expect.stringContaining('--secret-key-file') });
    const after = await TestApi.start({ 'new-secret-key': true }, {}, folder.kept);
    expect((await after.call('GET', '/api/v1/certificates')).json()).toMatchObject({
      certificates: [{ certificate: null, problem: expect.stringContaining('apply it again') }],
    });
    await after.close();
  } finally {
    folder.remove();
  }
});
