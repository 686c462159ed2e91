import { describe, expect, it } from 'vitest';
import type { Certificate } from '../model/certificate.ts';
import type { Stored } from '../model/kinds.ts';
import type { Listener } from '../model/listener.ts';
import { LISTENER, SECRET } from '../xds/types.ts';
import type { Material } from './materials.ts';
import { ABOUT, TestDesired, testTranslator, text } from './testkit.ts';
import { Translations } from './translations.ts';
import { View } from './view.ts';

const inFiles: Stored<Certificate> = { kind: 'Certificate', name: 'web', certFile: '/web.crt', keyFile: '/web.key', ...ABOUT };
const listener: Stored<Listener> = { kind: 'Listener', name: 'https', address: '127.0.0.1:443', protocol: 'https', certificates: ['web'], ...ABOUT };

describe('a certificate that is in files', () => {
  it('is served as they are, and again when they have changed, without another listener unless its names are others', () => {
    let material: Material | undefined = { cert: 'one', key: 'k', hosts: ['web.example.com'] };
    const desired = new TestDesired(listener, inFiles);
    const view = new View('default', 'ads', new Translations(testTranslator, () => material), testTranslator);
    const touched = () => [SECRET, LISTENER].map((type) => view.store.touched(type));
    view.fill(desired, { host: '127.0.0.1', port: 10_000 });
    expect([text(view, SECRET, 'web'), text(view, LISTENER, 'https')]).toEqual(['secret one', '127.0.0.1:443 web,web.example.com ads']);
    expect(view.follow(desired, ['Certificate/web'])).toBe(1);
    material = { cert: 'two', key: 'k', hosts: ['web.example.com'] };
    expect([view.follow(desired, ['Certificate/web']), touched()]).toEqual([2, [2, 1]]);
    expect(text(view, SECRET, 'web')).toBe('secret two');
    material = { cert: 'three', key: 'k', hosts: ['www.example.com'] };
    expect([view.follow(desired, ['Certificate/web']), touched()]).toEqual([3, [3, 3]]);
    expect(text(view, LISTENER, 'https')).toBe('127.0.0.1:443 web,www.example.com ads');
  });

  it('and of which nothing can be read has no secret, and its listener waits for it', () => {
    const view = new View('default', 'ads', new Translations(testTranslator, () => undefined), testTranslator);
    view.fill(new TestDesired(listener, inFiles), { host: '127.0.0.1', port: 10_000 });
    expect([text(view, SECRET, 'web'), text(view, LISTENER, 'https')]).toEqual([undefined, '127.0.0.1:443 web ads']);
  });

  it('is translated once for all groups', () => {
    const material: Material = { cert: 'one', key: 'k', hosts: [] };
    const translations = new Translations(testTranslator, () => material);
    expect(translations.secret(inFiles)).toBe(translations.secret(inFiles));
  });
});
