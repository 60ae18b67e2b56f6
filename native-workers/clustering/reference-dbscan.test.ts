import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { Cancelled, uncancelled } from '../task.ts';
import { elbow, sortedKDistances } from './k-distance.ts';
import { referenceDbscan } from './reference-dbscan.ts';

/** 60 points about the origin, 90 about (10, 0), and three far from all. */
function islands(): Float64Array {
  const points: number[] = [];
  const jitter = (i: number, purpose: number) => mixHash(i, purpose) / 2 ** 32 - 0.5;
  for (let i = 0; i < 60; i++) points.push(jitter(i, 1), jitter(i, 2));
  for (let i = 0; i < 90; i++) points.push(10 + jitter(i, 3), jitter(i, 4));
  points.push(50, 50, -50, 50, 0, -70);
  return Float64Array.from(points);
}

describe('reference DBSCAN', () => {
  it('numbers the islands by size and calls the rest noise, with eps from the elbow', () => {
    const found = referenceDbscan({ points: islands(), dims: 2, eps: null, minPoints: 4 }, uncancelled());
    expect(found).toMatchObject({ count: 2, noise: 3 });
    expect(found.clusters.slice(0, 60).every((cluster) => cluster === 1)).toBe(true);
    expect(found.clusters.slice(60, 150).every((cluster) => cluster === 0)).toBe(true);
    expect(Array.from(found.clusters.slice(150))).toEqual([-1, -1, -1]);
  });

  it('takes the eps it is given', () => {
    const found = referenceDbscan({ points: islands(), dims: 2, eps: 1000, minPoints: 4 }, uncancelled());
    expect(found).toMatchObject({ count: 1, noise: 0, eps: 1000 });
  });

  it('takes points that all lie in one place for noise or one island, never for an error', () => {
    const found = referenceDbscan(
      { points: new Float64Array(40), dims: 2, eps: null, minPoints: 4 },
      uncancelled(),
    );
    expect(found).toMatchObject({ count: 1, noise: 0 });
  });

  it('stops when it is cancelled', () => {
    const cancelled = {
      ...uncancelled(),
      check: () => {
        throw new Cancelled();
      },
    };
    expect(() => referenceDbscan({ points: islands(), dims: 2, eps: null, minPoints: 4 }, cancelled)).toThrow(
      Cancelled,
    );
  });
});

describe('the distance to the k-th neighbour', () => {
  it('is exact on a line', () => {
    const points = Float64Array.from([0, 1, 3, 7]);
    expect(Array.from(sortedKDistances(points, 1, 2, () => undefined))).toEqual([2, 3, 3, 6]);
  });

  it('has its elbow where the curve turns up', () => {
    expect(elbow(Float64Array.from([1, 1.1, 1.2, 1.3, 1.4, 9]))).toBe(1.4);
    expect(elbow(Float64Array.from([2, 2, 2]))).toBe(2);
  });
});
