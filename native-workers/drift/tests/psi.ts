import { lnChiSquaredTail } from '../../numeric/chi-squared.ts';
import { cellCounts, comparable } from './homogeneity.ts';
import type { PreparedSample } from './prepared-sample.ts';
import { rowsUpTo, sampleQuantile } from './prepared-sample.ts';
import type { TestResult } from './test-result.ts';
import { byLaw } from './test-result.ts';

const BINS = 10;

/** Bounds of cells, ascending: each ends a cell of the values at or below it, or of those strictly below. */
export interface PsiBins {
  readonly edges: Float64Array;
  /** 1 where the cell ends before the edge itself, shape (edges,). */
  readonly open: Uint8Array;
}

/**
 * Cells between the quantiles of the reference, the first and the last one without an end. Quantiles that fall on one value
 * many times make that value a cell of its own, so that values below and above a constant are told apart from it.
 *
 * @param bins cells where all quantiles differ
 */
export function referenceBins(reference: PreparedSample, bins = BINS): PsiBins {
  const edges: number[] = [];
  const open: number[] = [];
  for (let k = 1; k < bins;) {
    const edge = sampleQuantile(reference, k / bins);
    let times = 1;
    while (k + times < bins && sampleQuantile(reference, (k + times) / bins) === edge) times++;
    if (times > 1) {
      edges.push(edge);
      open.push(1);
    }
    edges.push(edge);
    open.push(0);
    k += times;
  }
  return { edges: Float64Array.from(edges), open: Uint8Array.from(open) };
}

/** Rows of each cell, then the rows without a value, shape (edges + 2,). */
export function countCells(sample: PreparedSample, { edges, open }: PsiBins): Float64Array {
  const counts = new Float64Array(edges.length + 2);
  let before = 0;
  edges.forEach((edge, k) => {
    const { below, upTo } = rowsUpTo(sample, edge);
    const rows = open[k] === 1 ? below : upTo;
    counts[k] = rows - before;
    before = rows;
  });
  counts[edges.length] = sample.n - before;
  counts[edges.length + 1] = sample.missing;
  return counts;
}

/**
 * The population stability index of two rows of cells: the sum of (a - b) ln(a / b) of shares smoothed by half a row,
 * (x + 1/2) / (n + K / 2), over the K cells that hold any row. PSI / (1 / n + 1 / m) has about a chi-squared law of K - 1 degrees of
 * freedom, and (K - 1)(1 / n + 1 / m) is its mean where nothing changed: what a limit of .1 or .2 means depends on the rows.
 *
 * @returns null for a side without rows or fewer than two cells that hold any
 */
export function psiTest(reference: Float64Array, current: Float64Array): PsiTest | null {
  const counts = cellCounts(reference, current);
  if (!comparable(counts)) return null;
  const { m, n, cells } = counts;
  const k = cells.length;
  let psi = 0;
  for (let c = 0; c < k; c++) {
    const a = (counts.current[c] + 0.5) / (n + k / 2);
    const b = (counts.reference[c] + 0.5) / (m + k / 2);
    psi += (a - b) * Math.log(a / b);
  }
  const scale = 1 / n + 1 / m;
  return { ...byLaw(psi, psi, lnChiSquaredTail(psi / scale, k - 1)), ifUnchanged: (k - 1) * scale };
}

export interface PsiTest extends TestResult {
  /** The mean of the index where nothing changed. */
  readonly ifUnchanged: number;
}
