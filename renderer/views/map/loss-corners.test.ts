import { expect, it } from 'vitest';
import { lossCorners } from './loss-corners.ts';
import { mapPoints } from './map-points.ts';

it('corners hold the outermost tenth in both losses', () => {
  const places = [
    [0.05, 0.02],
    [0.95, 0.97],
    [0.91, 0.1],
    [0.1, 0.9],
    [0.5, 0.02],
    [0.11, 0.05],
  ];
  const points = mapPoints(Int32Array.from([3, 5, 8, 9, 12, 20]), Float32Array.from(places.flat()));
  expect(lossCorners(points).map(({ name, rows }) => [name, ...rows])).toEqual([
    ['fast and confident', 3],
    ['slow or never', 5],
    ['slow, then confident', 8],
    ['fast, then lost', 9],
  ]);
});
