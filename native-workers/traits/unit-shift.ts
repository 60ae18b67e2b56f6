import type { Matrix } from '../detectors/detector.ts';
import { forEachStep } from '../numeric/moments.ts';
import type { TaskContext } from '../task.ts';

/** How one unit of the activations differs inside a group. */
export interface UnitShift {
  readonly unit: number;
  readonly insideMean: number;
  readonly outsideMean: number;
  /** Difference of the means in standard deviations of the rows outside (Glass's delta). */
  readonly effect: number;
  /** Share of the group above every row outside. */
  readonly beyond: number;
}

/** The units that set the rows of a group most apart, largest effect first; units that do not vary outside come by their mean. */
export function unitShifts(
  args: { matrix: Matrix; inside: Int32Array; outside: Int32Array; most: number },
  ctx: TaskContext,
): UnitShift[] {
  const { matrix, inside, outside, most } = args;
  if (inside.length === 0 || outside.length === 0) return [];
  const { data, cols } = matrix;
  const check = () => {
    ctx.check();
  };
  const here = new Float64Array(cols);
  const there = new Float64Array(cols);
  const squares = new Float64Array(cols);
  const highest = new Float64Array(cols).fill(-Infinity);
  const beyond = new Int32Array(cols);
  const eachRow = (rows: Int32Array, use: (base: number) => void) => {
    forEachStep(rows.length, cols, check, (from, to) => {
      for (let i = from; i < to; i++) use(rows[i] * cols);
    });
  };
  eachRow(outside, (base) => {
    for (let j = 0; j < cols; j++) {
      const value = data[base + j];
      there[j] += value / outside.length;
      if (value > highest[j]) highest[j] = value;
    }
  });
  eachRow(outside, (base) => {
    for (let j = 0; j < cols; j++) squares[j] += (data[base + j] - there[j]) ** 2;
  });
  eachRow(inside, (base) => {
    for (let j = 0; j < cols; j++) {
      here[j] += data[base + j] / inside.length;
      if (data[base + j] > highest[j]) beyond[j]++;
    }
  });
  const shifts = Array.from(here, (mean, unit): UnitShift => {
    const deviation = Math.sqrt(squares[unit] / outside.length);
    const away = mean - there[unit];
    const effect = away === 0 ? 0 : deviation > 0 ? away / deviation : Math.sign(away) * Infinity;
    return {
      unit,
      insideMean: mean,
      outsideMean: there[unit],
      effect,
      beyond: beyond[unit] / inside.length,
    };
  });
  const size = ({ effect }: UnitShift) => Math.abs(effect);
  return shifts
    .sort(
      (a, b) =>
        (size(a) === size(b) ? 0 : size(b) - size(a)) ||
        Math.abs(b.insideMean) - Math.abs(a.insideMean) ||
        a.unit - b.unit,
    )
    .slice(0, most);
}
