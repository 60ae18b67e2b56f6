import { expect, it } from 'vitest';
import { binEdges, countInBins } from './scan-charts.ts';

it('puts every value in one bin, the largest in the last', () => {
  const values = Float64Array.from({ length: 601 }, (_, i) => -3 + i / 100);
  const edges = binEdges(values);
  expect([edges.length, edges[0], edges.at(-1)]).toEqual([61, -3, 3]);
  const counts = countInBins(values, edges, () => true);
  expect(counts.reduce((a, b) => a + b, 0)).toBe(601);
  expect(counts.at(-1)).toBeGreaterThanOrEqual(10);
  expect(countInBins(values, edges, (i) => i === 600)).toEqual([...new Array<number>(59).fill(0), 1]);
});

it('has one bin where all values are the same', () => {
  const values = new Float64Array(5).fill(2);
  expect(binEdges(values)).toEqual([1.5, 2.5]);
  expect(countInBins(values, binEdges(values), () => true)).toEqual([5]);
});
