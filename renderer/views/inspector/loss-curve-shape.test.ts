import { expect, it } from 'vitest';
import { lossCurveShape } from './loss-curve-shape.ts';

const curve = {
  names: ['loss_1', 'loss_2', 'loss_3'],
  losses: [1, null, 0.01],
  low: [0.1, 0.01, 0.001],
  middle: [1, 0.1, 0.01],
  high: [10, 1, 0.1],
};

it('lies in its box by the logarithm, broken where a loss is not known', () => {
  const shape = lossCurveShape(curve, 100, 40);
  expect(shape).toMatchObject({ logarithmic: true, least: 0.001, most: 10 });
  expect(shape?.own.map((run) => run.map(([x, y]) => [x, Math.round(y)]))).toEqual([[[0, 10]], [[100, 30]]]);
  expect(shape?.middle.map(([x, y]) => [x, Math.round(y)])).toEqual([
    [0, 10],
    [50, 20],
    [100, 30],
  ]);
  expect(shape?.band).toHaveLength(6);
  expect(shape?.band[0]).toEqual([0, 0]);
});

it('is linear where a loss is 0, flat where all are equal, and a point for one time', () => {
  expect(lossCurveShape({ ...curve, low: [0, 0, 0] }, 100, 40)?.logarithmic).toBe(false);
  const one = { names: ['loss'], losses: [2], low: [2], middle: [2], high: [2] };
  expect(lossCurveShape(one, 100, 40)?.own).toEqual([[[50, 20]]]);
});

it('is nothing where no loss is known', () => {
  const none = { names: ['loss'], losses: [null], low: [null], middle: [null], high: [null] };
  expect(lossCurveShape(none, 100, 40)).toBeNull();
});
