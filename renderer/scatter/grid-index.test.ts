import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGridIndex, nearestPoint, pointsInRectangle } from './grid-index.ts';
import type { GridIndex } from './grid-index.ts';

// Quarters are exact in float32: what lies on an edge lies on it in both computations.
const coordinate = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -40, max: 40 }).map((v) => v / 4) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);
const clouds = fc
  .array(fc.record({ x: coordinate, y: coordinate, hidden: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 1,
    maxLength: 200,
  })
  .map((points) => ({
    x: Float32Array.from(points, (p) => p.x),
    y: Float32Array.from(points, (p) => p.y),
    hidden: Uint8Array.from(points, (p) => p.hidden),
  }));
const quarter = fc.integer({ min: -60, max: 60 }).map((v) => v / 4);

function gridOver(x: number[], y: number[]): GridIndex {
  const grid = buildGridIndex(Float32Array.from(x), Float32Array.from(y));
  if (!grid) throw new Error('no point is on the map');
  return grid;
}

describe('buildGridIndex', () => {
  it('is null when no point is on the map', () => {
    expect(buildGridIndex(Float32Array.of(NaN), Float32Array.of(0))).toBeNull();
  });

  it('holds every finite point once, in its cell, ascending', () => {
    fc.assert(
      fc.property(clouds, ({ x, y }) => {
        const grid = buildGridIndex(x, y);
        const finite = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
        if (!grid) {
          expect(finite).toEqual([]);
          return;
        }
        expect([...grid.items].sort((a, b) => a - b)).toEqual(finite);
        for (let cell = 0; cell < grid.columns * grid.rows; cell++) {
          const held = [...grid.items.subarray(grid.cellStart[cell], grid.cellStart[cell + 1])];
          expect(held).toEqual([...held].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('bears points without extent', () => {
    const grid = gridOver([5, 5, 5], [1, 1, 1]);
    expect(nearestPoint(grid, 5, 1, 0, null)).toBe(0);
    expect([...pointsInRectangle(grid, 5, 1, 5, 1, null)]).toEqual([0, 1, 2]);
  });
});

describe('nearestPoint', () => {
  it('finds what looking at every point finds', () => {
    fc.assert(
      fc.property(
        clouds,
        quarter,
        quarter,
        fc.integer({ min: 0, max: 80 }),
        ({ x, y, hidden }, atX, atY, r4) => {
          const grid = buildGridIndex(x, y);
          fc.pre(grid !== null);
          const radius = r4 / 4;
          let best = -1;
          let bestSquared = radius * radius;
          for (let i = 0; i < x.length; i++) {
            const squared = (x[i] - atX) ** 2 + (y[i] - atY) ** 2;
            if (hidden[i] || !(squared <= bestSquared)) continue;
            if (best >= 0 && squared === bestSquared) continue;
            best = i;
            bestSquared = squared;
          }
          expect(nearestPoint(grid, atX, atY, radius, hidden)).toBe(best);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('takes the lowest index among points in one place', () => {
    expect(nearestPoint(gridOver([0, 2, 2, 2], [0, 2, 2, 2]), 2.1, 2, 1, null)).toBe(1);
  });
});

describe('pointsInRectangle', () => {
  it('finds what looking at every point finds, edges included, from any two corners', () => {
    fc.assert(
      fc.property(clouds, quarter, quarter, quarter, quarter, ({ x, y, hidden }, x0, y0, x1, y1) => {
        const grid = buildGridIndex(x, y);
        fc.pre(grid !== null);
        const inside = [...x.keys()].filter(
          (i) =>
            !hidden[i] &&
            x[i] >= Math.min(x0, x1) &&
            x[i] <= Math.max(x0, x1) &&
            y[i] >= Math.min(y0, y1) &&
            y[i] <= Math.max(y0, y1),
        );
        expect([...pointsInRectangle(grid, x0, y0, x1, y1, hidden)]).toEqual(inside);
      }),
      { numRuns: 500 },
    );
  });
});
