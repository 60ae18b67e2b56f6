import { z } from 'zod';
import { FileToken } from './case.ts';

const whole = z.number().int();
const share = z.number().min(0).max(1);
const numbers = (length: number) => z.array(z.number().nullable()).length(length);

/** Moments of the values that are there; null where there are none (or one, for the deviation). */
const Moments = z.object({
  n: whole,
  missing: whole,
  /** Infinite values: in n, least and most, not in mean and deviation. */
  infinite: whole,
  mean: z.number().nullable(),
  sd: z.number().nullable(),
  least: z.number().nullable(),
  most: z.number().nullable(),
});

/**
 * Values in rising order with how many of the `n` each stands for. The rank of any value read from it is wrong by at most
 * `rankError` x n; 0 where every distinct value is in it.
 */
const QuantileSketch = z.object({
  n: whole.min(0),
  values: z.array(z.number()),
  weights: z.array(whole.min(1)),
  rankError: share,
});

const NumberRole = z.enum(['confidence', 'latency', 'resource', 'score', 'feature']);
type NumberRole = z.infer<typeof NumberRole>;

const NumberProfile = z.object({
  name: z.string(),
  role: NumberRole,
  moments: Moments,
  sketch: QuantileSketch,
});
export type NumberProfile = z.infer<typeof NumberProfile>;

/** Levels in the order of their names; the rarest beyond the first 1,000 by count are summed in `others`. */
const CategoryProfile = z.object({
  name: z.string(),
  missing: whole,
  levels: z.array(z.object({ name: z.string(), count: whole })),
  others: whole,
});
export type CategoryProfile = z.infer<typeof CategoryProfile>;

const ClassProfile = z.object({
  name: z.string(),
  count: whole,
  share,
  /** 95 % interval of the share, widened by the dispersion from day to day. */
  lower: share,
  upper: share,
  /** Shrunk factors on the share, Monday first; null where none is certain, or the baseline is too short. */
  weekday: z.array(z.number()).length(7).nullable(),
  /** Shrunk factors on the share, hour 0 to 23 UTC; null where none is certain, or the baseline is too short. */
  hour: z.array(z.number()).length(24).nullable(),
  /** Confidence and latency within the class. */
  numbers: z.array(NumberProfile),
});
export type ClassProfile = z.infer<typeof ClassProfile>;

const ErrorProfile = z.object({
  labelled: whole,
  accuracy: share,
  lower: share,
  upper: share,
  classes: z.array(
    z.object({
      name: z.string(),
      /** Requests of this true class, those of them that were predicted as it, and all labelled ones that were. */
      labelled: whole,
      correct: whole,
      predicted: whole,
      precision: share.nullable(),
      recall: share.nullable(),
      f1: share.nullable(),
    }),
  ),
});
export type ErrorProfile = z.infer<typeof ErrorProfile>;

/** What the model did in the time of the baseline. All of it can be exported and read back: docs/schemas/baseline.schema.json. */
export const BaselineProfile = z.object({
  classes: z.array(ClassProfile),
  /** Requests without a prediction. */
  unpredicted: whole,
  numbers: z.array(NumberProfile),
  categories: z.array(CategoryProfile),
  latency: z
    .object({ name: z.string(), mean: z.number(), p50: z.number(), p95: z.number(), p99: z.number() })
    .nullable(),
  errors: ErrorProfile.nullable(),
  traffic: z.object({
    /** Mean requests an hour by hour of the day, UTC. */
    hour: z.array(z.number()).length(24),
    /** Mean requests a day by weekday, Monday first; null for a weekday that the baseline has none of. */
    weekday: z.array(z.number().nullable()).length(7),
  }),
  /** Mean and deviation of each metric over the baseline's hours by hour of the day (24), and its days by weekday (7); null: unknown. */
  bands: z.array(
    z.object({
      metric: z.string(),
      hour: z.object({ mean: numbers(24), sd: numbers(24) }),
      day: z.object({ mean: numbers(7), sd: numbers(7) }),
    }),
  ),
  /** How much more the class counts of a window vary than independent requests would; null where there are too few windows. */
  dispersion: z.array(z.object({ window: z.enum(['1 h', '6 h', '1 d', '7 d']), phi: z.number().nullable() })),
});
export type BaselineProfile = z.infer<typeof BaselineProfile>;

