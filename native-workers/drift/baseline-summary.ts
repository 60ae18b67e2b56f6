import type { ColumnMoments } from './column-moments.ts';
import type { NumericRole } from './event-table.ts';
import type { QuantileSketch } from './quantile-sketch.ts';

/** What a baseline keeps of a numeric column. */
export interface NumericSummary {
  readonly name: string;
  readonly role: NumericRole;
  readonly moments: ColumnMoments;
  readonly sketch: QuantileSketch;
}

/** What a baseline keeps of a categorical column. */
export interface CategoricalSummary {
  readonly name: string;
  readonly levels: readonly string[];
  /** Rows of each level, shape (levels,). */
  readonly counts: Float64Array;
  readonly missing: number;
}

/** What a baseline keeps of one predicted class. */
export interface ClassSummary {
  readonly predicted: number;
  /** Rows of this true class whose label is known, and how many of them were predicted as it. */
  readonly labelled: number;
  readonly correct: number;
  /** Rows predicted as it whose label is known. */
  readonly predictedLabelled: number;
  /** Columns of confidence and latency over the rows predicted as it, in the order of the table's columns. */
  readonly numeric: readonly NumericSummary[];
}

/** What a baseline keeps when its rows are not in the case: enough for the tests column by column. */
export interface BaselineSummary {
  readonly rows: number;
  /** First and last time, ms since 1970 UTC; NaN without rows. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly classes: readonly string[];
  readonly ofClass: readonly ClassSummary[];
  /** Rows without a prediction. */
  readonly unpredicted: number;
  /** Rows with a known label. */
  readonly labelled: number;
  readonly correct: number;
  readonly numeric: readonly NumericSummary[];
  readonly categorical: readonly CategoricalSummary[];
}
