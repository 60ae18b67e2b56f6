import type { Matrix } from '../detectors/detector.ts';
import { mixHash } from '../numeric/hash.ts';
import { columnMoments, deviationOf, mergeColumnMoments } from './column-moments.ts';
import type { EventTable, NumericColumn } from './event-table.ts';

/** Numeric features of two logs on one scale. */
export interface FeatureSpace {
  /** Names of the matrix's columns; a column 'NAME missing' says where NAME has no value. */
  readonly names: readonly string[];
  /** Columns left out since they are the same constant in both logs. */
  readonly constant: readonly string[];
  readonly axes: readonly FeatureAxis[];
}

interface FeatureAxis {
  readonly column: string;
  readonly missing: boolean;
  readonly centre: number;
  readonly scale: number;
}

/**
 * The features that both logs have, standardised by the reference; by both together where the reference does not vary. A missing or
 * infinite value becomes 0, the reference's mean, and where there are any a column of its own says so.
 */
export function featureSpace(reference: EventTable, current: EventTable, check: () => void): FeatureSpace {
  const names: string[] = [];
  const constant: string[] = [];
  const axes: FeatureAxis[] = [];
  for (const column of reference.numeric) {
    const other = featureOf(current, column.name);
    if (column.role !== 'feature' || other === null) continue;
    const [r, c] = [column, other].map(({ values }) => columnMoments(values, 0, values.length, check));
    const both = mergeColumnMoments(r, c);
    const own = deviationOf(r);
    const scale = own > 0 ? own : deviationOf(both);
    const finite = r.n > r.infinite ? r.mean : c.mean;
    if (scale > 0) {
      axes.push({ column: column.name, missing: false, centre: finite, scale });
      names.push(column.name);
    }
    const absent = both.missing + both.infinite;
    const share = absent / (both.missing + both.n);
    if (absent > 0 && share < 1) {
      axes.push({ column: column.name, missing: true, centre: share, scale: Math.sqrt(share * (1 - share)) });
      names.push(`${column.name} missing`);
    } else if (!(scale > 0)) constant.push(column.name);
  }
  return { names, constant, axes };
}

function featureOf(table: EventTable, name: string): NumericColumn | null {
  return table.numeric.find((column) => column.name === name && column.role === 'feature') ?? null;
}

/** Rows `from` to `to - 1` of a table in a feature space, float32, shape (to - from, names). */
export function featureRows(table: EventTable, space: FeatureSpace, from: number, to: number): Matrix {
  const cols = space.axes.length;
  const data = new Float32Array((to - from) * cols);
  space.axes.forEach(({ column, missing, centre, scale }, j) => {
    const values = featureOf(table, column)?.values;
    if (values === undefined) throw new RangeError(`The log has no numeric feature ${column}.`);
    for (let i = from; i < to; i++) {
      const known = Number.isFinite(values[i]);
      const value = missing ? (known ? 0 : 1) : values[i];
      data[(i - from) * cols + j] = known || missing ? (value - centre) / scale : 0;
    }
  });
  return { data, rows: to - from, cols };
}

/** A hash of each row's values, shape (rows,): equal rows have equal hashes, wherever they stand. */
export function contentHashes({ data, rows, cols }: Matrix, purpose: number): Uint32Array {
  const bits = new Uint32Array(data.buffer, data.byteOffset, rows * cols);
  const hashes = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    let hash = purpose >>> 0;
    for (let j = 0; j < cols; j++) hash = mixHash(hash ^ bits[i * cols + j], j + 1);
    hashes[i] = hash;
  }
  return hashes;
}

/**
 * A sample of at most `count` rows, chosen and ordered by their values' hashes: the same rows in any order give the same sample.
 * The second of equal rows is drawn apart from the first.
 */
export function sampleByContent(matrix: Matrix, count: number, purpose: number): Matrix {
  const { data, rows, cols } = matrix;
  const hashes = contentHashes(matrix, purpose);
  const seen = new Map<number, number>();
  const keys = Float64Array.from(hashes, (hash) => {
    const times = seen.get(hash) ?? 0;
    seen.set(hash, times + 1);
    return mixHash(hash, times + 1);
  });
  const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[a] - keys[b] || hashes[a] - hashes[b]);
  const kept = Math.min(rows, count);
  const out = new Float32Array(kept * cols);
  for (let i = 0; i < kept; i++) out.set(data.subarray(order[i] * cols, (order[i] + 1) * cols), i * cols);
  return { data: out, rows: kept, cols };
}
