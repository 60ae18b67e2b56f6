import type { AlertKind, Severity } from './monitor.ts';

/** One condition of a subgroup: a level of a categorical column, or a half-open interval of a number; null is open. */
export interface Condition {
  readonly column: string;
  readonly level: string | null;
  /** Inclusive. */
  readonly from: number | null;
  /** Exclusive. */
  readonly to: number | null;
}

/** The part of an alert's requests that explains it. */
export interface Subgroup {
  readonly sentence: string;
  readonly conditions: readonly Condition[];
  readonly rows: number;
  /** Rows that the reference makes one expect. */
  readonly expected: number;
  /** Log-likelihood ratio. */
  readonly score: number;
  /** By permutation of the maximum; null where it was not permuted. */
  readonly pValue: number | null;
}

/** A reason of the reading 'attack or weather', with its number. */
export interface Reason {
  readonly sentence: string;
  readonly towards: 'attack' | 'weather' | 'neither';
  readonly value: number | null;
  readonly pValue: number | null;
}

/** An episode: raised once, extended while windows alarm, one entry. Times are milliseconds since 1970 UTC. */
export interface Alert {
  readonly monitor: string;
  /** The class, the column, or several of them. */
  readonly subject: string;
  readonly subjectKind: 'class' | 'column' | 'model' | 'log';
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** End of the first window that alarmed: when it was known. */
  readonly time: number;
  /** From the first window that alarmed to the last. */
  readonly windowStart: number;
  readonly windowEnd: number;
  /** Where the change most likely began, and the onsets that the evidence does not tell from it (1 : 20). */
  readonly onset: number;
  readonly onsetFrom: number;
  readonly onsetTo: number;
  /** The episode still alarmed where the log ends. */
  readonly ongoing: boolean;
  /** A relative rise (0.5: half as many again), with its 95 % interval. */
  readonly effect: {
    readonly name: string;
    readonly value: number;
    readonly low: number;
    readonly high: number;
  };
  /** ln of the detector's value at the first raise: it alarms at ln of the windows between false alarms. Null: by a p-value. */
  readonly lnE: number | null;
  readonly pValue: number | null;
  readonly explanation: string;
  readonly reasons: readonly Reason[];
  readonly subgroup: Subgroup | null;
  /** Rows of the log, most suspicious first; `scores` beside them, higher is more suspicious. */
  readonly rows: Int32Array;
  readonly scores: Float64Array;
}
