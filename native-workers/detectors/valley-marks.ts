import { beyond, clearValley } from './clear-valley.ts';
import type { Fact } from './detector.ts';

/** Marks what lies above a clear valley of the values, shape (n,), and says where it was cut; nothing without one. */
export function valleyMarks(
  values: Float64Array,
  unit: string,
): { readonly marked: Uint8Array; readonly facts: readonly Fact[] } {
  const valley = clearValley(values, 1);
  const { marked, count } = beyond(values, valley);
  const rows = { name: 'rows beyond a clear valley', value: count, unit: 'rows' };
  if (valley === null) return { marked, facts: [rows] };
  return {
    marked,
    facts: [
      { name: 'valley cut', value: valley.cut, unit },
      { name: 'valley depth', value: valley.depth, unit: 'share' },
      { name: 'mass beyond the valley', value: valley.mass, unit: 'share' },
      rows,
    ],
  };
}
