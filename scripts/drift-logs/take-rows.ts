import type { EventTable } from '../../native-workers/drift/event-table.ts';

/** A table of chosen rows, each moved in time, in order of time; rows may repeat. */
export function takeRows(
  source: EventTable,
  rows: readonly number[],
  shift: (row: number, index: number) => number,
): EventTable {
  const moved = rows.map((row, index) => ({ row, by: shift(row, index) }));
  moved.sort((a, b) => source.time[a.row] + a.by - source.time[b.row] - b.by);
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(moved, ({ row }) => values[row]);
  const codes = (values: Int32Array): Int32Array => Int32Array.from(moved, ({ row }) => values[row]);
  const { labelTime } = source;
  return {
    rows: moved.length,
    time: Float64Array.from(moved, ({ row, by }) => source.time[row] + by),
    classes: source.classes,
    predicted: codes(source.predicted),
    label: source.label === null ? null : codes(source.label),
    labelTime: labelTime === null ? null : Float64Array.from(moved, ({ row, by }) => labelTime[row] + by),
    numeric: source.numeric.map(({ name, role, values }) => ({ name, role, values: numbers(values) })),
    categorical: source.categorical.map(({ name, levels, codes: own }) => ({
      name,
      levels,
      codes: codes(own),
    })),
  };
}
