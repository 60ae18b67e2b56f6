import type { EventTable } from './event-table.ts';

/** Rows whose true class and prediction are known, in the order in which the labels arrived. */
export interface LabelledRows {
  /** Shape (n,). */
  readonly rows: Int32Array;
  /** When each label became known, ms since 1970 UTC: the request's own time where the log does not say. Shape (n,). */
  readonly knownAt: Float64Array;
  /** Of them, those whose label's arrival the log does not say. */
  readonly withoutArrival: number;
}

export function labelledRows(table: EventTable): LabelledRows {
  const { label, labelTime, predicted, time, rows } = table;
  if (label === null) return { rows: new Int32Array(0), knownAt: new Float64Array(0), withoutArrival: 0 };
  const known: number[] = [];
  for (let i = 0; i < rows; i++) if (label[i] >= 0 && predicted[i] >= 0) known.push(i);
  let withoutArrival = 0;
  const at = new Float64Array(rows);
  for (const row of known) {
    const arrival = labelTime === null ? NaN : labelTime[row];
    if (Number.isNaN(arrival)) withoutArrival++;
    at[row] = Number.isNaN(arrival) ? time[row] : arrival;
  }
  const order = Int32Array.from(known).sort((a, b) => at[a] - at[b] || a - b);
  return { rows: order, knownAt: Float64Array.from(order, (row) => at[row]), withoutArrival };
}

/** 1 where the prediction was wrong, in the order in which the labels arrived, shape (n,). */
export function errorsOf({ label, predicted }: EventTable, { rows }: LabelledRows): Float64Array {
  return Float64Array.from(rows, (row) => (label?.[row] === predicted[row] ? 0 : 1));
}
