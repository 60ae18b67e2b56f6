import { betaQuantile } from '../numeric/distributions.ts';
import { countAtLeast } from '../numeric/order-statistics.ts';

const MOST_BACKGROUND = 0.5;
const TAIL_DEPTHS = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120];

/**
 * The cut with the best estimated F1, from the excess of a class's rows over its trusted tail.
 *
 * @param rows scores of the class's rows, shape (n,)
 * @param trusted scores of its trusted rows, shape (m,)
 */
export function bestF1Cut(rows: Float64Array, trusted: Float64Array): { flags: Uint8Array; f1: number } {
  const n = rows.length;
  const m = trusted.length;
  const ascending = trusted.slice().sort();
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => rows[b] - rows[a] || a - b);
  const background = order.map((i) => (countAtLeast(ascending, rows[i]) + 0.5) / (m + 1));
  let foreign = 0;
  background.forEach((share, i) => {
    if (share <= MOST_BACKGROUND) foreign = Math.max(foreign, (i + 1 - n * share) / (1 - share));
  });
  let f1 = 0;
  let last = -1;
  background.forEach((share, i) => {
    if (share > MOST_BACKGROUND) return;
    const hits = Math.min(foreign, Math.max(0, i + 1 - (n - foreign) * share));
    const value = (2 * hits) / (i + 1 + foreign + 1e-9);
    if (value > f1) {
      f1 = value;
      last = i;
    }
  });
  const flags = new Uint8Array(n);
  for (let i = 0; i <= last; i++) flags[order[i]] = 1;
  return { flags, f1 };
}

/** Rows that are in excess of the trusted tail even when its true share is at the upper end of its 99.5 % bound. */
export function excessRows(rows: Float64Array, trusted: Float64Array): number {
  const n = rows.length;
  const m = trusted.length;
  const ascending = trusted.slice().sort();
  let best = 0;
  for (const k of new Set([...TAIL_DEPTHS, Math.floor(m / 4)])) {
    if (k < 1 || k > Math.floor(m / 3)) continue;
    const threshold = ascending[m - k];
    let beyond = 0;
    for (const score of rows) if (score > threshold) beyond++;
    const share = betaQuantile(0.995, k, m - k + 1);
    best = Math.max(best, (beyond - n * share) / (1 - share));
  }
  return best;
}
