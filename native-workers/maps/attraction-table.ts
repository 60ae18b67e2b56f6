import { TABLE_LENGTH, TABLE_LOWEST, TABLE_OCTAVES, TABLE_STEPS } from '../engines/layout-kernels.ts';

export interface Curve {
  readonly a: number;
  readonly b: number;
}

const POINTS = 300;
const ROUNDS = 200;

/**
 * The a and b of 1 / (1 + a x^(2b)) that come closest, in least squares at 300 points from 0 to 3 spreads, to UMAP's wish: 1 up
 * to the minimum distance, exp(-(x - minDist) / spread) beyond it (McInnes, Healy, Melville 2018). Levenberg-Marquardt, float64.
 *
 * @throws RangeError when minDist is not from 0 to 3 spreads or spread is not above 0
 */
export function fitCurve(minDist: number, spread: number): Curve {
  if (!(spread > 0) || !(minDist >= 0 && minDist < 3 * spread))
    throw new RangeError(`There is no map with minimum distance ${minDist} and spread ${spread}.`);
  const xs = Float64Array.from({ length: POINTS }, (_, i) => (3 * spread * i) / (POINTS - 1));
  const wish = xs.map((x) => (x < minDist ? 1 : Math.exp(-(x - minDist) / spread)));
  const loss = (a: number, b: number) =>
    xs.reduce((sum, x, i) => sum + (1 / (1 + a * x ** (2 * b)) - wish[i]) ** 2, 0);
  let [a, b, damping] = [1, 1, 1e-3];
  let best = loss(a, b);
  for (let round = 0; round < ROUNDS; round++) {
    let [aa, ab, bb, ga, gb] = [0, 0, 0, 0, 0];
    for (let i = 1; i < POINTS; i++) {
      const power = xs[i] ** (2 * b);
      const y = 1 / (1 + a * power);
      const da = -y * y * power;
      const db = -y * y * a * power * 2 * Math.log(xs[i]);
      aa += da * da;
      ab += da * db;
      bb += db * db;
      ga += da * (y - wish[i]);
      gb += db * (y - wish[i]);
    }
    const [dampedA, dampedB] = [aa * (1 + damping), bb * (1 + damping)];
    const determinant = dampedA * dampedB - ab * ab;
    const stepA = (dampedB * ga - ab * gb) / determinant;
    const stepB = (dampedA * gb - ab * ga) / determinant;
    const tried = loss(a - stepA, b - stepB);
    if (a - stepA > 0 && tried <= best) {
      [a, b, best, damping] = [a - stepA, b - stepB, tried, damping / 10];
      if (Math.abs(stepA) <= 1e-12 * a && Math.abs(stepB) <= 1e-12 * Math.abs(b)) break;
    } else {
      damping *= 10;
      if (damping > 1e12) break;
    }
  }
  return { a, b };
}

/** No single pull or push is stronger than this. */
const STRONGEST = 4;

/**
 * Attraction and repulsion of the layout as factors of the difference of two points, by the square d2 of their distance: for
 * 37 octaves from 2^-20 in 64 steps (value, slope), the slope for one unit of the 17 lowest bits of d2 as a float32.
 *
 * @param uses how often an edge attracts a vertex when it is due: 2 where both ends have it among their edges, as UMAP walks
 * edges from either end and moves both; 1 for new rows
 * @returns shape (2, 2368, 2): attraction, repulsion
 */
export function forceTable({ a, b }: Curve, uses: 1 | 2): Float32Array<SharedArrayBuffer> {
  const table = new Float32Array(new SharedArrayBuffer(TABLE_LENGTH * Float32Array.BYTES_PER_ELEMENT));
  const capped = (force: number, square: number) => Math.min(force, STRONGEST / Math.sqrt(square));
  const attraction = (square: number) =>
    uses * capped((2 * a * b * square ** (b - 1)) / (1 + a * square ** b), square);
  const repulsion = (square: number) => capped((2 * b) / ((0.001 + square) * (1 + a * square ** b)), square);
  const entries = TABLE_OCTAVES * TABLE_STEPS;
  const at = (entry: number) =>
    TABLE_LOWEST * 2 ** Math.floor(entry / TABLE_STEPS) * (1 + (entry % TABLE_STEPS) / TABLE_STEPS);
  [attraction, repulsion].forEach((force, which) => {
    for (let entry = 0; entry < entries; entry++) {
      const value = Math.fround(force(at(entry)));
      table[2 * (which * entries + entry)] = value;
      table[2 * (which * entries + entry) + 1] = (force(at(entry + 1)) - value) * 2 ** -17;
    }
  });
  return table;
}
