import type { Matrix } from '../../detectors/detector.ts';
import { lnNormalTail } from '../../numeric/distributions.ts';
import { averageRanks } from '../../numeric/two-sample/ranks.ts';
import { contentHashes } from '../feature-matrix.ts';
import { logisticRegression, logOdds } from './logistic-regression.ts';
import type { TestResult } from './test-result.ts';
import { byLaw } from './test-result.ts';

/** Fewer rows of either sample in either half are not worth a model. */
const LEAST_ROWS = 20;
const SPLIT_PURPOSE = 0xc257;

/** Statistic: z. Effect: the area under the ROC curve on rows that the model did not see; .5 is chance. */
export interface ClassifierTest extends TestResult {
  /** Of each column: its weight in the model. Shape (d,). */
  readonly weights: Float64Array;
  /** Of each column alone, the area under the ROC curve on all rows, shape (d,). */
  readonly columnAreas: Float64Array;
}

/**
 * The classifier two-sample test (Lopez-Paz, Oquab 2017): a logistic model is taught on half of the rows to tell the samples
 * apart and judged on the other half by the area under the ROC curve, z = (area - 1/2) / sd, one-sided. The half follows from a
 * row's values, so that copies of a row never stand on both sides.
 *
 * @returns null where either half has fewer than 20 rows of either sample
 * @throws whatever `check` throws
 */
export function classifierTest(
  args: { reference: Matrix; current: Matrix; seed: number },
  check: () => void,
): ClassifierTest | null {
  const { reference, current, seed } = args;
  const halves = [reference, current].map((sample) => {
    const hashes = contentHashes(sample, SPLIT_PURPOSE + seed);
    return [0, 1].map((half) => rowsWhere(sample, (i) => (hashes[i] & 1) === half));
  });
  if (halves.flat().some(({ rows }) => rows < LEAST_ROWS)) return null;
  const [taught, judged] = [0, 1].map((half) => stack(halves[0][half], halves[1][half]));
  const model = logisticRegression(taught.matrix, taught.isCurrent, check);
  const { area, deviation } = rocArea(logOdds(judged.matrix, model), judged.isCurrent, check);
  const all = stack(reference, current);
  const columnAreas = Float64Array.from({ length: reference.cols }, (_, j) => {
    const values = Float64Array.from(
      { length: all.matrix.rows },
      (_, i) => all.matrix.data[i * reference.cols + j],
    );
    return rocArea(values, all.isCurrent, check).area;
  });
  const z = deviation > 0 ? (area - 0.5) / deviation : 0;
  const lnP = z >= 0 ? lnNormalTail(z) : Math.log1p(-Math.exp(lnNormalTail(-z)));
  return { ...byLaw(z, area, lnP), weights: model.weights, columnAreas };
}

/**
 * The chance that a row of the second group scores above one of the first, ties half (Mann, Whitney 1947), and its deviation under
 * the hypothesis, with ties.
 */
export function rocArea(
  scores: Float64Array,
  isSecond: Uint8Array,
  check: () => void,
): { area: number; deviation: number } {
  const ranks = averageRanks(scores, check);
  let second = 0;
  let rankSum = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (isSecond[i] !== 1) continue;
    second++;
    rankSum += ranks[i];
  }
  const all = ranks.length;
  const product = second * (all - second);
  const counts = new Map<number, number>();
  for (const rank of ranks) counts.set(rank, (counts.get(rank) ?? 0) + 1);
  let ties = 0;
  for (const t of counts.values()) ties += t * t * t - t;
  const variance = (all + 1 - ties / (all * (all - 1))) / (12 * product);
  return {
    area: (rankSum - (second * (second + 1)) / 2) / product,
    deviation: Math.sqrt(Math.max(0, variance)),
  };
}

function rowsWhere({ data, rows, cols }: Matrix, keep: (row: number) => boolean): Matrix {
  const kept: number[] = [];
  for (let i = 0; i < rows; i++) if (keep(i)) kept.push(i);
  const out = new Float32Array(kept.length * cols);
  kept.forEach((row, i) => {
    out.set(data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { data: out, rows: kept.length, cols };
}

function stack(reference: Matrix, current: Matrix): { matrix: Matrix; isCurrent: Uint8Array } {
  const { cols } = reference;
  const rows = reference.rows + current.rows;
  const data = new Float32Array(rows * cols);
  data.set(reference.data);
  data.set(current.data, reference.rows * cols);
  return { matrix: { data, rows, cols }, isCurrent: new Uint8Array(rows).fill(1, reference.rows) };
}
