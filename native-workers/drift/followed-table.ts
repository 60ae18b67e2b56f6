import { sharedFloat64, sharedInt32 } from '../numeric/shared-arrays.ts';
import { stableOrder } from '../numeric/stable-order.ts';
import type { EventTable, NumericRole } from './event-table.ts';

/** What a column of a followed log is. Codes count from 1, 0 is missing. */
export type FollowedColumn =
  | { readonly kind: 'time' | 'label-time' }
  | { readonly kind: 'predicted' | 'label'; readonly levels: readonly string[] }
  | { readonly kind: 'category'; readonly name: string; readonly levels: readonly string[] }
  /** Values are multiplied by `factor`. */
  | { readonly kind: 'number'; readonly name: string; readonly role: NumericRole; readonly factor: number };

/** Requests as they arrived, by column, on shared memory; arrays are longer than `rows` where the chunk is not full. */
export interface FollowedChunk {
  readonly rows: number;
  /** Float64Array for times and numbers, Int32Array for codes. */
  readonly columns: readonly (Float64Array | Int32Array)[];
}

export interface AssembledTable {
  readonly table: EventTable;
  /** Place of each row among all rows of the chunks as they arrived, shape (rows,). */
  readonly arrival: Int32Array;
}

/**
 * Requests of a followed log before `until` as a table in order of time, on shared memory. A label that becomes known later is not
 * known yet.
 *
 * @param until milliseconds since 1970 UTC, exclusive
 */
export function assembleTable(
  chunks: readonly FollowedChunk[],
  columns: readonly FollowedColumn[],
  until: number,
): AssembledTable {
  const total = chunks.reduce((sum, { rows }) => sum + rows, 0);
  const gather = (column: number): Float64Array => {
    const values = new Float64Array(total);
    let at = 0;
    for (const chunk of chunks) {
      values.set(chunk.columns[column].subarray(0, chunk.rows), at);
      at += chunk.rows;
    }
    return values;
  };
  const arrived = gather(columns.findIndex(({ kind }) => kind === 'time'));
  const order = stableOrder(arrived);
  const kept: number[] = [];
  for (let i = 0; i < total; i++) {
    const row = order === null ? i : order[i];
    if (arrived[row] < until) kept.push(row);
  }
  const arrival = Int32Array.from(kept);
  const rows = arrival.length;
  const ordered = (values: Float64Array, factor = 1): Float64Array => {
    const into = sharedFloat64(rows);
    for (let row = 0; row < rows; row++) into[row] = values[arrival[row]] * factor;
    return into;
  };
  const time = ordered(arrived);
  const find = (kind: FollowedColumn['kind']): number => columns.findIndex((one) => one.kind === kind);
  const numbers = (column: number, factor = 1): Float64Array => ordered(gather(column), factor);
  const codes = (column: number, places: Int32Array): Int32Array => {
    const values = gather(column);
    const into = sharedInt32(rows);
    for (let row = 0; row < rows; row++) {
      const code = values[arrival[row]];
      into[row] = code === 0 ? -1 : places[code - 1];
    }
    return into;
  };
  const [predictedAt, labelAt, labelTimeAt] = [find('predicted'), find('label'), find('label-time')];
  const levelsAt = (column: number): readonly string[] => {
    const one = columns[column] as FollowedColumn | undefined;
    return one !== undefined && 'levels' in one ? one.levels : [];
  };
  const classes = [...new Set([...levelsAt(predictedAt), ...levelsAt(labelAt)])].sort();
  const placesIn = (levels: readonly string[], among: readonly string[]): Int32Array => {
    const place = new Map(among.map((name, at) => [name, at]));
    return Int32Array.from(levels, (name) => place.get(name) ?? -1);
  };
  const labelTime = labelTimeAt < 0 ? null : numbers(labelTimeAt);
  const label = labelAt < 0 ? null : codes(labelAt, placesIn(levelsAt(labelAt), classes));
  if (label !== null && labelTime !== null)
    for (let row = 0; row < rows; row++) if (labelTime[row] >= until) label[row] = -1;
  return {
    arrival,
    table: {
      rows,
      time,
      classes,
      predicted:
        predictedAt < 0
          ? sharedInt32(rows).fill(-1)
          : codes(predictedAt, placesIn(levelsAt(predictedAt), classes)),
      label,
      labelTime,
      numeric: columns.flatMap((one, at) =>
        one.kind === 'number' ? [{ name: one.name, role: one.role, values: numbers(at, one.factor) }] : [],
      ),
      categorical: columns.flatMap((one, at) => {
        if (one.kind !== 'category') return [];
        const levels = [...new Set(one.levels)].sort();
        return [{ name: one.name, levels, codes: codes(at, placesIn(one.levels, levels)) }];
      }),
    },
  };
}
