import { z } from 'zod';

const whole = z.number().int();
const run = whole;
/** A metric of a window without a value (no requests, no labels) is null. */
const values = z.array(z.number().nullable());

/** The one knob: how long until a false alarm is expected, or the chance of any on a log of fixed length. */
export const Sensitivity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('false-alarm-days'), days: z.number().min(1).max(36_500) }),
  z.object({ kind: z.literal('family-wise'), level: z.number().min(0.000_001).max(0.5) }),
]);
export type Sensitivity = z.infer<typeof Sensitivity>;

/** Windows side by side. */
export const Lane = z.enum(['hour', 'day']);
export type Lane = z.infer<typeof Lane>;

export const MonitorRun = z.object({
  id: run,
  startedAtMs: z.number(),
  startedBy: z.string(),
  milliseconds: z.number(),
  baseline: whole,
  baselineName: z.string(),
  /** What was judged: logs of the case, or a file that was followed. */
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('logs'), logs: z.array(whole) }),
    z.object({ kind: z.literal('followed'), name: z.string() }),
  ]),
  fromMs: z.number(),
  toMs: z.number(),
  rows: whole,
  seed: whole,
  sensitivity: Sensitivity,
  /** Alerts by severity, in the order of {@link Severity}. */
  alerts: z.array(whole).length(4),
  /** False alarms that the sensitivity makes one expect in the judged time; null where nothing is promised. */
  expectedFalseAlarms: z.number().nullable(),
  promise: z.string(),
  /** What of the logs or of the baseline limits the answer: each a sentence. */
  notes: z.array(z.string()),
  /** The logs or the baseline's logs are no longer what was judged. */
  stale: z.boolean(),
});
export type MonitorRun = z.infer<typeof MonitorRun>;

/** Something that has a value in every window. */
const Metric = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  group: z.enum([
    'alarm',
    'predictions',
    'confidence',
    'latency',
    'resources',
    'features',
    'categories',
    'performance',
    'volume',
    'missing',
  ]),
  /** The class or column; null for the whole model. */
  subject: z.string().nullable(),
  /** The baseline gives a band for it. */
  band: z.boolean(),
});
export type Metric = z.infer<typeof Metric>;

export const MonitorRunDetail = MonitorRun.extend({
  lanes: z.array(
    z.object({
      lane: Lane,
      windowMs: z.number(),
      windows: whole,
      /** The default alarm raises where the metric `alarm` (ln of its evidence) reaches this; null where it was not run. */
      lnThreshold: z.number().nullable(),
    }),
  ),
  monitors: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      version: whole,
      reference: z.string(),
      /** Inside the shared budget of false alarms; else its p-values are shown and it warns at most. */
      inBudget: z.boolean(),
      milliseconds: z.number(),
      /** Why it was not judged; null where it was. */
      notJudged: z.string().nullable(),
    }),
  ),
  metrics: z.array(Metric),
  /** The smallest number of days in which a rise of a class by this share could be seen: the floor printed beside every chart. */
  floors: z.array(
    z.object({ className: z.string(), share: z.number(), rise: z.number(), days: z.number().nullable() }),
  ),
  version: z.string(),
  engine: z.string(),
  peakRssBytes: z.number(),
});
export type MonitorRunDetail = z.infer<typeof MonitorRunDetail>;

/** Start and end (exclusive) of each window, milliseconds since 1970 UTC, and its requests. */
const Windows = z.object({ start: z.array(z.number()), end: z.array(z.number()), rows: z.array(whole) });

export const Series = z.object({
  windows: Windows,
  series: z.array(
    z.object({
      metric: z.string(),
      values,
      /** The baseline's band at the hour and weekday of each window; null without one. */
      lower: values.nullable(),
      upper: values.nullable(),
    }),
  ),
});
export type Series = z.infer<typeof Series>;

export const HeatMap = z.object({
  windows: Windows,
  rows: z.array(
    z.object({
      subject: z.string(),
      group: Metric.shape.group,
      /** What the effect is measured by. */
      effect: z.string(),
      values,
      pValues: values,
      /** Rank error of the baseline's sketch, 0 where its requests are in the case. */
      rankError: z.number(),
    }),
  ),
});
export type HeatMap = z.infer<typeof HeatMap>;

const Kpi = z.object({
  id: z.enum([
    'accuracy',
    'confidence',
    'latency-p50',
    'latency-p95',
    'latency-p99',
    'throughput',
    'drift',
    'mttd',
    'mttr',
    'alert-frequency',
    'missing',
  ]),
  title: z.string(),
  unit: z.string(),
  value: z.number().nullable(),
  baseline: z.number().nullable(),
  sentence: z.string(),
});
export type Kpi = z.infer<typeof Kpi>;

const seed = whole.min(0).max(4_294_967_295);

export const monitorCalls = {
  /** A job; its result is the run. */
  'monitor/start': {
    params: z.object({
      baseline: whole,
      logs: z.array(whole).min(1),
      fromMs: z.number().nullable(),
      /** Exclusive. */
      toMs: z.number().nullable(),
      modelVersion: z.string().nullable(),
      sensitivity: Sensitivity,
      seed,
      /** Presets that alarm beside the default; null: as the rules of the case say. */
      presets: z.array(z.string()).nullable(),
    }),
    result: z.object({ job: z.string() }),
  },
  'monitor/list': { params: z.object({}), result: z.array(MonitorRun) },
  'monitor/get': { params: z.object({ run }), result: MonitorRunDetail },
  'monitor/series': {
    params: z.object({ run, lane: Lane, metrics: z.array(z.string()).min(1).max(64) }),
    result: Series,
  },
  'monitor/heat-map': { params: z.object({ run, lane: Lane }), result: HeatMap },
  /** Gauges of the judged time, or of a part of it. */
  'monitor/kpis': {
    params: z.object({ run, fromMs: z.number().nullable(), toMs: z.number().nullable() }),
    result: z.array(Kpi),
  },
} as const;
