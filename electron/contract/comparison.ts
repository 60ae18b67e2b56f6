import { z } from 'zod';
import { FileToken, PortableOrigin } from './case.ts';
import { Verdict, VerdictEntry } from './samples.ts';

const row = z.number().int().min(0);
const count = z.number().int();

/** A file of evidence of this case, of the other, or of both: told by its hash. */
export const ComparedEvidence = z.object({
  set: z.enum(['investigated', 'trusted', 'log', 'model']),
  role: z.string(),
  name: z.string(),
  entry: z.string().nullable(),
  size: z.number(),
  sha256: z.string(),
  where: z.enum(['both', 'ours', 'theirs']),
});
export type ComparedEvidence = z.infer<typeof ComparedEvidence>;

/** Another case held against the open one. Nothing of it is in the case until it is taken over. */
export const Comparison = z.object({
  id: z.number().int(),
  file: z.object({ name: z.string(), size: z.number(), sha256: z.string() }),
  other: z.object({
    id: z.string(),
    name: z.string(),
    analyst: z.string().nullable(),
    auditHead: z.string(),
    auditCount: count,
    auditHolds: z.boolean(),
    auditSentence: z.string(),
    portable: PortableOrigin.nullable(),
  }),
  /** Whether it is an earlier or later state, or a part, of this very case. */
  sameCase: z.boolean(),
  evidence: z.array(ComparedEvidence),
  /** How samples are told to be the same, in a sentence; `by` null: they cannot be. */
  matching: z.object({ by: z.enum(['row', 'key']).nullable(), sentence: z.string() }),
  verdicts: z.object({
    theirs: count,
    /** Of samples that this case has not decided. */
    fresh: z.object({ poison: count, clean: count, unsure: count }),
    agree: count,
    conflicts: count,
    /** Of this case alone. */
    onlyOurs: count,
    /** Of samples that this case does not hold. */
    unmatched: count,
    /** Of samples whose label here is another: a verdict there says nothing of the sample here. */
    relabelled: count,
  }),
  notes: count,
});
export type Comparison = z.infer<typeof Comparison>;

/** A sample of this case that the other decided, or has a note on. */
export const ComparedSample = z.object({
  row,
  key: z.string(),
  label: z.string(),
  ours: VerdictEntry.nullable(),
  theirs: VerdictEntry.nullable(),
  note: z.object({ text: z.string(), who: z.string() }).nullable(),
});
export type ComparedSample = z.infer<typeof ComparedSample>;

const comparison = z.number().int();

export const comparisonCalls = {
  /** Starts the job that reads another case and holds it against the open one; its result is the comparison. */
  'comparison/start': { params: z.object({ file: FileToken }), result: z.object({ job: z.string() }) },
  /** The last comparison; others are forgotten. */
  'comparison/get': { params: z.object({ comparison }), result: Comparison },
  /** In row order. */
  'comparison/samples': {
    params: z.object({
      comparison,
      which: z.enum(['fresh', 'conflicts', 'agree', 'notes']),
      from: z.number().int().min(0),
      limit: z.number().int().min(1).max(500),
    }),
    result: z.array(ComparedSample),
  },
  /**
   * Takes verdicts over as one action and one step of undo: the fresh ones of these kinds but those left out, and of the
   * conflicts those decided for theirs. Each conflict must be decided, one by one or by `otherwise`.
   */
  'comparison/take-over': {
    params: z.object({
      comparison,
      kinds: z.array(Verdict).max(3),
      leftOut: z.array(row).max(500_000),
      conflicts: z.object({
        theirs: z.array(row).max(500_000),
        ours: z.array(row).max(500_000),
        otherwise: z.enum(['ours', 'theirs']).nullable(),
      }),
    }),
    result: z.object({ taken: count, keptOurs: count, meanwhile: count, sentence: z.string() }),
  },
} as const;
