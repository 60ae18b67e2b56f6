import { BezoarError } from '../../contract/errors.ts';
import type { ArrayEntry } from './reader.ts';
import { storedBytes, storedNumbers } from './stored-values.ts';

/** Of files with more arrays, such as checkpoints, only the first are looked into. */
const MOST_ARRAYS = 100;
/** A row of more is not read for the sake of its beginning. */
const MOST_ROW_BYTES = 1024 * 1024;
const SHOWN = 5;
const DIGITS = 4;

/**
 * The first values of each array, as they are shown. What cannot be read gives none: the import says why.
 */
export async function firstValues(entries: readonly ArrayEntry[]): Promise<string[][]> {
  const values: string[][] = [];
  for (const entry of entries.slice(0, MOST_ARRAYS)) values.push(await firstOf(entry));
  return values;
}

async function firstOf(entry: ArrayEntry): Promise<string[]> {
  const { name, dtype, shape, problem } = entry;
  // Where the shape is a guess, all rows would have to be looked at.
  if (dtype === null || problem !== null || entry.prepare !== undefined || shape[0] === 0) return [];
  const width = shape.slice(1).reduce((product, axis) => product * axis, 1);
  if (width * storedBytes[dtype] > MOST_ROW_BYTES) return [];
  try {
    for await (const { bytes } of entry.chunks(Math.max(1, Math.floor(SHOWN / Math.max(1, width))))) {
      const place = { file: name ?? '', firstRow: 0, width };
      return Array.from(storedNumbers(dtype, bytes, place).subarray(0, SHOWN), inWords);
    }
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
  }
  return [];
}

const inWords = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
