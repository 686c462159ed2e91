import { CONTAINER_WORDS, type ContainerWords, readContainerWord } from './container-words.ts';
import { type LabelFault, shown } from './label-fault.ts';
import { type LabelKey, PREFIX, parseKey } from './label-key.ts';
import type { LaterWord } from './service-vocabulary.ts';
import { type Said, Words } from './words.ts';

/** What the labels of one container say. */
export interface Labels {
  /** Whether there is any but `enable`. */
  readonly any: boolean;
  readonly container: ContainerWords;
  /** Of what concerns the container as a whole, by which all of its services fail. */
  readonly faults: readonly LabelFault[];
  /** By name, sorted, the unnamed one first. */
  readonly services: readonly ServiceLabels[];
}

export interface ServiceLabels {
  readonly name: string | undefined;
  readonly words: Words;
  /** Why it cannot be served. */
  readonly faults: readonly LabelFault[];
  /** What it does without. */
  readonly lacks: readonly LabelFault[];
}

interface Gathered {
  readonly said: Map<string, Said>;
  readonly faults: LabelFault[];
  readonly lacks: LabelFault[];
}

/** Labels never change while a container is there, and are looked at whenever any container changes. */
const READ = new WeakMap<object, Labels>();

/** Reads the labels that begin with `envoyage.`, whatever their order. Nothing is thrown. */
export function readLabels(labels: Readonly<Record<string, string>>): Labels {
  const known = READ.get(labels) ?? readAnew(labels);
  READ.set(labels, known);
  return known;
}

function readAnew(labels: Readonly<Record<string, string>>): Labels {
  const names = Object.keys(labels).filter((label) => label.startsWith(PREFIX));
  let container: ContainerWords = {};
  const faults: LabelFault[] = [];
  const services = new Map<string, Gathered>();
  const of = (service = ''): Gathered => {
    const known = services.get(service) ?? { said: new Map(), faults: [], lacks: [] };
    services.set(service, known);
    return known;
  };
  for (const label of names.toSorted()) {
    const text = labels[label] ?? '';
    const key = parseKey(label);
    if (key.of === 'container') {
      const word = key.word as keyof ContainerWords;
      attempt(label, text, CONTAINER_WORDS[word].example, faults, () => {
        container = { ...container, ...readContainerWord(word, text) };
      });
    } else if (key.of === 'nothing') {
      const hint = key.meant === undefined ? 'docs/docker.md lists all labels' : `${key.meant}=${text.slice(0, 80)}`;
      (key.container ? faults : of(key.service).faults).push({ code: 'unknown-label', label, message: key.message, hint });
    } else {
      say(of(key.service), key, label, text);
    }
  }
  const sorted = [...services].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return {
    any: names.some((label) => label !== `${PREFIX}enable`),
    container,
    faults,
    services: sorted.map(([name, { said, ...rest }]) => ({
      name: name === '' ? undefined : name,
      words: new Words(said, name === '' ? PREFIX : `${PREFIX}${name}.`),
      ...rest,
    })),
  };
}

function say({ said, faults, lacks }: Gathered, { word, known }: LabelKey & { of: 'service' }, label: string, text: string): void {
  if ('later' in known) {
    (known.guards === true ? faults : lacks).push(notYet(known, label));
    return;
  }
  attempt(label, text, known.example, faults, () => {
    const twin = said.get(word);
    if (twin !== undefined) throw new Error(`is said twice: ${twin.label} is the same label`);
    said.set(word, { value: known.read(text), label, text });
  });
}

/** What guards a service is not left out in silence: nobody would expect it to be open. */
function notYet({ later, guards, instead }: LaterWord, label: string): LabelFault {
  const message = `${label} is not available yet: Envoyage has no words for ${later}${guards === true ? ', and does not open a service that asks for them' : ''}`;
  return { code: 'label-not-available', label, message, hint: instead };
}

function attempt(label: string, text: string, example: string, faults: LabelFault[], read: () => void): void {
  try {
    read();
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : 'is not valid';
    faults.push({ code: 'invalid-label', label, message: text === '' ? `the value is empty` : `${shown(text)} ${why}`, hint: `${label}=${example}` });
  }
}
