import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, useEngine } from '../../engine.ts';
import { Cancelled } from '../../task.ts';
import { mixHash } from '../hash.ts';
import { radixSort } from './radix-sort.ts';

const check = (): void => undefined;
const sizes = [0, 1, 2, 63, 64, 65, 255, 256, 257, 5000];

/** Values of both signs over many powers of two, some of them equal. */
function spread(n: number, purpose: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => {
    const h = mixHash(i, purpose);
    const magnitude = (mixHash(h, 1) / 2 ** 32) * 2 ** ((h % 61) - 30);
    return i % 7 === 0 ? 0 : h % 2 === 0 ? magnitude : -magnitude;
  });
}

describe.each(availableEngines())('radix sort by %s', (engine) => {
  beforeAll(() => {
    useEngine(engine);
  });
  afterAll(() => {
    useEngine(null);
  });

  it.each(sizes)('orders %i values as the built-in sort does and leaves them alone', (n) => {
    const doubles = spread(n, 5);
    const before = doubles.slice();
    expect(radixSort(doubles, check)).toEqual(doubles.slice().sort());
    expect(doubles).toEqual(before);
    const singles = Float32Array.from(doubles);
    expect(radixSort(singles, check)).toEqual(singles.slice().sort());
  });

  it('makes -0 and 0 one key and keeps infinities and subnormal numbers', () => {
    const values = [0, -0, Infinity, 5e-324, -Infinity, -5e-324, -0, 1, -1, 1.7976931348623157e308];
    const sorted = radixSort(Float64Array.from(values), check);
    expect([...sorted]).toEqual([
      -Infinity,
      -1,
      -5e-324,
      0,
      0,
      0,
      5e-324,
      1,
      1.7976931348623157e308,
      Infinity,
    ]);
    expect([...radixSort(Float32Array.of(1, -0, 0, -1e-45), check)]).toEqual([Math.fround(-1e-45), 0, 0, 1]);
  });

  it('sorts equal values, views with an offset and shared memory', () => {
    expect([...radixSort(new Float64Array(300).fill(-2.5), check)]).toEqual(new Array(300).fill(-2.5));
    expect([...radixSort(new Float64Array(3).fill(-0), check)]).toEqual([0, 0, 0]);
    const shared = new Float32Array(new SharedArrayBuffer(4 * 103)).subarray(3);
    shared.set(Float32Array.from(spread(100, 9)));
    expect([...radixSort(shared, check)]).toEqual([...shared.slice()].sort((a, b) => a - b));
  });

  it('sorts more keys than one block holds', () => {
    const values = spread(1_100_000, 3);
    expect(Buffer.compare(bytes(radixSort(values, check)), bytes(values.slice().sort()))).toBe(0);
  });

  it('refuses NaN and says where it is', () => {
    expect(() => radixSort(Float64Array.of(1, NaN, 2), check)).toThrow(/value 2 of 3 is not a number/);
    const negative = new Float32Array(new Uint32Array([0xffc00000]).buffer);
    expect(() => radixSort(negative, check)).toThrow(RangeError);
  });

  it('stops when it is cancelled', () => {
    let calls = 0;
    const stop = (): void => {
      if (++calls === 4) throw new Cancelled();
    };
    expect(() => radixSort(spread(1000, 2), stop)).toThrow(Cancelled);
  });
});

describe.each(availableEngines().filter((engine) => engine !== 'typescript'))(
  '%s checks lengths',
  (engine) => {
    it('of counts, offsets and targets', () => {
      const table = useEngine(engine);
      const keys = new Float64Array(4).fill(1);
      expect(() => {
        table.radixCountF64(keys, 0, 4, new Uint32Array(10));
      }).toThrow(/counts are too short/);
      const offsets = new Uint32Array(2048).fill(9);
      expect(() => {
        table.radixScatterF64(keys, new Float64Array(4), 0, 4, 0, 1, 0, offsets);
      }).toThrow(/behind the end/);
      expect(() => {
        table.radixScatterF64(keys, new Float64Array(4), 0, 4, 6, 1, 0, offsets);
      }).toThrow(/no such digit/);
      const starts = new Uint32Array(65_536).fill(7);
      expect(() => {
        table.countCellsF64(keys, 0, 4, starts, new Uint8Array(65_536), new Uint32Array(3));
      }).toThrow(/fewer cells/);
      useEngine(null);
    });
  },
);

function bytes(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
