import { isObject } from './json-record.ts';
import type { RecordForm } from './json-rows.ts';

/** The records of a JSON object that is a whole table. */
export interface DocumentTable {
  readonly says: string;
  /** Names of columns that are known beforehand. */
  readonly names: readonly string[];
  readonly form: RecordForm;
  rows(): Iterable<unknown>;
}

export const isTable = (found: DocumentTable | string): found is DocumentTable => typeof found !== 'string';

const numbered = (keys: readonly string[]): boolean => keys.every((key, at) => key === String(at));

/** Columns side by side; those of nested arrays keep them as cells. */
function columnsTable(columns: readonly (readonly [string, readonly unknown[]])[]): DocumentTable | string {
  const [first] = columns;
  if (first === undefined) return 'it is an empty object';
  const odd = columns.find(([, cells]) => cells.length !== first[1].length);
  if (odd !== undefined)
    return `its column ${JSON.stringify(odd[0])} has ${odd[1].length} cells, and ${JSON.stringify(first[0])} has ${first[1].length}`;
  return {
    says: 'columns',
    names: columns.map(([name]) => name),
    form: 'array',
    rows: function* () {
      for (let row = 0; row < first[1].length; row += 1) yield columns.map(([, cells]) => cells[row]);
    },
  };
}

/** Columns whose cells are named by their rows, as pandas writes them unless told otherwise. */
function namedCells(
  entries: readonly (readonly [string, Record<string, unknown>])[],
): DocumentTable | string {
  const rows = new Set<string>();
  for (const [, cells] of entries) for (const row of Object.keys(cells)) rows.add(row);
  const keys = [...rows];
  const own = !numbered(keys);
  const index = entries.some(([name]) => name === 'index') ? 'name of the record' : 'index';
  const maps = entries.map(([, cells]) => new Map(Object.entries(cells)));
  return {
    says: 'columns whose cells are named by their rows',
    names: [...(own ? [index] : []), ...entries.map(([name]) => name)],
    form: 'array',
    rows: function* () {
      for (const row of keys) yield [...(own ? [row] : []), ...maps.map((cells) => cells.get(row))];
    },
  };
}

/** Rows by their names. */
function namedRows(entries: readonly (readonly [string, Record<string, unknown>])[]): DocumentTable {
  const own = !numbered(entries.map(([name]) => name));
  const index = entries.some(([, record]) => 'index' in record) ? 'name of the record' : 'index';
  return {
    says: 'records by their names',
    names: own ? [index] : [],
    form: 'object',
    rows: function* () {
      for (const [name, record] of entries) yield own ? { [index]: name, ...record } : record;
    },
  };
}

/**
 * The records of a JSON object, in any of the forms that pandas and others write: columns of cells, `split` (columns,
 * data), rows or columns by names, or an object that holds one array of records. A sentence's part where it is none.
 */
export function rowsOfDocument(value: unknown): DocumentTable | string {
  if (!isObject(value)) return 'it is neither an array nor an object of records';
  const entries = Object.entries(value);
  const { columns, data } = value;
  if (
    Array.isArray(columns) &&
    Array.isArray(data) &&
    columns.every((name) => typeof name === 'string' || typeof name === 'number')
  )
    return {
      says: 'names of columns and their data',
      names: columns.map(String),
      form: 'array',
      rows: () => data as unknown[],
    };
  if (entries.length > 0 && entries.every(([, cells]) => Array.isArray(cells)))
    if (entries.length > 1 || !isObject((entries[0]?.[1] as unknown[])[0]))
      return columnsTable(entries as [string, unknown[]][]);
  if (entries.length > 0 && entries.every(([, inner]) => isObject(inner))) {
    const named = entries as [string, Record<string, unknown>][];
    const names = named.map(([name]) => name);
    const inner = Object.keys(named[0]?.[1] ?? {});
    const byRows = numbered(names) || (!numbered(inner) && names.length > inner.length);
    return byRows ? namedRows(named) : namedCells(named);
  }
  const arrays = entries.filter(([, inner]) => Array.isArray(inner) && isObject(inner[0]));
  const [only] = arrays;
  if (only !== undefined && arrays.length === 1)
    return {
      says: `records under ${JSON.stringify(only[0])}`,
      names: [],
      form: 'object',
      rows: () => only[1] as unknown[],
    };
  return 'it is one object, neither records nor columns';
}
