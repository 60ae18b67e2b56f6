import { HOUR } from './log-windows.ts';
import type { EventTable } from './event-table.ts';
import { mapNames } from './merge-tables.ts';
import { classOfRows, type ReferenceLayout } from './reference-layout.ts';
import { binCount, binOf, cellsOfBins } from './value-bins.ts';

/** Rows between two looks at cancellation: about 10 ms of the slowest loop. */
const BLOCK = 1 << 16;

/** The rows of a log in the classes, levels and bins of a reference's layout: everything after this is counting. */
export interface CodedTable {
  readonly rows: number;
  readonly time: Float64Array;
  /** Index into the layout's classes, `classes.length` for the rest, shape (rows,). */
  readonly classOf: Int32Array;
  readonly groupOf: Int32Array;
  /** 1 for a request without a prediction, shape (rows,). */
  readonly unpredicted: Uint8Array;
  /** Bin of each number of the layout within the row's group. */
  readonly classNumbers: readonly Uint8Array[];
  /** Level of each categorical column: `levels.length` is another level, one more is missing. */
  readonly categories: readonly Uint8Array[];
  /** Bin of each load. */
  readonly loads: readonly Uint8Array[];
  /** Class of the label, `classes.length` for the rest, -1 without one; null where no row has a label. */
  readonly labelClass: Int32Array | null;
  /** 1 where a label is there and differs from the prediction. */
  readonly wrong: Uint8Array | null;
}

/** @throws whatever `check` throws */
export function codeTable(table: EventTable, layout: ReferenceLayout, check: () => void): CodedTable {
  const classOf = classOfRows(table, layout.classes);
  const groupMap = Int32Array.from(layout.groupOfClass);
  const groupOf = classOf.map((index) => groupMap[index]);
  return {
    rows: table.rows,
    time: table.time,
    classOf,
    groupOf,
    unpredicted: Uint8Array.from(table.predicted, (code) => (code < 0 ? 1 : 0)),
    classNumbers: layout.classNumbers.map(({ name, bins }) => {
      const edges = bins.map((one) => Float64Array.from(one.edges));
      return codeNumber(table, name, (row) => edges[groupOf[row]], check);
    }),
    categories: layout.categories.map(({ name, levels }) => {
      check();
      const column = table.categorical.find((one) => one.name === name);
      if (column === undefined) return new Uint8Array(table.rows).fill(levels.length + 1);
      const map = mapNames(column.levels, levels);
      return Uint8Array.from(column.codes, (code) =>
        code < 0 ? levels.length + 1 : map[code] < 0 ? levels.length : map[code],
      );
    }),
    loads: layout.loads.map(({ name, edges }) => {
      const rising = Float64Array.from(edges);
      return codeNumber(table, name, () => rising, check);
    }),
    ...codeLabels(table, layout, check),
  };
}

/** A column that the log lacks is missing in every row. */
function codeNumber(
  table: EventTable,
  name: string,
  edgesOf: (row: number) => Float64Array,
  check: () => void,
): Uint8Array {
  const column = table.numeric.find((one) => one.name === name);
  const bins = new Uint8Array(table.rows);
  for (let i = 0; i < table.rows; i++) {
    if (i % BLOCK === 0) check();
    bins[i] = binOf(edgesOf(i), column === undefined ? NaN : column.values[i]);
  }
  return bins;
}

function codeLabels(
  table: EventTable,
  layout: ReferenceLayout,
  check: () => void,
): Pick<CodedTable, 'labelClass' | 'wrong'> {
  const { label, predicted } = table;
  if (label?.some((code) => code >= 0) !== true) return { labelClass: null, wrong: null };
  check();
  const map = mapNames(table.classes, layout.classes);
  const labelClass = label.map((code) => (code < 0 ? -1 : map[code] < 0 ? layout.classes.length : map[code]));
  const wrong = new Uint8Array(table.rows);
  for (let i = 0; i < table.rows; i++)
    if (label[i] >= 0 && predicted[i] >= 0 && label[i] !== predicted[i]) wrong[i] = 1;
  return { labelClass, wrong };
}

/**
 * Counts by hour (UTC), only of hours that have a request or a label. All counts lie hour by hour: hour h of a family with c columns
 * begins at h * c.
 */
export interface HourCounts {
  /** Hours since 1970, rising, shape (hours,). */
  readonly hours: Int32Array;
  /** Rows of the table by hour: hour h has rows `rowFrom[h]` to `rowFrom[h + 1] - 1`, shape (hours + 1,). */
  readonly rowFrom: Int32Array;
  readonly requests: Int32Array;
  /** Requests without a prediction. */
  readonly unpredicted: Int32Array;
  /** Requests with a label that became known in the hour. */
  readonly labels: Int32Array;
  /** (hours, classes + 1) */
  readonly classes: Int32Array;
  /** (hours, groups) */
  readonly groups: Int32Array;
  /** (hours, groups, cells + 2) each: the last cell is missing */
  readonly classNumbers: readonly Int32Array[];
  /** (hours, groups, levels + 2) each */
  readonly categories: readonly Int32Array[];
  /** (hours, bins) each, all classes together */
  readonly loads: readonly Int32Array[];
  /** By the hour in which the label became known, (hours, 4, classes + 1): labelled and wrong by prediction, then by label. */
  readonly errors: Int32Array | null;
}

