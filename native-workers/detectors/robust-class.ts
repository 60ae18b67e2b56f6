import { moments } from '../numeric/moments.ts';
import { gatherRows } from '../numeric/rows.ts';
import type { TurnedCoordinates, Whitening } from '../numeric/whitening.ts';
import { robustFit, turnedAxes } from '../numeric/whitening.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import type { Matrix, ScanInput } from './detector.ts';

const VARIANCE = 0.99;

/** One class in the space that its own core whitens. */
export interface RobustClass {
  /** The class's activations, rows in the order of the slice. */
  readonly matrix: Matrix;
  readonly whitening: Whitening;
  /** Squared robust Mahalanobis distances, shape (n,). */
  readonly distances: Float64Array;
  /** Axes of the second moment of all rows in the whitened space, largest first. */
  readonly turned: TurnedCoordinates;
}

/**
 * Whitens a class by its nearest 60 % (trimming, axes that hold 99 % of the variance), which up to 40 % foreign rows do not
 * move. A string says why it cannot be.
 */
export function robustClass(input: ScanInput, slice: ClassSlice, ctx: TaskContext): RobustClass | string {
  const { activations } = input.investigated;
  if (activations === null) throw new Error('A set without activations cannot be whitened.');
  const check = (): void => {
    ctx.check();
  };
  const matrix = gatherRows([{ matrix: activations, rows: slice.rows }]);
  const fit = robustFit(matrix, null, VARIANCE, check);
  if (fit === null)
    return `Most rows of class ${input.classes[slice.classIndex]} are identical: there is nothing to compare.`;
  const { whitening, distances } = fit;
  return { matrix, whitening, distances, turned: turnedAxes(moments(matrix, null, check), whitening, check) };
}
