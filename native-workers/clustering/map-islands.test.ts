import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { uncancelled } from '../task.ts';
import { mapIslands } from './map-islands.ts';
import { referenceDbscan } from './reference-dbscan.ts';

/** Two round islands of 400 and 900 points, and 60 scattered ones. */
const points = Float32Array.from({ length: 2 * 1360 }, (_, at) => {
  const [i, axis] = [at >> 1, at & 1];
  const draw = (purpose: number) => mixHash(i, purpose) / 2 ** 32;
  if (i >= 1300) return 60 * draw(10 + axis) - 30;
  const [radius, angle] = [2 * Math.sqrt(draw(1)), 2 * Math.PI * draw(2)];
  return (i < 400 ? -10 : 10) + radius * (axis === 0 ? Math.cos(angle) : Math.sin(angle));
});

describe('islands of a map', () => {
  it.each(['dbscan', 'hdbscan'] as const)('are found and numbered by size (%s)', (method) => {
    const found = mapIslands({ points, method, eps: null, minPoints: 8 }, uncancelled());
    expect(found.count).toBe(2);
    expect(found.noise).toBeGreaterThan(30);
    expect(found.noise).toBeLessThan(110);
    const sizes = [0, 1].map((cluster) => found.clusters.filter((own) => own === cluster).length);
    expect(sizes[0]).toBeGreaterThan(sizes[1]);
    expect(found.clusters[1000]).toBe(0);
    expect(found.clusters[100]).toBe(1);
    if (method === 'hdbscan') expect(found.eps).toBeNull();
  });

  it('take the eps that the reference implementation takes, and its islands', () => {
    const found = mapIslands({ points, method: 'dbscan', eps: null, minPoints: 8 }, uncancelled());
    const nested = { points: Float64Array.from(points), dims: 2, eps: null, minPoints: 8 };
    const reference = referenceDbscan(nested, uncancelled());
    expect(found.eps).toBeCloseTo(reference.eps, 6);
    expect(found.count).toBe(reference.count);
    let apart = 0;
    found.clusters.forEach((cluster, i) => (apart += cluster === reference.clusters[i] ? 0 : 1));
    expect(apart).toBeLessThan(5);
  });

  it('are one where all points are the same', () => {
    const same = { points: new Float32Array(100), eps: null, minPoints: 5 };
    expect(mapIslands({ ...same, method: 'dbscan' }, uncancelled())).toMatchObject({ count: 1, noise: 0 });
  });
});
