import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { CaseFile } from '../case/case-file.ts';

/** Said wherever something stands on features that Bezoar computed itself. */
export const NOT_THE_MODELS = "built-in features, not the model's";

/** Features of one or two sets in one space. */
export interface BuiltFeatures {
  readonly width: number;
  /** What they are, in words: 'pixels reduced by PCA to 64 columns'. */
  readonly what: string;
  /** How they were computed, for the record. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Of each set in the order that was asked, float32, shape (rows, width). */
  readonly rows: readonly Float32Array[];
}

/**
 * Computes features of sets that are to be held against one another. Whatever is fitted is fitted on all of them together:
 * fitted on one alone, its rows would lie nearer to what was fitted than those of the other, and the trusted test would
 * take that for poison.
 *
 * @param progress told the share done, 0 to 1
 * @throws BezoarError evidence/no-features; Cancelled
 */
export type FeatureBuilder = (
  caseFile: CaseFile,
  sets: readonly Dataset[],
  runner: TaskRunner,
  seed: number,
  progress: (fraction: number) => void,
) => Promise<BuiltFeatures>;
