import type { Container } from '../docker/container.ts';
import { readContainerWord } from '../docker/container-words.ts';
import type { Times } from './ended.ts';

/** How long containers drain and are remembered: as their labels say, else as is usual, milliseconds. */
export function labelTimes(usual: { readonly drain: number; readonly linger: number }): Times {
  const said = ({ labels }: Container, word: 'drain' | 'linger', standard: number): number => {
    const [, text] = Object.entries(labels).find(([name]) => name.toLowerCase() === `envoyage.${word}`) ?? [];
    if (text === undefined) return standard;
    try {
      return readContainerWord(word, text)[word] ?? standard;
    } catch {
      // Whoever reads the labels tells what is wrong with it.
      return standard;
    }
  };
  return {
    drain: (container) => said(container, 'drain', usual.drain),
    linger: (container) => said(container, 'linger', usual.linger),
  };
}
