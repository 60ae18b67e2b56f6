import { mixHash } from '../numeric/hash.ts';
import type { LogWindow } from './monitor.ts';
import type { Draws } from './tests/homogeneity.ts';

/**
 * Draws for one window and subject: they follow from the seed, the window's times and the subject's name alone, so that a finding is
 * the same whatever else is judged.
 */
export function drawsFor(
  args: { seed: number; monitor: string; window: LogWindow | null; name: string },
  most: number,
  stopAfter: number,
): Draws {
  const { seed, monitor, window, name } = args;
  let purpose = textHash(`${monitor}/${name}`);
  if (window !== null)
    for (const time of [window.start, window.end])
      purpose = mixHash(purpose ^ (time % 2 ** 32), Math.floor(time / 2 ** 32));
  return { seed, purpose, most, stopAfter };
}

function textHash(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = mixHash(hash, text.charCodeAt(i) + 1);
  return hash;
}
