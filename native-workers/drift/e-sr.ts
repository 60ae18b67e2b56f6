/** Relative rises that a detector of a class share mixes over (explorers' grid). */
export const SHARE_EFFECTS = [0.02, 0.05, 0.1, 0.25, 0.5, 1];
/** Of cells that hold a few requests a window: they cannot show +2 %, but they can grow tenfold. */
export const CELL_EFFECTS = [0.1, 0.25, 0.5, 1, 3, 10];
/** Falls, for the mirror. */
const MOST_FALL = 0.95;

/** How far the null share lies above the reference's: standard errors of the reference's own share. */
const MARGIN = 1.25;
/** Counts below this have a bound instead: about the 99 % one of a Poisson count. */
const LEAST_COUNT = 50;

/** A window's log e-value stops here, so that a detector's value stays a finite double. */
const MOST_LN = 600;
const MOST = 1e290;

/**
 * e-SR detectors (Shin, Ramdas, Rinaldo 2022) of many cells in one average: M <- (M + 1) e, alarm where the weighted mean of all
 * M reaches the wanted number of windows between false alarms. Averaging any number of detectors keeps that promise.
 */
export interface Detectors {
  readonly cells: number;
  /** Relative effects of each cell, shape (cells, effects); negative for falls. */
  readonly effects: Float64Array;
  readonly perCell: number;
  /** Weight of each cell, summing to 1; its effects share it evenly. */
  readonly weights: Float64Array;
  /** The state: M of each cell and effect, shape (cells, effects). */
  readonly values: Float64Array;
}

/**
 * @param effects by cell, all of one length
 * @param weights any positive numbers
 */
export function createDetectors(
  effects: readonly (readonly number[])[],
  weights: readonly number[],
): Detectors {
  const perCell = effects[0]?.length ?? 0;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return {
    cells: effects.length,
    effects: Float64Array.from(effects.flat()),
    perCell,
    weights: Float64Array.from(weights, (weight) => weight / sum),
    values: new Float64Array(effects.length * perCell),
  };
}

/**
 * The largest share that the reference leaves room for: q (1 + m sqrt(phi (1 - q) / (q n))), the margin that makes a sequential test
 * honest against an estimated reference.
 *
 * @param share expected by the reference, seasons included
 * @param rows of the reference behind it
 * @returns below 1
 */
export function nullShare(share: number, rows: number, phi: number): number {
  const count = share * rows;
  const cap =
    count >= LEAST_COUNT
      ? share * (1 + MARGIN * Math.sqrt((phi * (1 - share)) / count))
      : (count + 3 * Math.sqrt(phi * count) + 3) / Math.max(1, rows);
  return Math.min(cap, 1 - 1e-9);
}

/** The smallest share that the reference leaves room for; 0 where it has too few requests for a fall to be seen. */
export function leastShare(share: number, rows: number, phi: number): number {
  const count = share * rows;
  return count >= LEAST_COUNT ? share * Math.max(0, 1 - MARGIN * Math.sqrt((phi * (1 - share)) / count)) : 0;
}

/**
 * ln e of a window for one effect: [x ln(q1/q0) + (n - x) ln((1 - q1)/(1 - q0))] / phi, q1 = q0 (1 + effect), at most .99. Valid for
 * every true share at most q0 (at least q0 for a fall): the likelihood ratio rises with x.
 */
export function lnEValue(x: number, n: number, q0: number, effect: number, phi: number): number {
  const q1 = effect > 0 ? Math.min(0.99, q0 * (1 + effect)) : q0 * (1 + Math.max(effect, -MOST_FALL));
  if (q0 <= 0 || (effect > 0 && q1 <= q0)) return 0;
  return (x * Math.log(q1 / q0) + (n - x) * (Math.log1p(-q1) - Math.log1p(-q0))) / phi;
}

/**
 * Takes in a window of one cell.
 *
 * @param x requests of the cell among `n`
 * @param q0 from {@link nullShare} ({@link leastShare} for falls)
 */
export function observe(
  detectors: Detectors,
  cell: number,
  x: number,
  n: number,
  q0: number,
  phi: number,
): void {
  const { effects, values, perCell } = detectors;
  for (let i = cell * perCell; i < (cell + 1) * perCell; i++) {
    const ln = Math.min(MOST_LN, lnEValue(x, n, q0, effects[i], phi));
    values[i] = Math.min(MOST, (values[i] + 1) * Math.exp(ln));
  }
}

/** What a cell contributes to the average. */
export function contribution({ weights, values, perCell }: Detectors, cell: number): number {
  let sum = 0;
  for (let i = cell * perCell; i < (cell + 1) * perCell; i++) sum += values[i];
  return (sum / perCell) * weights[cell];
}

/** The average M over all cells and effects. */
export function mixture(detectors: Detectors): number {
  let sum = 0;
  for (let cell = 0; cell < detectors.cells; cell++) sum += contribution(detectors, cell);
  return sum;
}

/** The effect of a cell that the evidence is greatest for. */
export function bestEffect({ effects, values, perCell }: Detectors, cell: number): number {
  let best = cell * perCell;
  for (let i = best + 1; i < (cell + 1) * perCell; i++) if (values[i] > values[best]) best = i;
  return effects[best];
}

/** Forgets what a cell has gathered. */
export function restart({ values, perCell }: Detectors, cell: number): void {
  values.fill(0, cell * perCell, (cell + 1) * perCell);
}

/** ln of the value that alarms: windows between false alarms, over all lanes. */
export function lnThreshold(falseAlarmDays: number, windowsPerDay: number, lanes: number): number {
  return Math.log(falseAlarmDays * windowsPerDay * lanes);
}

/**
 * ln of the value that alarms on a log of fixed length, with chance `level` of any false alarm on it: M - t is a martingale, so
 * P(max M >= c) <= t / c.
 */
export function lnThresholdOfLevel(level: number, windows: number, lanes: number): number {
  return Math.log((windows * lanes) / level);
}
