import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import type { Matrix } from '../detectors/detector.ts';
import { moments } from './moments.ts';
import { median } from './order-statistics.ts';
import { project, squaredLengths } from './projection.ts';
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

  it('does not hang on the order of the columns where many axes share an eigenvalue', () => {
    const { data, rows, cols } = gaussian(12, 40, 5, (j) => 1 + j / 8);
    const outsider = Float32Array.from({ length: cols }, (_, j) => (j % 7 === 0 ? 30 : 5));
    const distance = (order: readonly number[]): number => {
      const arranged = (values: Float32Array): Matrix => ({
        data: values.map((_, i) => values[i - (i % cols) + order[i % cols]]),
        rows: values.length / cols,
        cols,
      });
      const core = whiten(moments(arranged(data), null, check), 0.9, check);
      if (core === null) throw new Error('no whitening');
      return squaredLengths(arranged(outsider), null, core.centre, core.axes, check)[0];
    };
    const order = Array.from({ length: cols }, (_, j) => j);
    const reference = distance(order);
    expect(rows).toBeLessThan(cols);
    for (const step of [3, 7, 11, 39]) {
      expect(distance(order.map((j) => (j * step + 5) % cols)) / reference).toBeCloseTo(1, 9);
    }
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
