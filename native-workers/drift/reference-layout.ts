import { radixSort } from '../numeric/two-sample/radix-sort.ts';
import type { EventTable, NumericColumn } from './event-table.ts';
import { quantileBins, type ValueBins } from './value-bins.ts';

/** Classes with fewer requests in the reference are watched together as 'rare' (explorers' step 1). */
export const LEAST_CLASS_ROWS = 50;
/** Cells within classes are kept for so many of the largest classes; the others are watched by their shares. */
const MOST_GROUPS = 100;
/** Levels of a categorical column with cells of their own, by count. */
const MOST_LEVELS = 30;

/** Quantiles of the bins within a class; the cells' edges are among them. */
const CLASS_SHARES = [
  0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99,
  0.995, 0.999,
];
/** Bins that every group of a column has room for: between the edges, beyond them, and missing. */
export const CLASS_BINS = CLASS_SHARES.length + 2;
/** Cells of confidence (measured: without the last edge a slow ramp is seen later) and of features, whose both tails count. */
const CONFIDENCE_CELLS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.99];
const FEATURE_CELLS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
/** 'Slow' requests are those above these quantiles of all requests. */
export const TAIL_CELLS = [0.5, 0.9, 0.99, 0.995, 0.998, 0.999];

/** A number in bins of its class's own quantiles: the same value is ordinary in one class and foreign to another. */
interface ClassNumberLayout {
  readonly name: string;
  readonly kind: 'confidence' | 'feature';
  /** Shape (groups,). */
  readonly bins: readonly ValueBins[];
  /** Shares between which the bins are pooled to the cells that alarm. */
  readonly cells: readonly number[];
}

/** Latency or a resource, in bins of all requests. */
interface LoadLayout extends ValueBins {
  readonly name: string;
}

/** Which classes, levels and bins a log is counted in: taken from the reference, the same for every log held against it. */
export interface ReferenceLayout {
  /** Classes with at least {@link LEAST_CLASS_ROWS} requests, by name. The index past the last one is the rest. */
  readonly classes: readonly string[];
  /** Seldom classes of the reference with their requests. */
  readonly rare: readonly { readonly name: string; readonly rows: number }[];
  /** Group of each class and of the rest, shape (classes + 1,): cells within classes are kept by group. */
  readonly groupOfClass: readonly number[];
  readonly groups: number;
  /** Confidence first, then features. Scores of single classes are left out: confidence is the one that counts. */
  readonly classNumbers: readonly ClassNumberLayout[];
  /** `levels` by name; the index past the last one is every other level, the one after it a missing value. */
  readonly categories: readonly { readonly name: string; readonly levels: readonly string[] }[];
  readonly loads: readonly LoadLayout[];
}

/** @throws whatever `check` throws */
export function layOut(table: EventTable, check: () => void): ReferenceLayout {
  const counts = new Int32Array(table.classes.length);
  for (let i = 0; i < table.rows; i++) if (table.predicted[i] >= 0) counts[table.predicted[i]]++;
  const named = table.classes.map((name, code) => ({ name, rows: counts[code] }));
  const classes = named.filter(({ rows }) => rows >= LEAST_CLASS_ROWS).map(({ name }) => name);
  const rare = named.filter(({ rows }) => rows > 0 && rows < LEAST_CLASS_ROWS);
  const { groupOfClass, groups } = groupClasses(named.filter(({ rows }) => rows >= LEAST_CLASS_ROWS));
  const groupOf = groupOfRows(table, classes, groupOfClass);
  const confidence = table.numeric.find(({ role }) => role === 'confidence');
  const features = table.numeric.filter(
    (column) => column !== confidence && (column.role === 'feature' || column.role === 'confidence'),
  );
  return {
    classes,
    rare,
    groupOfClass,
    groups,
    classNumbers: [...(confidence === undefined ? [] : [confidence]), ...features].map((column) => ({
      name: column.name,
      kind: column === confidence ? 'confidence' : 'feature',
      bins: binsWithin(column, groupOf, groups, check),
      cells: column === confidence ? CONFIDENCE_CELLS : FEATURE_CELLS,
    })),
    categories: table.categorical.map(({ name, levels, codes }) => {
      check();
      const seen = new Int32Array(levels.length);
      for (let i = 0; i < codes.length; i++) if (codes[i] >= 0) seen[codes[i]]++;
      const kept = [...levels.keys()]
        .filter((level) => seen[level] > 0)
        .sort((a, b) => seen[b] - seen[a] || a - b)
        .slice(0, MOST_LEVELS);
      return { name, levels: kept.sort((a, b) => a - b).map((level) => levels[level]) };
    }),
    loads: table.numeric.flatMap(({ name, role, values }): LoadLayout[] => {
      if (role !== 'latency' && role !== 'resource') return [];
      const known = values.filter((value) => !Number.isNaN(value));
      return [{ name, ...quantileBins(radixSort(known, check), TAIL_CELLS) }];
    }),
  };
}

/** The largest classes have a group each, the others share one with the rest. */
function groupClasses(classes: readonly { readonly name: string; readonly rows: number }[]): {
  groupOfClass: number[];
  groups: number;
} {
  const largest = [...classes.keys()]
    .sort((a, b) => classes[b].rows - classes[a].rows || a - b)
    .slice(0, MOST_GROUPS)
    .sort((a, b) => a - b);
  const groupOfClass = new Array<number>(classes.length + 1).fill(largest.length);
  largest.forEach((classIndex, group) => (groupOfClass[classIndex] = group));
  return { groupOfClass, groups: largest.length + 1 };
}

/** Class of each row by the layout's classes; the rest where it is rare, new or missing. */
export function classOfRows(table: EventTable, classes: readonly string[]): Int32Array {
  const place = new Map(classes.map((name, index) => [name, index]));
  const map = Int32Array.from(table.classes, (name) => place.get(name) ?? classes.length);
  return Int32Array.from(table.predicted, (code) => (code < 0 ? classes.length : map[code]));
}

function groupOfRows(
  table: EventTable,
  classes: readonly string[],
  groupOfClass: readonly number[],
): Int32Array {
  return classOfRows(table, classes).map((index) => groupOfClass[index]);
}

function binsWithin(
  { values }: NumericColumn,
  groupOf: Int32Array,
  groups: number,
  check: () => void,
): ValueBins[] {
  return Array.from({ length: groups }, (_, group) => {
    check();
    const within = values.filter((value, row) => groupOf[row] === group && !Number.isNaN(value));
    return quantileBins(radixSort(within, check), CLASS_SHARES);
  });
}
