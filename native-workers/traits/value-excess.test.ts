import { describe, expect, it } from 'vitest';
import { uncancelled } from '../task.ts';
import { valueExcesses, wordExcesses } from './value-excess.ts';

const ctx = uncancelled();

describe('values in excess', () => {
  it('have the p of Fisher’s exact test', () => {
    const rows = (values: string[], count: number) => Array.from({ length: count }, () => new Set(values));
    const inside = [...rows(['a', 'b'], 8), ...rows(['b'], 2)];
    const outside = [...rows(['a', 'b'], 1), ...rows(['b'], 19)];
    const { found, tested } = valueExcesses(inside, outside, 10, ctx);
    expect(tested).toBe(2);
    expect(found.map(({ value }) => value)).toEqual(['a']);
    // scipy.stats.fisher_exact([[8, 2], [1, 19]], 'greater')
    expect(Math.exp(found[0].lnP)).toBeCloseTo(6.36046e-5, 9);
  });

  it('of fewer than three rows are not looked at', () => {
    const inside = [new Set(['x']), new Set(['x'])];
    expect(valueExcesses(inside, [new Set(['y'])], 10, ctx)).toEqual({ found: [], tested: 0 });
  });

  it('of texts are words and pairs of words, whatever their case', () => {
    const inside = Array.from({ length: 30 }, (_, i) => `Story ${i}: Velvet harbor today`);
    const outside = Array.from(
      { length: 300 },
      (_, i) => `Story ${i}: today ${i % 9 === 0 ? 'harbor' : 'sea'}`,
    );
    const { found } = wordExcesses({ inside, outside, most: 3 }, ctx);
    expect(found.map(({ value }) => value)).toEqual(['harbor today', 'velvet', 'velvet harbor']);
  });

  it('are none where there are no texts', () => {
    expect(wordExcesses({ inside: ['', ''], outside: [], most: 3 }, ctx).found).toEqual([]);
  });
});
