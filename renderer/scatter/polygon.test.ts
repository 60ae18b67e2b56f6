import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildGridIndex } from './grid-index.ts';
import type { GridIndex } from './grid-index.ts';
import { pointsInPolygon } from './polygon.ts';

function gridOver(points: readonly (readonly [number, number])[]): GridIndex {
  const grid = buildGridIndex(
    Float32Array.from(points, ([x]) => x),
    Float32Array.from(points, ([, y]) => y),
  );
  if (!grid) throw new Error('no point is on the map');
  return grid;
}

/** Turns of the outline around a point as the sum of the angles under which its edges are seen. */
function turns(polygon: readonly number[], x: number, y: number): number {
  let angle = 0;
  for (let i = 0; i < polygon.length; i += 2) {
    const j = (i + 2) % polygon.length;
    const [ax, ay] = [polygon[i] - x, polygon[i + 1] - y];
    const [bx, by] = [polygon[j] - x, polygon[j + 1] - y];
    angle += Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
  }
  return Math.round(angle / (2 * Math.PI));
}

const square = [0, 0, 4, 0, 4, 4, 0, 4];

describe('pointsInPolygon', () => {
  it('keeps what an outline encloses, in either direction, ascending', () => {
    const grid = gridOver([
      [5, 5],
      [3, 1],
      [-1, 2],
      [2, 3],
    ]);
    expect([...pointsInPolygon(grid, square, null)]).toEqual([1, 3]);
    expect([...pointsInPolygon(grid, [0, 4, 4, 4, 4, 0, 0, 0], null)]).toEqual([1, 3]);
  });

  it('leaves hidden points out', () => {
    const grid = gridOver([
      [1, 1],
      [2, 2],
    ]);
    expect([...pointsInPolygon(grid, square, Uint8Array.of(1, 0))]).toEqual([1]);
  });

  it('encloses nothing with fewer than three corners or away from all points', () => {
    const grid = gridOver([
      [1, 1],
      [2, 2],
    ]);
    expect(pointsInPolygon(grid, [0, 0, 4, 4], null)).toHaveLength(0);
    expect(
      pointsInPolygon(
        grid,
        square.map((v) => v + 100),
        null,
      ),
    ).toHaveLength(0);
  });

  it('keeps what a lasso goes around twice, which the even-odd rule would drop', () => {
    const grid = gridOver([
      [2, 2],
      [9, 9],
    ]);
    expect([...pointsInPolygon(grid, [...square, ...square], null)]).toEqual([0]);
  });

  it('excludes the notch of a concave outline', () => {
    const grid = gridOver([
      [1, 5],
      [5, 5],
      [9, 5],
    ]);
    const u = [0, 0, 10, 0, 10, 10, 8, 10, 8, 2, 2, 2, 2, 10, 0, 10];
    expect([...pointsInPolygon(grid, u, null)]).toEqual([0, 2]);
  });

  it('finds what looking at every point finds, crossing lassos included', () => {
    // Points lie between the corners' lattice, where no rounding decides on which side of an edge they are.
    const cloud = fc.array(fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 })), {
      minLength: 1,
      maxLength: 250,
    });
    const corners = fc.array(fc.tuple(fc.integer({ min: -60, max: 60 }), fc.integer({ min: -60, max: 60 })), {
      minLength: 3,
      maxLength: 12,
    });
    fc.assert(
      fc.property(cloud, corners, (points, outline) => {
        const shifted = points.map(([x, y]) => [x + 0.3125, y + 0.4375] as const);
        const polygon = outline.flat();
        const onEdge = ([x, y]: readonly [number, number]): boolean =>
          outline.some(([ax, ay], k) => {
            const [bx, by] = outline[(k + 1) % outline.length];
            return (bx - ax) * (y - ay) === (x - ax) * (by - ay);
          });
        const clear = shifted.filter((point) => !onEdge(point));
        fc.pre(clear.length > 0);
        const inside = [...clear.keys()].filter((i) => turns(polygon, ...clear[i]) !== 0);
        expect([...pointsInPolygon(gridOver(clear), polygon, null)]).toEqual(inside);
      }),
      { numRuns: 1000 },
    );
  });
});
