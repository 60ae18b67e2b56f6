import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsOf, clampView, fit, pan, toData, toScreen, zoomAt } from './camera.ts';

const size = { widthCss: 1000, heightCss: 700 };
const bounds = { minX: -50, minY: -20, maxX: 150, maxY: 80 };

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const place = fc.record({ xCss: real(0, size.widthCss), yCss: real(0, size.heightCss) });
const views = fc.record({ centreX: real(-50, 150), centreY: real(-20, 80), scale: real(1.2, 9_000) });

describe('toData and toScreen', () => {
  it('put the centre into the middle, y upwards', () => {
    const view = { centreX: 10, centreY: 5, scale: 2 };
    expect(toScreen(view, size, 10, 5)).toEqual({ xCss: 500, yCss: 350 });
    expect(toScreen(view, size, 11, 6)).toEqual({ xCss: 502, yCss: 348 });
    expect(toData(view, size, 0, 0)).toEqual({ x: -240, y: 180 });
  });

  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(views, place, (view, { xCss, yCss }) => {
        const { x, y } = toData(view, size, xCss, yCss);
        const back = toScreen(view, size, x, y);
        expect(back.xCss).toBeCloseTo(xCss, 6);
        expect(back.yCss).toBeCloseTo(yCss, 6);
      }),
    );
  });
});

describe('boundsOf', () => {
  it('is the box of the finite points alone', () => {
    const x = Float32Array.of(1, NaN, -3, Infinity, 900);
    const y = Float32Array.of(2, 800, 7, 3, -Infinity);
    expect(boundsOf(x, y)).toEqual({ minX: -3, minY: 2, maxX: 1, maxY: 7 });
  });

  it('is null when no point is on the map', () => {
    expect(boundsOf(new Float32Array(0), new Float32Array(0))).toBeNull();
    expect(boundsOf(Float32Array.of(NaN, 1), Float32Array.of(1, NaN))).toBeNull();
  });
});

describe('fit', () => {
  it('shows the whole box inside the margin, touching it on one axis', () => {
    const view = fit(bounds, size);
    const low = toScreen(view, size, bounds.minX, bounds.minY);
    const high = toScreen(view, size, bounds.maxX, bounds.maxY);
    expect(low.xCss).toBeCloseTo(24);
    expect(high.xCss).toBeCloseTo(976);
    expect(high.yCss).toBeGreaterThanOrEqual(24);
    expect(low.yCss).toBeLessThanOrEqual(676);
  });

  it('shows a single point in the middle at a finite scale', () => {
    const view = fit({ minX: 4, minY: 4, maxX: 4, maxY: 4 }, size);
    expect(toScreen(view, size, 4, 4)).toEqual({ xCss: 500, yCss: 350 });
    expect(view.scale).toBe(652);
  });

  it('fits by the axis that has an extent', () => {
    expect(fit({ minX: 0, minY: 3, maxX: 10, maxY: 3 }, size).scale).toBeCloseTo(95.2);
  });

  it('stays usable on a map smaller than its margin', () => {
    expect(fit(bounds, { widthCss: 10, heightCss: 10 }).scale).toBeGreaterThan(0);
  });
});

describe('pan', () => {
  it('moves every point by the same pixels', () => {
    fc.assert(
      fc.property(views, place, real(-300, 300), real(-300, 300), (view, { xCss, yCss }, dx, dy) => {
        const { x, y } = toData(view, size, xCss, yCss);
        const moved = toScreen(pan(view, dx, dy), size, x, y);
        expect(moved.xCss).toBeCloseTo(xCss + dx, 5);
        expect(moved.yCss).toBeCloseTo(yCss + dy, 5);
      }),
    );
  });
});

describe('zoomAt', () => {
  it('keeps the data under the pointer where they are', () => {
    fc.assert(
      fc.property(views, place, real(0.1, 10), (view, { xCss, yCss }, factor) => {
        const { x, y } = toData(view, size, xCss, yCss);
        const after = toScreen(zoomAt(view, size, factor, xCss, yCss, bounds), size, x, y);
        expect(after.xCss).toBeCloseTo(xCss, 5);
        expect(after.yCss).toBeCloseTo(yCss, 5);
      }),
    );
  });

  it('stops at a quarter of the fitted scale and at two thousand times it', () => {
    const view = fit(bounds, size);
    expect(zoomAt(view, size, 1e-9, 100, 100, bounds).scale).toBeCloseTo(view.scale / 4);
    expect(zoomAt(view, size, 1e9, 100, 100, bounds).scale).toBeCloseTo(view.scale * 2000);
  });
});

describe('clampView', () => {
  it('leaves a view alone whose middle lies among the data', () => {
    const view = { centreX: 3, centreY: 4, scale: 20 };
    expect(clampView(view, bounds, size)).toEqual(view);
  });

  it('never loses the data, whatever it is given', () => {
    fc.assert(
      fc.property(real(-1e6, 1e6), real(-1e6, 1e6), real(0, 1e9), (centreX, centreY, scale) => {
        const view = clampView({ centreX, centreY, scale }, bounds, size);
        expect(view.centreX).toBeGreaterThanOrEqual(bounds.minX);
        expect(view.centreX).toBeLessThanOrEqual(bounds.maxX);
        expect(view.centreY).toBeGreaterThanOrEqual(bounds.minY);
        expect(view.centreY).toBeLessThanOrEqual(bounds.maxY);
        expect(view.scale).toBeGreaterThan(0);
      }),
    );
  });
});
