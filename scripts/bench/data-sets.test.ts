import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dataThere, readData, writeData } from './data-files.mjs';
import { normalDraws, uniformDraws } from './seeded-draws.mjs';

const folder = mkdtempSync(join(tmpdir(), 'bezoar-bench-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('data of the benchmark', () => {
  it('are read as they were written, on shared memory', () => {
    const data = Float64Array.of(1, -2.5, Infinity, 0, 5e-324, 7);
    expect(dataThere(folder, 'small')).toBe(false);
    writeData(folder, 'small', { rows: 3, cols: 2, dtype: 'float64', source: 'recipe' }, data);
    const read = readData(folder, 'small');
    expect(read).toMatchObject({ rows: 3, cols: 2, dtype: 'float64', source: 'recipe' });
    expect([...read.data]).toEqual([...data]);
    expect(read.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('are drawn alike from the same seed, uniform and normal', () => {
    const [first, again, other] = [uniformDraws(3), uniformDraws(3), uniformDraws(4)];
    const values = Float64Array.from({ length: 20_000 }, () => first());
    expect(values.every((value) => value > 0 && value < 1)).toBe(true);
    expect(values.every((value) => value === again())).toBe(true);
    expect(values.some((value) => value !== other())).toBe(true);
    const normal = normalDraws(5);
    const drawn = Float64Array.from({ length: 20_000 }, normal);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    const beyond = drawn.filter((value) => Math.abs(value) > 1.96).length / drawn.length;
    expect(Math.abs(beyond - 0.05)).toBeLessThan(0.006);
  });
});