/**
 * @param labelTime as the table has it; a label without a time counts in the hour of its request
 * @throws whatever `check` throws
 */
export function countHours(
  coded: CodedTable,
  labelTime: Float64Array | null,
  layout: ReferenceLayout,
  check: () => void,
): HourCounts {
  const { rows, time, classOf, groupOf, labelClass, wrong } = coded;
  const hourOf = Int32Array.from(time, (at) => Math.floor(at / HOUR));
  const labelHour = labelHours(coded, hourOf, labelTime);
  const hours = distinctHours(hourOf, labelHour);
  const place = new Map(Array.from(hours, (hour, index) => [hour, index]));
  const rowFrom = new Int32Array(hours.length + 1);
  const slot = new Int32Array(rows);
  let previous = NaN;
  let at = 0;
  for (let i = 0; i < rows; i++) {
    if (hourOf[i] !== previous) {
      previous = hourOf[i];
      at = place.get(previous) ?? 0;
    }
    slot[i] = at;
    rowFrom[at + 1]++;
  }
  const requests = rowFrom.slice(1);
  for (let h = 0; h < hours.length; h++) rowFrom[h + 1] += rowFrom[h];

  const count = (columns: number, column: (row: number) => number): Int32Array => {
    const counts = new Int32Array(hours.length * columns);
    for (let i = 0; i < rows; i++) {
      if (i % BLOCK === 0) check();
      counts[slot[i] * columns + column(i)]++;
    }
    return counts;
  };
  const classColumns = layout.classes.length + 1;
  const labels = new Int32Array(hours.length);
  let errors: Int32Array | null = null;
  if (labelClass !== null && wrong !== null && labelHour !== null) {
    errors = new Int32Array(hours.length * 4 * classColumns);
    for (let i = 0; i < rows; i++) {
      if (i % BLOCK === 0) check();
      if (labelClass[i] < 0) continue;
      const hour = place.get(labelHour[i]) ?? 0;
      labels[hour]++;
      const base = hour * 4 * classColumns;
      errors[base + classOf[i]]++;
      errors[base + classColumns + classOf[i]] += wrong[i];
      errors[base + 2 * classColumns + labelClass[i]]++;
      errors[base + 3 * classColumns + labelClass[i]] += wrong[i];
    }
  }
  return {
    hours,
    rowFrom,
    requests,
    unpredicted: sumByHour(slot, coded.unpredicted, hours.length),
    labels,
    classes: count(classColumns, (row) => classOf[row]),
    groups: count(layout.groups, (row) => groupOf[row]),
    classNumbers: coded.classNumbers.map((bins, index) => {
      const { cells, bins: own } = layout.classNumbers[index];
      const cellOf = own.map((one) => Uint8Array.from(cellsOfBins(one, cells)));
      const columns = cells.length + 2;
      return count(layout.groups * columns, (row) => {
        const group = groupOf[row];
        return group * columns + cellOf[group][bins[row]];
      });
    }),
    categories: coded.categories.map((levels, index) => {
      const columns = layout.categories[index].levels.length + 2;
      return count(layout.groups * columns, (row) => groupOf[row] * columns + levels[row]);
    }),
    loads: coded.loads.map((bins, index) => count(binCount(layout.loads[index].edges), (row) => bins[row])),
    errors,
  };
}

function sumByHour(slot: Int32Array, flags: Uint8Array, hours: number): Int32Array {
  const sums = new Int32Array(hours);
  for (let i = 0; i < slot.length; i++) sums[slot[i]] += flags[i];
  return sums;
}

function labelHours(
  { rows, labelClass }: CodedTable,
  hourOf: Int32Array,
  labelTime: Float64Array | null,
): Int32Array | null {
  if (labelClass === null) return null;
  const hours = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const at = labelTime === null ? NaN : labelTime[i];
    hours[i] = Number.isNaN(at) ? hourOf[i] : Math.max(hourOf[i], Math.floor(at / HOUR));
  }
  return labelClass.some((code) => code >= 0)
    ? hours.map((hour, row) => (labelClass[row] < 0 ? hourOf[row] : hour))
    : null;
}

function distinctHours(hourOf: Int32Array, labelHour: Int32Array | null): Int32Array {
  const seen = new Set<number>();
  let previous = NaN;
  for (const hour of hourOf) {
    if (hour !== previous) seen.add(hour);
    previous = hour;
  }
  if (labelHour !== null) for (const hour of labelHour) seen.add(hour);
  return Int32Array.from(seen).sort();
}
