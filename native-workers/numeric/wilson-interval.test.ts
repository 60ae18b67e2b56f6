import { expect, it } from 'vitest';
import { wilsonInterval } from './wilson-interval.ts';

it('agrees with the published example and stays inside 0 to 1', () => {
  // Newcombe 1998, Two-sided confidence intervals for the single proportion, table I, method 3.
  const [lower, upper] = wilsonInterval(15, 148);
  expect(lower).toBeCloseTo(0.0624, 4);
  expect(upper).toBeCloseTo(0.1605, 4);
  expect(wilsonInterval(0, 50)[0]).toBeCloseTo(0, 12);
  expect(wilsonInterval(50, 50)[1]).toBeCloseTo(1, 12);
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
});
