import { expect, it } from 'vitest';
import { rowsBeyond } from './rows-beyond.ts';

it('takes the rows of the class at and beyond the threshold, not those without a score', () => {
  const scores = Float64Array.from([1, 2, NaN, 3, 2, 5]);
  const labels = Int32Array.from([0, 0, 0, 1, 0, 0]);
  expect([...rowsBeyond(scores, labels, 0, 2)]).toEqual([1, 4, 5]);
  expect(rowsBeyond(scores, labels, 1, 3.5)).toHaveLength(0);
});
