import { nearest } from '../../lib/nearest.ts';
import { LabelError, type LabelFault } from './label-fault.ts';
import { PREFIX } from './label-key.ts';
import { KNOWN_WORDS } from './service-vocabulary.ts';
import type { Words } from './words.ts';

/** A certificate that a label names. */
export function lackOfCertificate(words: Words): readonly LabelFault[] {
  const said = words.said('tls');
  if (said === undefined || said.value === 'auto' || said.value === 'off') return [];
  return [
    {
      code: 'label-not-available',
      label: said.label,
      message: 'certificates belong to listeners, and no label can give them one',
      hint: `name ${String(said.value)} among the certificates of a Listener, and leave the label out`,
    },
  ];
}

/** `envoyage.helth.path` would be a service called "helth", of which nobody has heard before. @throws LabelError unknown-label */
export function isNoWord(name: string, words: Words): void {
  if (words.said('host') !== undefined) return;
  for (const [word, { label, text }] of words.entries()) {
    const meant = nearest(`${name}.${word}`, DOTTED);
    if (meant !== undefined)
      throw new LabelError({
        code: 'unknown-label',
        label,
        message: `there is no label "${label}" (did you mean "${PREFIX}${meant}"?)`,
        hint: `${PREFIX}${meant}=${text.slice(0, 80)}`,
      });
  }
}

const DOTTED = KNOWN_WORDS.filter((word) => word.includes('.'));
