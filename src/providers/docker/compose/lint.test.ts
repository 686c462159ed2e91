// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files look like that
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { LABEL_DEFAULTS } from '../declare.ts';
import { lintCompose } from './lint.ts';

const text = fc.oneof(fc.constantFrom('80', '8080:80', '1-3', 'web', 'true', '$X', '${X:-a.b}', '${', 'a.test', '/x', ''), fc.string({ maxLength: 10 }));
const scalar = fc.oneof(text, fc.integer({ min: -1, max: 70_000 }), fc.boolean(), fc.constant(null));
const anything = fc.anything({ values: [scalar], maxDepth: 1, maxKeys: 3 });
const key = fc.constantFrom('envoyage.host', 'envoyage.port', 'envoyage.path', 'envoyage.web.host', 'envoyage.nope', 'envoyage.address', 'other');
const labels = fc.oneof(
  fc.constant({ 'envoyage.enable': true, 'envoyage.host': 'a.test', 'envoyage.port': 80 }),
  fc.dictionary(key, scalar).map((said) => ({ 'envoyage.enable': true, ...said })),
  fc.array(fc.tuple(key, text).map(([name, value]) => `${name}=${value}`)),
  anything,
);
const service = fc.record(
  {
    labels,
    ports: fc.oneof(fc.array(scalar), anything),
    expose: fc.oneof(fc.array(scalar), anything),
    networks: fc.oneof(fc.array(text), fc.dictionary(text, scalar), anything),
    network_mode: fc.oneof(fc.constantFrom('host', 'none', 'service:web', 'service:gone', 'container:x'), anything),
    scale: fc.constantFrom(1, 2, '3', 0, -1, 'x', null),
    deploy: anything,
    container_name: scalar,
  },
  { requiredKeys: [] },
);
const file = fc.record(
  { name: scalar, services: fc.oneof(fc.dictionary(fc.constantFrom('web', 'api', '__proto__', 'a.b'), service), anything), networks: anything },
  { requiredKeys: [] },
);

describe('any compose file', () => {
  it('is read, each problem at its place', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 2 }), (files) => {
        const texts = files.map((each, i) => ({ file: `${i}.yaml`, text: stringify(each), folder: 'shop', environment: {} }));
        const { problems, services } = lintCompose(texts, LABEL_DEFAULTS);
        for (const { origin, message } of problems)
          expect([origin, message]).toEqual([expect.stringMatching(/^\d\.yaml:\d+:\d+$/), expect.stringMatching(/./)]);
        found += services.length;
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(20);
  });
});
