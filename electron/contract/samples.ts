import { z } from 'zod';

export const Verdict = z.enum(['poison', 'clean', 'unsure']);
export type Verdict = z.infer<typeof Verdict>;

/** Verdicts as bytes in bulk arrays: 0 is none. */
export const verdictByte: Readonly<Record<Verdict, number>> = { poison: 1, clean: 2, unsure: 3 };

export const Sample = z.object({
  row: z.number().int(),
  key: z.string(),
  label: z.string(),
  predicted: z.string().nullable(),
  confidence: z.number().nullable(),
  verdict: Verdict.nullable(),
  seen: z.boolean(),
  note: z.string().nullable(),
  /** Further record columns by name. */
  columns: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
export type Sample = z.infer<typeof Sample>;

export const VerdictEntry = z.object({
  verdict: Verdict.nullable(),
  reason: z.string(),
  who: z.string(),
  atMs: z.number(),
  /** Of a verdict that was taken over: the case, the hash of its file, and who decided so there, and when. */
  origin: z
    .object({
      caseId: z.string(),
      caseName: z.string(),
      sha256: z.string(),
      who: z.string(),
      atMs: z.number(),
    })
    .optional(),
});
export type VerdictEntry = z.infer<typeof VerdictEntry>;

/** One detector's opinion of one sample with its place among the samples of its class. */
export const SampleScore = z.object({
  detector: z.string(),
  title: z.string(),
  score: z.number().nullable(),
  pValue: z.number().nullable(),
  /** 1 is the most suspicious of the class. */
  rankInClass: z.number().int().nullable(),
  classRows: z.number().int(),
  /** In words: 'further out than 99.98 % of dress samples'. */
  sentence: z.string(),
});
export type SampleScore = z.infer<typeof SampleScore>;

/** One sample's losses over the training with the tenth, the middle and the last tenth of its class at each time. */
export const LossCurve = z.object({
  names: z.array(z.string()),
  losses: z.array(z.number().nullable()),
  low: z.array(z.number().nullable()),
  middle: z.array(z.number().nullable()),
  high: z.array(z.number().nullable()),
});
export type LossCurve = z.infer<typeof LossCurve>;

const dataset = z.number().int();
const row = z.number().int().min(0);

export const sampleCalls = {
  'samples/page': {
    params: z.object({ dataset, rows: z.array(row).max(500) }),
    result: z.array(Sample),
  },
  /** Rows whose key, label, prediction or text holds the words; the exact key first; at most 1,000. */
  'samples/find': {
    params: z.object({ dataset, query: z.string().min(1).max(500) }),
    result: z.object({ rows: z.array(row), more: z.boolean() }),
  },
  'samples/scores': {
    params: z.object({ dataset, row, scan: z.number().int() }),
    result: z.object({
      scores: z.array(SampleScore),
      methods: z.array(z.string()),
      rank: z.number().int(),
      flagged: z.boolean(),
    }),
  },
  /** Nearest rows by Euclidean distance of activations, exact, the row itself left out. */
  'samples/neighbours': {
    params: z.object({ dataset, row, k: z.number().int().min(1).max(100) }),
    result: z.array(z.object({ row, distance: z.number() })),
  },
  /** The sample's losses in the order of their columns, beside those of its class; null for a set without losses. */
  'samples/losses': { params: z.object({ dataset, row }), result: LossCurve.nullable() },
  'verdict/history': { params: z.object({ dataset, row }), result: z.array(VerdictEntry) },
  /** A verdict for many rows is one action and one step of undo. `null` takes the verdict back. */
  'verdict/set': {
    params: z.object({
      dataset,
      rows: z.array(row).min(1).max(2_000_000),
      verdict: Verdict.nullable(),
      reason: z.string().max(2000),
    }),
    result: z.object({ changed: z.number().int() }),
  },
  'verdict/undo': {
    params: z.object({}),
    result: z.object({ changed: z.number().int(), sentence: z.string(), rows: z.array(row) }),
  },
  'verdict/redo': {
    params: z.object({}),
    result: z.object({ changed: z.number().int(), sentence: z.string(), rows: z.array(row) }),
  },
  'seen/mark': { params: z.object({ dataset, rows: z.array(row).min(1).max(10_000) }), result: z.object({}) },
  'note/set': { params: z.object({ dataset, row, text: z.string().max(10_000) }), result: z.object({}) },
} as const;
