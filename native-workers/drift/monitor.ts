import type { Fact } from '../detectors/detector.ts';
import type { BaselineSummary } from './baseline-summary.ts';
import type { EventTable } from './event-table.ts';

/** What a monitor cannot do without. */
export type MonitorNeed =
  | 'predictions'
  | 'confidence'
  | 'latency'
  | 'resources'
  | 'features'
  | 'numeric columns'
  | 'categorical columns'
  | 'labels'
  /** The baseline's own rows: a summary of them is not enough. */
  | 'reference rows';

/** What the log is held against: the baseline's rows where the case has them, else what a summary kept of them. */
export type Reference =
  | { readonly kind: 'rows'; readonly table: EventTable }
  | { readonly kind: 'summary'; readonly summary: BaselineSummary };

/** A stretch of the log: rows `from` to `to - 1` of the current table, in [start, end) milliseconds since 1970 UTC. */
export interface LogWindow {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** What the import counted and the table no longer shows. */
export interface LogCounts {
  readonly lines: number;
  readonly unreadable: number;
  readonly duplicateIds: number;
  /** Lines whose time lies before that of the line above, in the order of the file. */
  readonly backwards: number;
  /** The largest such step, ms; 0 where there is none. */
  readonly largestStepBack: number;
}

export interface MonitorInput {
  readonly reference: Reference;
  /** In order of time. Class and level names may differ from the reference's: monitors match them by name. */
  readonly current: EventTable;
  /** Ascending by start, then by end; monitors that walk row by row or label by label make their own. */
  readonly windows: readonly LogWindow[];
  /** Null where the import counted nothing. */
  readonly counts: LogCounts | null;
}

export type Severity = 'info' | 'warning' | 'error' | 'critical';
export type AlertKind = 'attack-like' | 'drift' | 'performance' | 'quality';
type MonitorDecision = 'fires' | 'quiet' | 'not judged';

/** What a finding is about. `name` is the class, the column, or the columns joined by commas; empty for the whole log. */
export interface Subject {
  readonly kind: 'log' | 'predictions' | 'class' | 'column' | 'columns' | 'cell';
  readonly name: string;
}

/** A number with the name of what it measures; unit '' where it has none. */
type Measure = Fact;

/** What a monitor says about one subject in one window. */
export interface MonitorFinding {
  /** Milliseconds since 1970 UTC; the window is [windowStart, windowEnd). */
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly subject: Subject;
  readonly statistic: Measure | null;
  /** How large the change is, on a scale that does not grow with the rows; null where nothing was judged. */
  readonly effect: Measure | null;
  /** Never 0: a p-value that underflows is the smallest double, and lnP holds it. Null where the method has none. */
  readonly pValue: number | null;
  /** Natural logarithm of pValue. */
  readonly lnP: number | null;
  /** The smallest p-value that the method can give (Monte Carlo: 1 / (draws + 1)); null where there is no such floor. */
  readonly leastP: number | null;
  /** After Benjamini-Hochberg over the subjects of the window; null where there is nothing to adjust. */
  readonly adjustedP: number | null;
  /** Natural logarithm of an e-value or of an e-detector's statistic; null for monitors without. */
  readonly lnE: number | null;
  readonly decision: MonitorDecision;
  /** Null unless it fires. At most 'warning' outside the false-alarm budget. */
  readonly severity: Severity | null;
  readonly kind: AlertKind;
  /** When the change is estimated to have begun, ms since 1970 UTC; null where the method does not say. */
  readonly onset: number | null;
  readonly facts: readonly Fact[];
  /** The finding as one sentence; for 'not judged' the reason. */
  readonly sentence: string;
  /** Rows of the current table that caused it, most suspicious first; null where the method names none. */
  readonly rows: Int32Array | null;
}

export interface MonitorResult {
  /** In order of windowStart, windowEnd, then the monitor's own order of subjects. */
  readonly findings: readonly MonitorFinding[];
  /** Why the monitor was not run at all, in a sentence; null when it was. */
  readonly skipped: string | null;
  readonly notes: readonly string[];
}
