import { expect, it } from 'vitest';
import { uncancelled } from '../task.ts';
import { unitShifts } from './unit-shift.ts';

it('ranks the units by how far the group’s mean lies from the others’', () => {
  const rows = [
    [1, 0, 5, 7],
    [3, 0, 5, 7],
    [9, 0, 5, 8],
    [11, 2, 5, 8],
  ];
  const matrix = { data: Float32Array.from(rows.flat()), rows: 4, cols: 4 };
  const args = { matrix, inside: Int32Array.of(2, 3), outside: Int32Array.of(0, 1), most: 3 };
  expect(unitShifts(args, uncancelled())).toEqual([
    { unit: 3, insideMean: 8, outsideMean: 7, effect: Infinity, beyond: 1 },
    { unit: 1, insideMean: 1, outsideMean: 0, effect: Infinity, beyond: 0.5 },
    { unit: 0, insideMean: 10, outsideMean: 2, effect: 8, beyond: 1 },
  ]);
  expect(unitShifts({ ...args, outside: new Int32Array(0) }, uncancelled())).toEqual([]);
});
