import { describe, expect, it } from 'vitest';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';
import { uncancelled } from '../task.ts';
import { columnScales, tableRows } from './table-rows.ts';

describe('rows of a table', () => {
  it('are standardised over all sets, missing ones in the middle, and one column a category', () => {
    const height = [Float64Array.of(1, 2, NaN, 3), Float64Array.of(6)];
    const [scale] = columnScales({ columns: [height] }, uncancelled());
    expect(scale.mean).toBe(3);
    expect(scale.deviation).toBeCloseTo(Math.sqrt((4 + 1 + 0 + 9) / 4), 12);
    const out = sharedFloat32(4 * 4);
    const args = {
      numbers: [height[0]],
      scales: [scale],
      categories: [{ codes: Int32Array.of(2, 0, -1, 1), levels: 3 }],
      out,
    };
    // In two parts, as threads share them.
    tableRows({ ...args, from: 2, to: 4 }, uncancelled());
    tableRows({ ...args, from: 0, to: 2 }, uncancelled());
    const z = (value: number) => Math.fround((value - 3) / scale.deviation);
    expect([...out]).toEqual([z(1), 0, 0, 1, z(2), 1, 0, 0, 0, 0, 0, 0, z(3), 0, 1, 0]);
  });

  it('say of a column that it does not vary, or is too large to be scaled', () => {
    const columns = [
      [Float64Array.of(0.1, 0.1, 0.1)],
      [Float64Array.of(NaN)],
      [Float64Array.of(1e300, -1e300)],
    ];
    expect(columnScales({ columns }, uncancelled()).map(({ deviation }) => deviation)).toEqual([
      0,
      0,
      Infinity,
    ]);
  });
});
