import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stableOrder } from './stable-order.ts';

it('orders as a stable sort does, NaN last, negative zero as zero', () => {
  const value = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, 1, -5e-324, 1.7e12),
    fc.integer({ min: -3, max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 60 }), (list) => {
      const values = Float64Array.from(list);
      const compare = (a: number, b: number): number =>
        Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
      const expected = list
        .map((_, at) => at)
        .sort((a, b) => {
          const [x, y] = [list[a] ?? 0, list[b] ?? 0];
          return x === y ? 0 : compare(x, y);
        });
      const order = stableOrder(values);
      expect([...(order ?? list.keys())]).toEqual(expected);
    }),
  );
});

it('says that nothing moves where the values ascend', () => {
  expect(stableOrder(Float64Array.of(1, 1, 2, NaN, NaN))).toBeNull();
  expect(stableOrder(new Float64Array(0))).toBeNull();
  expect(stableOrder(Float64Array.of(2, 1))).toEqual(Uint32Array.of(1, 0));
});