const BaselineSource = z.discriminatedUnion('kind', [
  /** Requests that are in the case. */
  z.object({ kind: z.literal('logs'), logs: z.array(whole), modelVersion: z.string().nullable() }),
  /** The predictions of a set of samples, without times. */
  z.object({ kind: z.literal('golden'), dataset: whole }),
  /** A file that another case or another program wrote. */
  z.object({ kind: z.literal('file'), name: z.string(), sha256: z.string() }),
]);

export const Baseline = z.object({
  id: whole,
  /** Baselines of one name count up from 1. */
  name: z.string(),
  version: whole,
  model: z.string().nullable(),
  modelVersion: z.string().nullable(),
  source: BaselineSource,
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  rows: whole,
  /** Days (UTC) with requests. */
  days: whole,
  /** Its requests are in the case, so statistics against it are exact; else they carry the sketch's rank error. */
  exact: z.boolean(),
  /** Largest rank error of its sketches, 0 to 1. */
  rankError: share,
  /** The longest expected time to a false alarm that its length supports, days; null: none is promised. */
  promiseDays: z.number().nullable(),
  promise: z.string(),
  /** Outcome of the test of one half against the other. */
  selfCheck: z.string(),
  notes: z.array(z.string()),
  createdAtMs: z.number(),
  createdBy: z.string(),
});
export type Baseline = z.infer<typeof Baseline>;

export const BaselineDetail = Baseline.extend({ profile: BaselineProfile });
export type BaselineDetail = z.infer<typeof BaselineDetail>;

/** One line of two baselines side by side. */
const BaselineDifference = z.object({
  group: z.enum([
    'predictions',
    'confidence',
    'latency',
    'resources',
    'features',
    'categories',
    'errors',
    'traffic',
  ]),
  /** Class, column or weekday. */
  subject: z.string(),
  measure: z.string(),
  unit: z.string(),
  a: z.number().nullable(),
  b: z.number().nullable(),
  /** Effect size with its name; null where the measure is only shown. */
  effect: z.object({ name: z.string(), value: z.number() }).nullable(),
  pValue: z.number().nullable(),
  /** Benjamini-Hochberg over all lines with a p-value. */
  adjustedPValue: z.number().nullable(),
  rankError: share,
});

const baseline = whole;

export const baselineCalls = {
  'baseline/list': { params: z.object({}), result: z.array(Baseline) },
  'baseline/get': { params: z.object({ baseline }), result: BaselineDetail },
  /** A job. One that drifts against itself is refused with the reason (`baseline/drifts`). */
  'baseline/create': {
    params: z.object({
      name: z.string().trim().min(1).max(120),
      /** The logs by their ids, or the predictions of a set of samples. */
      source: z.discriminatedUnion('kind', [
        z.object({
          kind: z.literal('logs'),
          logs: z.array(whole).min(1),
          fromMs: z.number().nullable(),
          /** Exclusive. */
          toMs: z.number().nullable(),
        }),
        z.object({ kind: z.literal('golden'), dataset: whole }),
      ]),
      /** Only requests of this model version; null takes all. */
      modelVersion: z.string().nullable(),
    }),
    result: z.object({ job: z.string() }),
  },
  /** Reads a baseline that was exported. */
  'baseline/import': { params: z.object({ file: FileToken }), result: Baseline },
  'baseline/compare': {
    params: z.object({ a: baseline, b: baseline }),
    result: z.object({ lines: z.array(BaselineDifference), notes: z.array(z.string()) }),
  },
} as const;
