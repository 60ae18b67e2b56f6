import type {
  DetectorResult,
  InputStatistics,
  LossCurves,
  Matrix,
  SampleSet,
} from '../../../native-workers/detectors/detector.ts';
import type { ScanResult } from '../../../native-workers/decision/scan.ts';
import { IMAGE_STATISTICS } from '../../../native-workers/numeric/image-statistics.ts';

/** Rows of a set with a label, ascending; null where every row has one. */
export function labelledRows(label: Int32Array): Int32Array | null {
  if (!label.includes(-1)) return null;
  return Int32Array.from(label.keys()).filter((row) => label[row] >= 0);
}

type Values = Float32Array | Float64Array | Int32Array | Uint32Array;

/** Rows of `width` values each, on shared memory of their own. */
function picked<V extends Values>(values: V, rows: Int32Array, width = 1): V {
  const make = values.constructor as new (buffer: SharedArrayBuffer) => V;
  const out = new make(new SharedArrayBuffer(values.BYTES_PER_ELEMENT * rows.length * width));
  for (let at = 0; at < rows.length; at++)
    out.set(values.subarray(rows[at] * width, (rows[at] + 1) * width), at * width);
  return out;
}

const pickedMatrix = ({ data, cols }: Matrix, rows: Int32Array): Matrix => ({
  data: picked(data, rows, cols),
  rows: rows.length,
  cols,
});

const pickedLosses = ({ names, data }: LossCurves, rows: Int32Array): LossCurves => ({
  names,
  data: picked(data, rows, names.length),
});

export const pickedStatistics = (
  { data, contentHash }: InputStatistics,
  rows: Int32Array,
): InputStatistics => ({
  data: picked(data, rows, IMAGE_STATISTICS),
  contentHash: picked(contentHash, rows),
});

/** The samples of a set in those rows alone. */
export const pickedSet = (set: SampleSet, rows: Int32Array): SampleSet => ({
  rows: rows.length,
  label: picked(set.label, rows),
  predicted: set.predicted && picked(set.predicted, rows),
  keyHash: picked(set.keyHash, rows),
  activations: set.activations && pickedMatrix(set.activations, rows),
  logits: set.logits && pickedMatrix(set.logits, rows),
  losses: set.losses && pickedLosses(set.losses, rows),
  gradientNorm: set.gradientNorm && picked(set.gradientNorm, rows),
  images: set.images && pickedStatistics(set.images, rows),
});

function spread<V extends Values | Uint8Array>(values: V, rows: Int32Array, all: number, rest: number): V {
  const make = values.constructor as new (length: number) => V;
  const out = new make(all).fill(rest) as V;
  for (let at = 0; at < rows.length; at++) out[rows[at]] = values[at];
  return out;
}

const spreadDetector = (result: DetectorResult, rows: Int32Array, all: number): DetectorResult => ({
  ...result,
  score: spread(result.score, rows, all, Number.NaN),
  pValue: result.pValue && spread(result.pValue, rows, all, Number.NaN),
  marked: spread(result.marked, rows, all, 0),
  cluster: result.cluster && spread(result.cluster, rows, all, -1),
  like: result.like && spread(result.like, rows, all, -1),
  projection: result.projection && spread(result.projection, rows, all, Number.NaN),
});

/**
 * What was found in those rows, over all rows of the set: the others are not judged, and rank behind them in their order.
 * @param all rows of the set
 */
export function overAllRows(result: ScanResult, rows: Int32Array, all: number): ScanResult {
  const rank = spread(result.rank, rows, all, 0);
  let last = rows.length;
  for (let row = 0; row < all; row++) if (rank[row] === 0) rank[row] = ++last;
  const grade = new Array<ScanResult['grade'][number]>(all).fill('');
  for (let at = 0; at < rows.length; at++) grade[rows[at]] = result.grade[at];
  return {
    ...result,
    flagged: spread(result.flagged, rows, all, 0),
    rank,
    score: spread(result.score, rows, all, 0),
    pValue: spread(result.pValue, rows, all, Number.NaN),
    methods: spread(result.methods, rows, all, 0),
    grade,
    detectors: result.detectors.map((run) => ({ ...run, result: spreadDetector(run.result, rows, all) })),
    notes: [
      `${all - rows.length} of ${all} samples have no label. They were not judged, and stand behind the others.`,
      ...result.notes,
    ],
  };
}
