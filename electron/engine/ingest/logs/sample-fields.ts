import type { Decimal } from '../cell-values.ts';
import type { SampledField } from './propose-mapping.ts';

/** Longer lists are vectors, not fields. */
const MOST_ELEMENTS = 64;
const MOST_FIELDS = 2000;
const MOST_DEPTH = 16;

type Scalar = string | number | boolean | null;

/**
 * Gathers what the first records of a log hold at each place, in the order in which the places come. Lists of more than
 * 64 elements are left out and named in `vectors`.
 */
export function sampleFields(
  records: readonly object[],
  cells: Decimal | null,
): { fields: SampledField[]; vectors: string[]; tooMany: boolean } {
  const found = new Map<string, { path: string[]; values: Scalar[] }>();
  const vectors = new Set<string>();
  let tooMany = false;
  const walk = (value: unknown, path: string[]): void => {
    if (typeof value === 'object' && value !== null && path.length < MOST_DEPTH) {
      if (Array.isArray(value) && value.length > MOST_ELEMENTS) vectors.add(path.join('.'));
      else for (const [key, one] of Object.entries(value)) walk(one, [...path, key]);
      return;
    }
    const key = JSON.stringify(path);
    let field = found.get(key);
    if (field === undefined) {
      if (found.size === MOST_FIELDS) {
        tooMany = true;
        return;
      }
      found.set(key, (field = { path, values: [] }));
    }
    field.values.push(value as Scalar);
  };
  for (const record of records) walk(record, []);
  // A place that held an object in one record and null in another is no field of its own.
  const fields = [...found.values()].filter(
    ({ path, values }) => !values.every((value) => value === null) || !isInside(path, found),
  );
  return { fields: fields.map((field) => ({ ...field, cells })), vectors: [...vectors], tooMany };
}

function isInside(path: readonly string[], found: ReadonlyMap<string, { path: readonly string[] }>): boolean {
  for (const other of found.values())
    if (other.path.length > path.length && path.every((key, at) => other.path[at] === key)) return true;
  return false;
}
