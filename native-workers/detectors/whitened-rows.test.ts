import { describe, expect, it } from 'vitest';
import { gaussianClasses } from '../../test/conformance/gaussian-classes.ts';
import { inlineRunner } from '../inline-runner.ts';
import { uncancelled } from '../task.ts';
import { whitenedNeighbours, whitenedRows } from './whitened-rows.ts';

const ctx = uncancelled();
const runner = inlineRunner(ctx);

describe('whitened rows', () => {
  const { input } = gaussianClasses({ seed: 31, reshape: (value, column) => value * (1 + 9 * column) });

  it('have unit variance within the classes, pooled, along every axis', async () => {
    const found = await whitenedRows(input, runner, ctx);
    if (found === null) throw new Error('nothing was whitened');
    const { points, rows, starts } = found;
    expect([...starts]).toEqual([0, 300, 600, 900, 1200]);
    expect(new Set(rows).size).toBe(1200);
    for (let a = 0; a < points.cols; a++) {
      let squares = 0;
      for (let c = 0; c < 4; c++) {
        const own = Array.from({ length: 300 }, (_, i) => points.data[(starts[c] + i) * points.cols + a]);
        const mean = own.reduce((sum, x) => sum + x, 0) / 300;
        squares += own.reduce((sum, x) => sum + (x - mean) ** 2, 0);
      }
      // Shrinkage takes a little off.
      expect(squares / 1200).toBeGreaterThan(0.9);
      expect(squares / 1200).toBeLessThan(1.1);
    }
  });

  it('and their neighbours are found once for all that ask', async () => {
    const [rows, first, second] = [
      await whitenedRows(input, runner, ctx),
      await whitenedNeighbours(input, 5, runner, ctx),
      await whitenedNeighbours(input, 5, runner, ctx),
    ];
    expect(first?.points).toBe(rows?.points);
    expect(second?.found).toBe(first?.found);
    expect((await whitenedNeighbours(input, 6, runner, ctx))?.found.k).toBe(6);
  });

  it('are made again when labels change', async () => {
    const before = await whitenedRows(input, runner, ctx);
    const { investigated } = input;
    const label = investigated.label.map((c) => 3 - c);
    const after = await whitenedRows({ ...input, investigated: { ...investigated, label } }, runner, ctx);
    expect(after?.points).not.toBe(before?.points);
  });
});
