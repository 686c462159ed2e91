import { isIP } from 'node:net';
import { canonicalIp } from '../../lib/address.ts';
import { groupSchema } from '../../model/common-schema.ts';
import { durationMs } from '../../model/duration.ts';
import { choice, duration, flag, list, matching, type Read } from './label-values.ts';
import { GROUPS_LIMIT } from './service-vocabulary.ts';

/** What the labels of a container say of all that it serves. */
export interface ContainerWords {
  readonly enable?: boolean;
  readonly groups?: readonly string[];
  readonly project?: string;
  readonly network?: string;
  /** `container`, `host`, or an IP address. */
  readonly address?: string;
  /** Milliseconds, as the next. */
  readonly drain?: number;
  readonly linger?: number;
}

const group: Read<string> = (text) => {
  if (!groupSchema.safeParse(text).success) throw new Error('is no name of a group, as in edge');
  return text;
};

const address: Read<string> = (text) => {
  const word = text.trim();
  const ip = isIP(word) === 0 ? undefined : canonicalIp(word);
  if (ip !== undefined) return ip;
  try {
    return choice(['container', 'host'])(word);
  } catch {
    throw new Error('is neither container nor host nor an IP address');
  }
};

const PROJECT = matching(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'a name of lower-case letters, digits, hyphens and underscores, as in shop');

/** By word: how it is read, and a value that is right. */
export const CONTAINER_WORDS: Readonly<Record<keyof ContainerWords, { readonly read: Read; readonly example: string }>> = {
  enable: { read: flag, example: 'true' },
  groups: { read: list(group, GROUPS_LIMIT), example: 'edge' },
  project: { read: (text) => PROJECT(text.toLowerCase()), example: 'shop' },
  network: { read: matching(/^\S{1,255}$/, 'a name of a network'), example: 'backend' },
  address: { read: address, example: 'host' },
  drain: { read: duration(0), example: '30s' },
  linger: { read: duration(0), example: '60s' },
};

/** @throws Error whose message goes on after the value */
export function readContainerWord(word: keyof ContainerWords, text: string): ContainerWords {
  const read = CONTAINER_WORDS[word].read(text);
  return { [word]: word === 'drain' || word === 'linger' ? durationMs(String(read)) : read };
}
