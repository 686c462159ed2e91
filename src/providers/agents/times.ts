import { durationMs, parseDuration } from '../../model/duration.ts';
import type { Container } from '../docker/container.ts';
import type { Times } from './ended.ts';

/** How long containers drain and are remembered: as their labels say, else as is usual, milliseconds. */
export function labelTimes(usual: { readonly drain: number; readonly linger: number }): Times {
  const said = ({ labels }: Container, name: string, standard: number): number => {
    const text = labels[name];
    if (text === undefined) return standard;
    try {
      return durationMs(parseDuration(text));
    } catch {
      // Whoever reads the labels tells what is wrong with it.
      return standard;
    }
  };
  return {
    drain: (container) => said(container, 'envoyage.drain', usual.drain),
    linger: (container) => said(container, 'envoyage.linger', usual.linger),
  };
}
