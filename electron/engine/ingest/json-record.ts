import { BezoarError } from '../../contract/errors.ts';
import { MOST_COLUMNS } from './csv-splitter.ts';
import { extentOf, MOST_DEPTH, parseJson } from './json-text.ts';
import type { Cell } from './reader.ts';

/** The columns that the records of a file have had so far: in the order in which they came. */
export interface GrowingColumns {
  readonly names: readonly string[];
  /** @throws BezoarError evidence/too-large */
  at(name: string): number;
}

export function growingColumns(file: string): GrowingColumns {
  const names: string[] = [];
  const places = new Map<string, number>();
  return {
    names,
    at: (name) => {
      const found = places.get(name);
      if (found !== undefined) return found;
      if (names.length >= MOST_COLUMNS)
        throw new BezoarError(
          'evidence/too-large',
          `${file}: its records have more than ${MOST_COLUMNS} different keys, and Bezoar reads at most so many. Nothing was imported. ` +
            'Save the records without the keys that are not needed.',
        );
      places.set(name, names.length);
      return names.push(name) - 1;
    },
  };
}

/** A value as a cell: what is nested as JSON text, truth values as words. */
export function cellOf(value: unknown): Cell {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (value === null || value === undefined) return null;
  return typeof value === 'boolean' ? String(value) : textOf(value);
}

/** JSON in which infinite numbers stand as Python writes them: JSON.stringify would make them missing. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (isObject(value))
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:${textOf(inner)}`)
      .join(',')}}`;
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The cells of an object; keys of nested ones are joined by dots. Returns the name that came twice in place of them.
 */
export function cellsOf(record: Record<string, unknown>, columns: GrowingColumns): Cell[] | string {
  const cells: Cell[] = [];
  const taken = new Set<number>();
  let twice: string | null = null;
  const take = (value: Record<string, unknown>, prefix: string): void => {
    for (const [key, inner] of Object.entries(value)) {
      const name = prefix + key;
      if (isObject(inner)) {
        take(inner, `${name}.`);
        continue;
      }
      const at = columns.at(name);
      if (taken.has(at)) twice ??= name;
      taken.add(at);
      while (cells.length < at) cells.push(null);
      cells[at] = cellOf(inner);
    }
  };
  take(record, '');
  return twice ?? cells;
}

const pairsOf = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  let pairs = 0;
  for (const inner of Object.values(value)) pairs += pairsOf(inner);
  return Array.isArray(value) ? pairs : pairs + Object.keys(value).length;
};

/** A JSON text that holds a value, or what is wrong with it, in words that follow 'this record'. */
export function readValue(text: string): { readonly value: unknown } | { readonly fault: string } {
  const first = text.search(/\S/);
  const nested = text[first] === '{' || text[first] === '[';
  const extent = nested ? extentOf(text, first) : { depth: 0, pairs: 0 };
  if (extent === null) return { fault: 'breaks off before its end' };
  if (extent.depth > MOST_DEPTH)
    return { fault: `is nested ${extent.depth} deep, and at most ${MOST_DEPTH} are read` };
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return { fault: 'is not JSON' };
  }
  // JSON.parse keeps the last of two values under one key and says nothing.
  return pairsOf(value) === extent.pairs ? { value } : { fault: 'names a key twice' };
}
