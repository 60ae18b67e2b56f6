import { describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import { inlineRunner } from '../inline-runner.ts';
import { uncancelled } from '../task.ts';
import { moments } from './moments.ts';
import { scatterOf } from './pca.ts';
import { moveToMean } from './provisional-centre.ts';

const n = 3000;
const d = 24;
const check = (): void => undefined;

/** Products of the rows less `centre`, upper triangle, in float64. */
function productsAbout(data: Float32Array, centre: Float32Array): Float64Array {
  const upper = new Float64Array(d * d);
  for (let r = 0; r < n; r++)
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++)
        upper[i * d + j] += (data[r * d + i] - centre[i]) * (data[r * d + j] - centre[j]);
  return upper;
}

function worst(upper: Float64Array, scatter: Float64Array): number {
  let error = 0;
  for (let i = 0; i < d; i++)
    for (let j = i; j < d; j++)
      error = Math.max(error, Math.abs(upper[i * d + j] - scatter[i * d + j]) / scatter[0]);
  return error;
}

describe('moveToMean', () => {
  const data = activations(n, d, 5);
  const { mean, scatter } = moments({ data, rows: n, cols: d }, null, check);

  it('turns products about any near centre into those about the mean', () => {
    const centre = Float32Array.from(mean, (value, j) => value + (j % 3) / 10);
    const upper = productsAbout(data, centre);
    expect(moveToMean(upper, n, mean, centre)).toBe(true);
    expect(worst(upper, scatter)).toBeLessThan(1e-12);
  });

  it('says when the centre is farther away than the rows are', () => {
    const centre = Float32Array.from(mean, (value) => value + 50);
    expect(moveToMean(productsAbout(data, centre), n, mean, centre)).toBe(false);
    expect(moveToMean(new Float64Array(d * d).fill(NaN), n, mean, centre)).toBe(false);
  });
});

describe('scatterOf', () => {
  it.each([0, 400, 3000])(
    'is the scatter about the mean when the first 500 rows stand off by %d',
    async (off) => {
      const data = activations(n, d, 6).map((value, i) => (i < 500 * d ? value + off : value));
      const matrix = { data, rows: n, cols: d };
      const wanted = moments(matrix, null, check);
      const { mean, upper } = await scatterOf({ matrix, rows: null }, inlineRunner(uncancelled()));
      expect(Float64Array.from(mean)).toEqual(wanted.mean);
      expect(worst(upper, wanted.scatter)).toBeLessThan(1e-6);
    },
  );
});
