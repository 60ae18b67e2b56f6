import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import type { Matrix } from '../detectors/detector.ts';
import { moments } from './moments.ts';
import { median } from './order-statistics.ts';
import { project } from './projection.ts';
import { robustFit, turnedAxes, whiten } from './whitening.ts';

const check = (): void => undefined;

function gaussian(n: number, d: number, seed: number, scale: (column: number) => number): Matrix {
  const normal = normalDraws(seed);
  return {
    data: Float32Array.from({ length: n * d }, (_, i) => 5 + scale(i % d) * normal()),
    rows: n,
    cols: d,
  };
}

describe('whiten', () => {
  it('gives unit variance and no correlation', () => {
    const matrix = gaussian(4000, 5, 1, (j) => 10 ** (j - 2));
    const m = moments(matrix, null, check);
    const whitening = whiten(m, 1, check);
    if (whitening === null) throw new Error('no whitening');
    const z = project(matrix, null, whitening.centre, whitening.axes, check);
    const k = whitening.axes.count;
    const whole = moments({ data: Float32Array.from(z), rows: 4000, cols: k }, null, check);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        if (a !== b) expect(Math.abs(whole.scatter[a * k + b] / 4000)).toBeLessThan(1e-3);
      }
      expect(whole.scatter[a * k + a] / 4000).toBeLessThan(1.01);
    }
    expect(whole.scatter[0] / 4000).toBeGreaterThan(0.99);
  });

  it('keeps only the axes that hold the asked share', () => {
    const matrix = gaussian(2000, 6, 2, (j) => (j < 2 ? 100 : 0.01));
    expect(whiten(moments(matrix, null, check), 0.99, check)?.axes.count).toBe(2);
  });

  it('has no axes for rows that do not vary', () => {
    const flat = { data: new Float32Array(40).fill(3), rows: 10, cols: 4 };
    expect(whiten(moments(flat, null, check), 0.99, check)).toBeNull();
    expect(robustFit(flat, null, 0.99, check)).toBeNull();
  });

  it('stays finite with more columns than rows', () => {
    const wide = gaussian(12, 40, 3, () => 1);
    const fit = robustFit(wide, null, 0.99, check);
    expect(fit?.distances.every(Number.isFinite)).toBe(true);
  });
});

describe('robustFit', () => {
  it('is not moved by 35 % of foreign rows, and puts them farthest out', () => {
    const matrix = gaussian(1000, 6, 4, () => 1);
    for (let r = 0; r < 350; r++) matrix.data[r * 6] += 30;
    const fit = robustFit(matrix, null, 0.99, check);
    if (fit === null) throw new Error('no fit');
    expect(Math.abs(fit.whitening.centre[0] - 5)).toBeLessThan(0.5);
    const foreign = median(fit.distances.slice(0, 350));
    expect(foreign).toBeGreaterThan(20 * median(fit.distances.slice(350)));
    // The foreign rows own the axis with the largest second moment.
    const turned = turnedAxes(moments(matrix, null, check), fit.whitening, check);
    expect(turned.secondMoments[0]).toBeGreaterThan(50);
    expect(turned.secondMoments[0]).toBeGreaterThan(10 * turned.secondMoments[1]);
  });
});
