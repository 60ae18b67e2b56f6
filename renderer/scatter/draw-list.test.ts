import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDrawList, COLOUR_BITS, DIM_BIT, SPRITE_SHIFT } from './draw-list.ts';

const byte = fc.constantFrom(0, 1);

describe('the draw list', () => {
  it('holds every visible point once, in painting order', () => {
    const point = fc.record({
      x: fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constant(NaN)),
      flagged: byte,
      verdict: fc.integer({ min: 0, max: 3 }),
      selected: byte,
      hidden: byte,
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 60 }), (points) => {
        const bytes = (name: 'flagged' | 'verdict' | 'selected' | 'hidden') =>
          Uint8Array.from(points, (one) => one[name]);
        const x = Float32Array.from(points, (one) => one.x);
        const list = buildDrawList(x, Float32Array.from(points.keys()), 0, 0, null, {
          flagged: bytes('flagged'),
          verdict: bytes('verdict'),
          selected: bytes('selected'),
          hidden: bytes('hidden'),
        });
        // y is the point's own number.
        const drawn = Array.from(list.y);
        const expected = points.flatMap((one, i) => (one.hidden || Number.isNaN(one.x) ? [] : [i]));
        expect([...drawn].sort((a, b) => a - b)).toEqual(expected);
        const layers = drawn.map((i) => {
          const one = points[i];
          if (one.selected) return 4;
          const open = one.verdict === 0 ? 1 : 0;
          return one.flagged ? 2 + open : open;
        });
        expect(layers).toEqual([...layers].sort((a, b) => a - b));
      }),
    );
  });

  it('packs colour, dimming, rings and shape', () => {
    const two = new Float32Array(2);
    const list = buildDrawList(two, two, 0, 0, Uint8Array.of(7, 9), {
      verdict: Uint8Array.of(1, 0),
      flagged: Uint8Array.of(0, 1),
      selected: Uint8Array.of(0, 1),
    });
    expect(list.style[0] & COLOUR_BITS).toBe(7 | DIM_BIT);
    expect(list.style[0] >>> SPRITE_SHIFT).toBe(1 << 2);
    expect(list.style[1] & COLOUR_BITS).toBe(9);
    expect(list.style[1] >>> SPRITE_SHIFT).toBe(3);
  });

  it('keeps places relative to the origin', () => {
    const list = buildDrawList(Float32Array.of(1001), Float32Array.of(-5), 1000, -4, null, {});
    expect([list.x[0], list.y[0]]).toEqual([1, -1]);
  });
});
