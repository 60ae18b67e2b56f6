import type { TaskContext } from '../task.ts';
import { countedSample, type QuantileSketch } from './quantile-sketch.ts';
import { chiSquaredTest } from './tests/chi-squared.ts';
import { cellCounts, comparable, type Draws } from './tests/homogeneity.ts';
import { kolmogorovSmirnovTest } from './tests/kolmogorov-smirnov.ts';
import { prepareSample, type PreparedSample } from './tests/prepared-sample.ts';
import type { WindowRows } from './window-metrics.ts';

/** One row of the map: how far a column lies from the baseline in each window, shape (windows,) each; NaN where there is nothing to hold. */
export interface EffectRow {
  readonly effect: Float64Array;
  readonly p: Float64Array;
}

/** Windows are many and their p-values are for the eye: the limit's law will do, and few draws where a cell is thin. */
const EXACT_UP_TO = 1e5;
const DRAWS: Draws = { seed: 0, purpose: 0x6d6170, most: 199, stopAfter: 20 };

/**
 * Kolmogorov-Smirnov distance of each window of a numeric column from the baseline's column, lane by lane.
 *
 * @param args.reference the baseline's values, or its sketch where they are not in the case
 */
export function numberEffects(
  {
    values,
    lanes,
    reference,
  }: { values: Float64Array; lanes: readonly WindowRows[]; reference: QuantileSketch | Float64Array },
  ctx: TaskContext,
): EffectRow[] {
  const check = (): void => {
    ctx.check();
  };
  const baseline = prepareSample(
    reference instanceof Float64Array ? countedSample(reference, check) : reference,
  );
  return lanes.map((lane) => numberEffectsOf(values, lane, baseline, check));
}

function numberEffectsOf(
  values: Float64Array,
  { from, to }: WindowRows,
  baseline: PreparedSample,
  check: () => void,
): EffectRow {
  const row = emptyRow(from.length);
  for (let w = 0; w < from.length; w++) {
    check();
    const current = prepareSample(countedSample(values.slice(from[w], to[w]), check));
    if (baseline.n === 0 || current.n === 0) continue;
    const { effect, p } = kolmogorovSmirnovTest(
      { reference: baseline, current, draws: DRAWS, exactUpTo: EXACT_UP_TO },
      check,
    );
    row.effect[w] = effect;
    row.p[w] = p;
  }
  return row;
}

/**
 * Total variation of each window's cells from the baseline's, with the p-value of the chi-squared test of homogeneity, lane by lane.
 *
 * @param args.cellOf cell of each code, shape (levels,); -1 in `codes` is the last cell
 * @param args.reference rows of each cell, shape (cells,)
 */
export function cellEffects(
  {
    codes,
    cellOf,
    lanes,
    reference,
  }: { codes: Int32Array; cellOf: Int32Array; lanes: readonly WindowRows[]; reference: Float64Array },
  ctx: TaskContext,
): EffectRow[] {
  return lanes.map((lane) =>
    cellEffectsOf(codes, cellOf, lane, reference, () => {
      ctx.check();
    }),
  );
}

function cellEffectsOf(
  codes: Int32Array,
  cellOf: Int32Array,
  { from, to }: WindowRows,
  reference: Float64Array,
  check: () => void,
): EffectRow {
  const row = emptyRow(from.length);
  const total = reference.reduce((sum, count) => sum + count, 0);
  const cells = reference.length;
  for (let w = 0; w < from.length; w++) {
    check();
    const current = new Float64Array(cells);
    for (let at = from[w]; at < to[w]; at++) current[codes[at] < 0 ? cells - 1 : cellOf[codes[at]]]++;
    const counts = cellCounts(reference, current);
    if (!comparable(counts)) continue;
    let difference = 0;
    for (let c = 0; c < cells; c++) difference += Math.abs(current[c] / counts.n - reference[c] / total);
    row.effect[w] = difference / 2;
    row.p[w] = chiSquaredTest(counts, DRAWS, check).p;
  }
  return row;
}

function emptyRow(windows: number): EffectRow {
  return { effect: new Float64Array(windows).fill(NaN), p: new Float64Array(windows).fill(NaN) };
}
