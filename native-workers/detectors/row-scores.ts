import { z } from 'zod';
import type { ClassSlice } from './class-slice.ts';
import type { Fact } from './detector.ts';
import type { WhitenedNeighbours } from './whitened-rows.ts';
import { recallOf } from './whitened-rows.ts';

/** Scores of all rows before the classes are judged, class after class, on shared memory. */
export interface RowScores {
  /** Shape (n,), in the order of the slices' rows. */
  readonly score: Float64Array;
  /** First entry of each class, shape (classes + 1,). */
  readonly starts: Int32Array;
  /** What holds for every class. */
  readonly facts: readonly Fact[];
}

/** Parameter k: other rows that are looked at for each row. */
export const NEIGHBOURS = z
  .number()
  .int()
  .min(1)
  .max(200)
  .default(20)
  .describe('Nearest samples that are looked at for each.');

export const NO_SPREAD =
  'The rows predicted as labelled do not vary within any class: there is no scale to measure distances in.';

/** The scores of one class, a copy. */
export function scoresOfClass({ score, starts }: RowScores, { classIndex }: ClassSlice): Float64Array {
  return score.slice(starts[classIndex], starts[classIndex + 1]);
}

/** How the neighbours were found. */
export function neighbourFacts({ found, points }: WhitenedNeighbours): Fact[] {
  return [
    { name: 'neighbours of each row', value: found.k, unit: 'rows' },
    { name: 'share of the true neighbours found', value: recallOf(found), unit: 'share' },
    { name: 'whitened dimensions', value: points.cols, unit: '' },
  ];
}
