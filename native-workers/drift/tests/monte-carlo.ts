import { lnGamma } from '../../numeric/distributions.ts';
import { mixHash } from '../../numeric/hash.ts';
import type { DrawnP } from './test-result.ts';

/** Statistics of equal tables differ by rounding: this share below the observed one counts as equal. */
const ROUNDING = 1e-11;

/** Draws of a stream, 0 < u < 1: a hash of seed, purpose, number of the stream and number of the draw. */
export function uniformDraws(seed: number, purpose: number, index: number): () => number {
  const stream = mixHash(mixHash(seed, purpose), index);
  let count = 0;
  return () => (mixHash(mixHash(count++, stream), index) + 0.5) / 2 ** 32;
}

/** Standard normal draws from uniform ones (Box, Muller 1958). */
export function normalDraws(uniform: () => number): () => number {
  let kept = NaN;
  return () => {
    if (!Number.isNaN(kept)) {
      const value = kept;
      kept = NaN;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform()));
    const angle = 2 * Math.PI * uniform();
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/**
 * The p-value of a statistic against draws of it under the hypothesis: (b + 1) / (m + 1), with b of m draws at least as large.
 * It stops early when `stopAfter` draws were at least as large, at draw L: then p = stopAfter / L (Besag, Clifford 1991).
 *
 * @param args.draw the statistic of draw number `index`, from 0
 * @param args.most draws at most
 * @throws whatever `check` throws; it is called for each draw
 */
export function monteCarloP(
  args: { observed: number; draw: (index: number) => number; most: number; stopAfter: number },
  check: () => void,
): DrawnP {
  const { observed, draw, most, stopAfter } = args;
  const least = observed - Math.abs(observed) * ROUNDING;
  const leastP = 1 / (most + 1);
  let atLeast = 0;
  for (let index = 0; index < most; index++) {
    check();
    if (draw(index) >= least && ++atLeast >= stopAfter)
      return { p: stopAfter / (index + 1), leastP, draws: index + 1 };
  }
  return { p: (atLeast + 1) / (most + 1), leastP, draws: most };
}

function lnChoose(n: number, k: number): number {
  return lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
}

/**
 * The number of marked things among `drawn` of `total`, `marked` of them marked (hypergeometric), by inversion from the most
 * likely number outwards.
 *
 * @param u uniform on (0, 1)
 */
export function drawHypergeometric(total: number, marked: number, drawn: number, u: number): number {
  const least = Math.max(0, drawn - (total - marked));
  const most = Math.min(marked, drawn);
  if (least === most) return least;
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (total + 2))));
  const spare = total - marked - drawn;
  const first = Math.exp(
    lnChoose(marked, mode) + lnChoose(total - marked, drawn - mode) - lnChoose(total, drawn),
  );
  let left = u - first;
  let [up, down] = [mode, mode];
  let [pUp, pDown] = [first, first];
  while (left >= 0) {
    if (up < most) {
      pUp *= ((marked - up) * (drawn - up)) / ((up + 1) * (spare + up + 1));
      up++;
      left -= pUp;
      if (left < 0) return up;
    } else pUp = 0;
    if (down > least) {
      pDown *= (down * (spare + down)) / ((marked - down + 1) * (drawn - down + 1));
      down--;
      left -= pDown;
      if (left < 0) return down;
    } else pDown = 0;
    // What is left now is the rounding of the sum.
    if (pUp + pDown < 1e-18) return mode;
  }
  return mode;
}

/**
 * How many of the first sample's rows fall into each cell when rows are dealt to the samples at random: both margins of the
 * 2 x K table are fixed.
 *
 * @param totals rows of both samples in each cell, shape (K,)
 * @param first rows of the first sample
 * @param out shape (K,)
 */
export function dealCells(
  totals: Float64Array,
  first: number,
  uniform: () => number,
  out: Float64Array,
): void {
  let rows = 0;
  for (let k = 0; k < totals.length; k++) rows += totals[k];
  let left = first;
  for (let k = 0; k < totals.length; k++) {
    const dealt = left === 0 ? 0 : drawHypergeometric(rows, totals[k], left, uniform());
    out[k] = dealt;
    left -= dealt;
    rows -= totals[k];
  }
}
