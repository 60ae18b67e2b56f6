import { describe, expect, it } from 'vitest';
import { mixHash } from '../numeric/hash.ts';
import { sampleRows } from './sample-rows.ts';

const n = 1000;
const keyHash = Uint32Array.from({ length: n }, (_, row) => mixHash(row, 7));
const all = Int32Array.from({ length: n }, (_, row) => row);
const suspect = Uint8Array.from({ length: n }, (_, row) => (row % 50 === 3 ? 1 : 0));

describe('sampleRows', () => {
  it('takes everything when it fits', () => {
    expect(sampleRows(all.slice().reverse(), null, keyHash, n, 1)).toEqual(all);
  });

  it('holds every suspect, ascending, without repeats', () => {
    const rows = sampleRows(all, suspect, keyHash, 100, 1);
    expect(rows).toHaveLength(100);
    expect(new Set(rows).size).toBe(100);
    expect(rows.slice().sort()).toEqual(rows);
    for (let row = 3; row < n; row += 50) expect(rows.includes(row)).toBe(true);
  });

  it('is the same for the same seed and another for another', () => {
    const rows = sampleRows(all, suspect, keyHash, 100, 1);
    expect(sampleRows(all, suspect, keyHash, 100, 1)).toEqual(rows);
    expect(sampleRows(all, suspect, keyHash, 100, 2)).not.toEqual(rows);
  });

  it('draws by key: samples keep their place in the draw when the rows are turned around', () => {
    const forward = sampleRows(all, null, keyHash, 100, 1);
    const backward = sampleRows(all, null, keyHash.slice().reverse(), 100, 1);
    expect(backward.map((row) => n - 1 - row).sort()).toEqual(forward);
  });

  it('samples the suspects themselves when they alone are too many', () => {
    const rows = sampleRows(all, suspect, keyHash, 12, 1);
    expect(rows).toHaveLength(12);
    expect(Array.from(rows).every((row) => suspect[row] === 1)).toBe(true);
  });
});
