/**
 * Requests of a production log by column, in order of time. Row i of every array is the same request; arrays stand on shared
 * memory where the table goes to workers.
 */
export interface EventTable {
  readonly rows: number;
  /** Milliseconds since 1970-01-01 UTC, never falling, shape (rows,). */
  readonly time: Float64Array;
  /** Class names; codes below point here. Sorted by code unit, so that the order of the log decides nothing. */
  readonly classes: readonly string[];
  /** Predicted class, -1 where the log says none, shape (rows,). */
  readonly predicted: Int32Array;
  /** True class where it is known, -1 elsewhere; null when the log has no label. */
  readonly label: Int32Array | null;
  /** When the label became known, milliseconds since 1970 UTC, NaN where unknown; null when the log does not say. */
  readonly labelTime: Float64Array | null;
  readonly numeric: readonly NumericColumn[];
  readonly categorical: readonly CategoricalColumn[];
}

/** `resource`: what serving cost besides time (CPU, memory); `score`: one of a class's scores, `feature`: of the input. */
export type NumericRole = 'confidence' | 'latency' | 'resource' | 'score' | 'feature';

export interface NumericColumn {
  readonly name: string;
  readonly role: NumericRole;
  /** NaN where the log says nothing. */
  readonly values: Float64Array;
}

export interface CategoricalColumn {
  readonly name: string;
  /** Sorted by code unit. */
  readonly levels: readonly string[];
  /** Index into `levels`, -1 where the log says nothing. */
  readonly codes: Int32Array;
}
