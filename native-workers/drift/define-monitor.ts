import type { z } from 'zod';
import type { TaskContext } from '../task.ts';
import type { NumericRole } from './event-table.ts';
import type {
  MonitorFinding,
  MonitorInput,
  MonitorNeed,
  MonitorResult,
  Severity,
  Subject,
} from './monitor.ts';

/**
 * A monitor: one file, one registry line. It holds a log against a baseline, window by window.
 * Monitors are pure and synchronous; the caller gives each a worker.
 */
export interface Monitor<Params = unknown> {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly family:
    'predictions' | 'columns' | 'sequential' | 'performance' | 'outliers' | 'health' | 'presets';
  readonly reference: string;
  readonly needs: readonly MonitorNeed[];
  /**
   * True where every alarm is paid from the log's one false-alarm budget. All others are display: at most a warning, and no alarm
   * unless the analyst turns it on.
   */
  readonly budgeted: boolean;
  /** What the monitor states about false firing on a quiet log, in a sentence; null where it states nothing. */
  readonly falseAlarms: string | null;
  readonly params: z.ZodType<Params>;
  run(input: MonitorInput, params: Params, ctx: TaskContext): MonitorResult;
}

/** Declares a monitor; the type of its parameters is inferred from their schema. */
export function defineMonitor<Params>(monitor: Monitor<Params>): Monitor<Params> {
  return monitor;
}

/** What a finding says beyond its window, subject and kind; whatever is not said is null. */
export type Judgement = Pick<MonitorFinding, 'statistic' | 'effect' | 'facts' | 'sentence'> &
  Partial<Pick<MonitorFinding, 'pValue' | 'lnP' | 'leastP' | 'adjustedP' | 'lnE' | 'onset' | 'rows'>> & {
    /** Null for quiet. */
    readonly fires: Severity | null;
  };

/** A finding for a window and subject. */
export function judged(
  window: { readonly start: number; readonly end: number },
  subject: Subject,
  kind: MonitorFinding['kind'],
  { fires, ...said }: Judgement,
): MonitorFinding {
  return {
    windowStart: window.start,
    windowEnd: window.end,
    subject,
    pValue: null,
    lnP: null,
    leastP: null,
    adjustedP: null,
    lnE: null,
    decision: fires === null ? 'quiet' : 'fires',
    severity: fires,
    kind,
    onset: null,
    rows: null,
    ...said,
  };
}

/** A finding for a window and subject that could not be judged, with the reason as a sentence. */
export function notJudged(
  window: { readonly start: number; readonly end: number },
  subject: Subject,
  kind: MonitorFinding['kind'],
  reason: string,
): MonitorFinding {
  return {
    windowStart: window.start,
    windowEnd: window.end,
    subject,
    statistic: null,
    effect: null,
    pValue: null,
    lnP: null,
    leastP: null,
    adjustedP: null,
    lnE: null,
    decision: 'not judged',
    severity: null,
    kind,
    onset: null,
    facts: [],
    sentence: reason,
    rows: null,
  };
}

const needInWords: Readonly<Record<MonitorNeed, string>> = {
  predictions: 'predictions',
  confidence: 'a column of confidence',
  latency: 'a column of latency',
  resources: 'a column of what serving costs (CPU, memory)',
  features: 'numeric features of the input',
  'numeric columns': 'a numeric column',
  'categorical columns': 'a categorical column',
  labels: 'true labels',
  'reference rows': 'the rows of the baseline themselves, not a summary of them',
};

/** What a monitor needs and the input lacks, in a sentence; null when nothing is missing. */
function whyNotRun({ needs }: Pick<Monitor, 'needs'>, input: MonitorInput): string | null {
  const { current, reference } = input;
  const hasRole = (role: NumericRole): boolean => current.numeric.some((column) => column.role === role);
  const missing = needs.filter((need) => {
    switch (need) {
      case 'predictions':
        return !current.predicted.some((code) => code >= 0);
      case 'confidence':
        return !hasRole('confidence');
      case 'latency':
        return !hasRole('latency');
      case 'resources':
        return !hasRole('resource');
      case 'features':
        return !hasRole('feature');
      case 'numeric columns':
        return current.numeric.length === 0;
      case 'categorical columns':
        return current.categorical.length === 0;
      case 'labels':
        return !current.label?.some((code) => code >= 0);
      case 'reference rows':
        return reference.kind !== 'rows';
    }
  });
  return missing.length === 0
    ? null
    : `Left out: this monitor needs ${missing.map((need) => needInWords[need]).join(' and ')}.`;
}

/**
 * Runs a monitor in the calling thread, or says why it is left out.
 *
 * @param params checked and completed by the monitor's own schema
 * @throws Error when a monitor outside the budget claims more than a warning, or a p-value of 0; Cancelled
 */
export function runMonitor(
  monitor: Monitor,
  input: MonitorInput,
  params: unknown,
  ctx: TaskContext,
): MonitorResult {
  const parsed = monitor.params.parse(params);
  const leftOut = whyNotRun(monitor, input);
  if (leftOut !== null) return { findings: [], skipped: leftOut, notes: [] };
  const result = monitor.run(input, parsed, ctx);
  ctx.progress(1);
  for (const { severity, pValue } of result.findings) {
    if (!monitor.budgeted && (severity === 'error' || severity === 'critical'))
      throw new Error(`${monitor.id} is outside the false-alarm budget and may not raise ${severity}.`);
    if (pValue !== null && !(pValue > 0 && pValue <= 1))
      throw new Error(`${monitor.id} gave a p-value of ${pValue}: it lies above 0 and is at most 1.`);
  }
  if (result.findings.length > 0 || result.skipped !== null) return result;
  const why = input.current.rows === 0 ? 'the log holds no request' : 'there was nothing in the log to judge';
  return { ...result, skipped: `Left out: ${why}.` };
}
