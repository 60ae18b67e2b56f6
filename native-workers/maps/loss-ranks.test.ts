import { expect, it } from 'vitest';
import { uncancelled } from '../task.ts';
import { lossRanks } from './loss-ranks.ts';

it('ranks both losses inside each class, and leaves out what is not known', () => {
  const label = Int32Array.from([0, 1, 0, 1, 0, -1, 0]);
  const first = Float64Array.from([3, 9, 1, 8, 2, 5, NaN]);
  const last = Float64Array.from([0.1, 0.4, 0.1, 0.2, 0.9, 0.5, 0.3]);
  const ranks = lossRanks({ first, last, label }, uncancelled());
  const of = (row: number): number[] =>
    [...ranks.subarray(2 * row, 2 * row + 2)].map((x) => Math.round(1e3 * x) / 1e3);
  // Three rows of class 0 have both losses: shares 1/6, 3/6, 5/6; the two equal last losses share (1/6 + 3/6) / 2.
  expect([of(0), of(2), of(4)]).toEqual([
    [0.833, 0.333],
    [0.167, 0.333],
    [0.5, 0.833],
  ]);
  expect([of(1), of(3)]).toEqual([
    [0.75, 0.75],
    [0.25, 0.25],
  ]);
  expect([...of(5), ...of(6)]).toEqual([NaN, NaN, NaN, NaN]);
});

it('has nothing to rank without rows', () => {
  const none = { first: new Float64Array(), last: new Float64Array(), label: new Int32Array() };
  expect(lossRanks(none, uncancelled())).toHaveLength(0);
});
