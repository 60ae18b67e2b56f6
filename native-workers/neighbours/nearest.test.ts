import { describe, expect, it } from 'vitest';
import { activations } from '../../test/fixtures/activations.ts';
import { inlineRunner } from '../inline-runner.ts';
import { uncancelled } from '../task.ts';
import { findNeighbours, searchesExactly } from './nearest.ts';

const ctx = uncancelled();
const runner = inlineRunner(ctx);

describe('the way to neighbours', () => {
  it('is exact while that takes seconds', () => {
    expect(searchesExactly({ rows: 60_000, cols: 128 })).toBe(true);
    expect(searchesExactly({ rows: 200_000, cols: 512 })).toBe(false);
    expect(searchesExactly({ rows: 1_000_000, cols: 2 })).toBe(false);
  });

  it('is the one asked for', async () => {
    const matrix = { data: activations(400, 5, 1), rows: 400, cols: 5 };
    const find = (method: 'auto' | 'exact' | 'inverted', recall?: number) =>
      findNeighbours(matrix, { k: 3, metric: 'euclidean', method, recall }, runner, ctx);
    expect((await find('auto')).method).toBe('exact');
    expect(await find('exact')).toEqual(await find('auto'));
    const found = await find('inverted', 0.5);
    expect(found).toMatchObject({ method: 'inverted', sampled: 400 });
  });
});
