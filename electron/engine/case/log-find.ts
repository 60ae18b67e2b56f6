import { setImmediate as nextTurn } from 'node:timers/promises';
import { stableOrder } from '../../../native-workers/numeric/stable-order.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { LogFilter } from '../../contract/logs.ts';
import {
  LOG_CHUNK_ROWS,
  PackedTexts,
  type ChunkValues,
  type LogChunks,
  type StoredColumn,
} from './log-chunks.ts';

/** More rows than this are not sorted by a text. */
const MOST_SORTED_TEXTS = 50_000;

/** Keeps of a chunk the rows that pass; `keep` is 1 where a row did so far. */
type Test = (values: ChunkValues, keep: Uint8Array) => void;

function columnAt(columns: readonly StoredColumn[], position: number): StoredColumn {
  const column = columns[position] as StoredColumn | undefined;
  if (column === undefined)
    throw new BezoarError('engine/bad-request', `This log has no column ${position}. Reload the view.`);
  return column;
}

function valueTest(column: StoredColumn, wanted: readonly (string | null)[]): Test {
  if (column.type === 'category') {
    const pass = Uint8Array.from([null, ...(column.levels ?? [])], (level, code) =>
      (code === 0 || level !== null) && wanted.includes(level) ? 1 : 0,
    );
    return (values, keep) => {
      const codes = values as Uint8Array;
      for (let i = 0; i < keep.length; i += 1) keep[i] &= pass[codes[i]];
    };
  }
  if (column.type === 'text') {
    const texts = wanted.map((text) => Buffer.from(text ?? ''));
    return (values, keep) => {
      const packed = values as PackedTexts;
      for (let i = 0; i < keep.length; i += 1) {
        const bytes = packed.bytes(i);
        if (keep[i] === 1 && !texts.some((text) => text.equals(bytes))) keep[i] = 0;
      }
    };
  }
  throw new BezoarError('engine/bad-request', `${column.name} holds numbers. Filter it by a range.`);
}

function rangeTest(column: StoredColumn, least: number, most: number): Test {
  if (column.type !== 'number')
    throw new BezoarError('engine/bad-request', `${column.name} holds no numbers. Filter it by its values.`);
  return (values, keep) => {
    const numbers = values as Float64Array;
    for (let i = 0; i < keep.length; i += 1) if (!(numbers[i] >= least && numbers[i] <= most)) keep[i] = 0;
  };
}

/**
 * Rows of a log, by their place in the order of time, that pass every part of the filter; in order of time, or of a
 * column with missing values last and equal ones in order of time.
 */
export async function findRows(
  chunks: LogChunks,
  log: number,
  filter: LogFilter,
  sort: { readonly column: number; readonly descending: boolean } | null,
): Promise<Uint32Array> {
  const columns = chunks.columns(log);
  const rows = chunks.rows(log);
  const tests: { position: number; test: Test }[] = [
    ...filter.categories.map(({ column, values }) => ({
      position: column,
      test: valueTest(columnAt(columns, column), values),
    })),
    ...filter.ranges.map(({ column, least, most }) => ({
      position: column,
      test: rangeTest(columnAt(columns, column), least, most),
    })),
  ];
  const kept = new Uint8Array(rows).fill(1);
  for (let chunk = 0; chunk < chunks.chunkCount(log); chunk += 1) {
    const keep = kept.subarray(chunk * LOG_CHUNK_ROWS, (chunk + 1) * LOG_CHUNK_ROWS);
    for (const { position, test } of tests) test(chunks.values(log, position, chunk), keep);
    if (tests.length > 0) await nextTurn();
  }
  const { times, arrival } = chunks.timeOrder(log);
  const { first, end } = rangeOf(times, filter.time?.fromMs ?? -Infinity, filter.time?.toMs ?? Infinity);
  const found = new Uint32Array(end - first);
  let count = 0;
  for (let row = first; row < end; row += 1)
    if (kept[arrival === null ? row : arrival[row]] === 1) {
      found[count] = row;
      count += 1;
    }
  const matched = found.slice(0, count);
  return sort === null ? matched : sortedBy(columnAt(columns, sort.column), sort.descending, matched);

  async function sortedBy(
    column: StoredColumn,
    descending: boolean,
    present: Uint32Array,
  ): Promise<Uint32Array> {
    const keys = await sortKeys(column, present);
    if (descending) for (let i = 0; i < keys.length; i += 1) keys[i] = -keys[i];
    const order = stableOrder(keys);
    return order === null ? present : Uint32Array.from(order, (at) => present[at]);
  }

  /** A number for each row that orders as its value does; NaN where it is missing. */
  async function sortKeys(column: StoredColumn, present: Uint32Array): Promise<Float64Array> {
    if (column.type === 'text' && present.length > MOST_SORTED_TEXTS)
      throw new BezoarError(
        'engine/bad-request',
        `Only ${MOST_SORTED_TEXTS} rows at most are sorted by a text, and ${present.length} pass the filter. Filter further, or sort by another column.`,
      );
    const keys = new Float64Array(present.length);
    const texts: (string | null)[] = [];
    const ranks = ranksOf(column.levels ?? []);
    for (let i = 0; i < present.length; i += 1) {
      const at = arrival === null ? present[i] : arrival[present[i]];
      const values = chunks.values(log, column.position, Math.floor(at / LOG_CHUNK_ROWS));
      const inChunk = at % LOG_CHUNK_ROWS;
      if (values instanceof PackedTexts) texts.push(values.text(inChunk));
      else if (column.type === 'category') keys[i] = ranks[values[inChunk]];
      else keys[i] = values[inChunk];
      if (i % LOG_CHUNK_ROWS === LOG_CHUNK_ROWS - 1) await nextTurn();
    }
    if (column.type !== 'text') return keys;
    const places = ranksOf([...new Set(texts)]);
    const codeOf = new Map([...new Set(texts)].map((text, at) => [text, at + 1]));
    return Float64Array.from(texts, (text) => (text === null ? Number.NaN : places[codeOf.get(text) ?? 0]));
  }
}

/** Place of each level among all by code unit, for its code from 1; NaN for a missing value. */
function ranksOf(levels: readonly (string | null)[]): Float64Array {
  const ranks = new Float64Array(levels.length + 1).fill(Number.NaN);
  const sorted = levels.filter((level) => level !== null).sort();
  const places = new Map(sorted.map((level, at) => [level, at]));
  for (const [at, level] of levels.entries())
    if (level !== null) ranks[at + 1] = places.get(level) ?? Number.NaN;
  return ranks;
}

/** The rows whose time lies from `fromMs`, inclusive, to `toMs`, exclusive. */
export function rangeOf(times: Float64Array, fromMs: number, toMs: number): { first: number; end: number } {
  const firstNotBefore = (limit: number): number => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle] < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const first = firstNotBefore(fromMs);
  return { first, end: Math.max(first, firstNotBefore(toMs)) };
}
