import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseWish } from '../../../src/model/schemas.ts';
import type { EngineState } from '../../../src/providers/docker/container.ts';
import { declareServices } from '../../../src/providers/docker/declare.ts';
import { LABELS_FOLDER, labelCase, labelCases } from '../../support/label-cases.ts';

const backwards = ({ containers, ...rest }: EngineState): EngineState => ({
  ...rest,
  containers: containers.toReversed().map(({ labels, networks, exposed, published, ...container }) => ({
    ...container,
    labels: Object.fromEntries(Object.entries(labels).toReversed()),
    networks: networks.toReversed(),
    exposed: exposed.toReversed(),
    published: published.toReversed(),
  })),
});

/** `make golden` writes the files anew; look at what changed before you commit it. */
describe('docker labels', () => {
  it('have cases', () => {
    expect(labelCases().length).toBeGreaterThan(40);
  });

  it.each(labelCases())('become in %s what is in the golden file, in any order', async (name) => {
    const { engines, options, now } = labelCase(name);
    const declared = declareServices(engines, options, now);
    const { objects, problems } = declared.state;
    for (const { object } of objects) parseWish(object);
    const shown = {
      objects: objects.map(({ object, origin }) => ({ origin, object })),
      ...(problems.length === 0 ? {} : { problems: problems.map(({ code, key, origin, message, hint }) => ({ code, key, origin, message, hint })) }),
      ...(declared.next === undefined ? {} : { next: declared.next.toISOString() }),
    };
    await expect(stringify(shown, { aliasDuplicateObjects: false, lineWidth: 160 })).toMatchFileSnapshot(join(LABELS_FOLDER, name, 'out.yaml'));
    expect(JSON.stringify(declareServices(engines.toReversed().map(backwards), options, now))).toBe(JSON.stringify(declared));
  });
});
