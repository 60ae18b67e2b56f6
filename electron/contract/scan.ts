import { z } from 'zod';

export const Decision = z.enum(['alarm', 'structure', 'dark', 'not judged', 'not judged (ranking)']);
export type Decision = z.infer<typeof Decision>;

export const Fact = z.object({ name: z.string(), value: z.number().nullable(), unit: z.string() });
export type Fact = z.infer<typeof Fact>;

/** What one detector says of one class. */
const DetectorClassFinding = z.object({
  classIndex: z.number().int(),
  n: z.number().int(),
  statistic: z.number().nullable(),
  pValue: z.number().nullable(),
  lnP: z.number().nullable(),
  decision: Decision,
  facts: z.array(Fact),
  skipped: z.string().nullable(),
});

export const DetectorRun = z.object({
  id: z.string(),
  title: z.string(),
  version: z.number().int(),
  reference: z.string(),
  certificate: z.enum(['exact', 'none']),
  milliseconds: z.number(),
  classes: z.array(DetectorClassFinding),
  skipped: z.array(z.object({ classIndex: z.number().int().nullable(), reason: z.string() })),
});
export type DetectorRun = z.infer<typeof DetectorRun>;

/** What one way of finding a class tested, and how it came out. */
export const Certificate = z.object({
  kind: z.string(),
  strength: z.enum(['exact', 'binomial', 'e-value', 'structural']),
  statistic: z.object({ name: z.string(), value: z.number() }),
  /** ln p, not corrected: compare with lnLevel. Null for an e-value and for a structure. */
  lnP: z.number().nullable(),
  /** ln e; null for everything else. */
  lnE: z.number().nullable(),
  /** ln of the p that alarms, or of the e; null for a structure. */
  lnLevel: z.number().nullable(),
  n: z.number().int(),
  m: z.number().int().nullable(),
  k: z.number().int().nullable(),
});
export type Certificate = z.infer<typeof Certificate>;

/** The decision about one class over all methods. */
export const ClassFinding = z.object({
  classIndex: z.number().int(),
  n: z.number().int(),
  decision: Decision,
  /** How it was found: 'trusted', 'flip', 'peel', 'displaced', 'orphans', 'far'. */
  ways: z.array(z.string()),
  statistic: z.number().nullable(),
  pValue: z.number().nullable(),
  lnP: z.number().nullable(),
  flagged: z.number().int(),
  /** The certificate of an alarm in words: kind, null hypothesis, level, n, m, k. */
  certificate: z.string().nullable(),
  /** The same in numbers, strongest first; empty without a finding. */
  certificates: z.array(Certificate),
  /**
   * All tests of the class joined as one e-value, a second opinion that decides nothing: its ln, and the ln from which it would
   * alarm alone. Null where the class was not judged.
   */
  joined: z.object({ lnE: z.number(), lnLevel: z.number() }).nullable(),
  /** The finding in one or two sentences. */
  sentence: z.string(),
  /**
   * Smallest share of the class, 0 to 1, that would have been seen if all of it lay beyond every trusted row of the class;
   * null without a trusted set for the class.
   */
  epsilonMin: z.number().nullable(),
  facts: z.array(Fact),
  /** What the rows put forward share that the others of the class do not, in short; null where none are. */
  shares: z
    .object({
      sentence: z.string(),
      words: z.array(z.string()),
      patches: z.array(
        z.object({
          top: z.number().int(),
          left: z.number().int(),
          height: z.number().int(),
          width: z.number().int(),
        }),
      ),
    })
    .nullable(),
  /**
   * The judgement that this structure is natural, as the analyst made it before; `overlap` is the Jaccard index of its
   * samples and those judged then, 0.5 to 1. Null where the structure is new, and for every other decision.
   */
  known: z
    .object({
      id: z.number().int(),
      by: z.string(),
      atMs: z.number(),
      reason: z.string(),
      overlap: z.number(),
    })
    .nullable(),
});
export type ClassFinding = z.infer<typeof ClassFinding>;

export const ScanSummary = z.object({
  id: z.number().int(),
  startedAtMs: z.number(),
  startedBy: z.string(),
  milliseconds: z.number(),
  seed: z.number().int(),
  alpha: z.number(),
  detectors: z.array(z.string()),
  /** Its inputs are no longer what the case holds. */
  stale: z.boolean(),
  staleReason: z.string().nullable(),
  rows: z.number().int(),
  flagged: z.number().int(),
  alarms: z.array(z.number().int()),
  structures: z.array(z.number().int()),
  /** Those of the structures that the analyst judged natural before. */
  known: z.array(z.number().int()),
  withTrusted: z.boolean(),
  /** What the scan read in place of the model's activations, in words; null when it read those. */
  builtIn: z.string().nullable(),
});
export type ScanSummary = z.infer<typeof ScanSummary>;

export const ScanDetail = ScanSummary.extend({
  classNames: z.array(z.string()),
  classes: z.array(ClassFinding),
  detectorRuns: z.array(DetectorRun),
  /** Bit i of the array `methods` is the method with this id: the detectors, then the ways of the decision. */
  methodIds: z.array(z.string()),
  /** Refused trusted set, skipped parts, warnings: each a sentence. */
  notes: z.array(z.string()),
  engine: z.string(),
  version: z.string(),
  peakRssBytes: z.number(),
  inputs: z.array(z.object({ name: z.string(), sha256: z.string() })),
});
export type ScanDetail = z.infer<typeof ScanDetail>;

/** A parameter of a detector, as the scan form offers it. */
const DetectorParameter = z.object({
  name: z.string(),
  kind: z.enum(['number', 'whole', 'choice']),
  default: z.union([z.number(), z.string()]).nullable(),
  least: z.number().nullable(),
  most: z.number().nullable(),
  choices: z.array(z.string()),
  /** What it does, in a sentence. */
  meaning: z.string(),
});
export type DetectorParameter = z.infer<typeof DetectorParameter>;

/** Parameters that are not to be the defaults, by detector and name. */
const DetectorParameters = z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string()])));
export type DetectorParameters = z.infer<typeof DetectorParameters>;

export const ScanPlan = z.object({
  rows: z.number().int(),
  /** What a scan would read in place of the model's activations, in words; null when it would read those. */
  builtIn: z.string().nullable(),
  /** Built-in features can be computed: the samples have no activations, and images, texts or columns. */
  canBuildFeatures: z.boolean(),
  detectors: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      reference: z.string(),
      family: z.string(),
      parameters: z.array(DetectorParameter),
      applies: z.boolean(),
      /** Whether a scan runs it unless told otherwise. */
      usual: z.boolean(),
      /** Why it does not apply, or why it is off unless it is asked for. */
      reason: z.string().nullable(),
    }),
  ),
  /** Before the run: what could be seen per class. */
  classes: z.array(
    z.object({
      classIndex: z.number().int(),
      name: z.string(),
      n: z.number().int(),
      trusted: z.number().int(),
      epsilonMin: z.number().nullable(),
      /** Smallest visible shares of poison that lies beyond all but 0, 1 and 5 % of the trusted rows; null: none is visible. */
      doses: z.array(z.object({ nearer: z.number(), dose: z.number().nullable() })),
      advice: z.string().nullable(),
    }),
  ),
  problems: z.array(z.string()),
});
export type ScanPlan = z.infer<typeof ScanPlan>;

/** Every scan as a look at the data, and what the looks at the present samples cost. */
export const AlphaLedger = z.object({
  looks: z.array(
    z.object({
      scan: z.number().int(),
      startedAtMs: z.number(),
      by: z.string(),
      alpha: z.number(),
      alarms: z.number().int(),
      structures: z.number().int(),
      /** Its part of `spent`. */
      cost: z.number(),
      /** An earlier scan that decided by the same data at the same level; null where there is none. */
      sameAs: z.number().int().nullable(),
      /** It read other activations than those now in the case. */
      otherSamples: z.boolean(),
    }),
  ),
  /** Bound of the chance that clean samples such as the present ones raised any alarm in any of these looks. */
  spent: z.number(),
});
export type AlphaLedger = z.infer<typeof AlphaLedger>;

/** Columns of the class's leading spectrum and the projections' histogram with its cut, for the charts. */
export const ClassSpectrum = z.object({
  classIndex: z.number().int(),
  eigenvalues: z.array(z.number()),
  totalVariance: z.number(),
  histogram: z.object({ edges: z.array(z.number()), counts: z.array(z.number()) }),
  flaggedHistogram: z.array(z.number()),
  cut: z.number().nullable(),
  cutName: z.string(),
  depth: z.number().nullable(),
});
export type ClassSpectrum = z.infer<typeof ClassSpectrum>;

/** Scores of one detector in one class as a histogram; the suspects apart. */
export const ScoreHistogram = z.object({
  detector: z.string(),
  classIndex: z.number().int(),
  edges: z.array(z.number()),
  /** Investigated rows that are not flagged, flagged ones, trusted ones (empty without). */
  ordinary: z.array(z.number()),
  flagged: z.array(z.number()),
  trusted: z.array(z.number()),
  unit: z.string(),
  cut: z.number().nullable(),
  cutName: z.string().nullable(),
});
export type ScoreHistogram = z.infer<typeof ScoreHistogram>;

/** Which labels look like which others by their activations (label errors). */
export const FlipMatrix = z.object({
  /** In the order of the scan's class names; false for a class that was not judged. */
  judged: z.array(z.boolean()),
  /** Rows given class a that look like class b, at a K + b; null for more classes than a table can show. */
  counts: z.array(z.number().int()).nullable(),
  /** Ordered pairs that were tested for asymmetry, and the most lopsided ones. */
  tested: z.number().int(),
  pairs: z.array(
    z.object({
      from: z.number().int(),
      to: z.number().int(),
      count: z.number().int(),
      /** Rows given `to` that look like `from`. */
      reverse: z.number().int(),
      /** ln p of so lopsided a pair by chance, corrected for those tested. */
      lnP: z.number(),
    }),
  ),
});
export type FlipMatrix = z.infer<typeof FlipMatrix>;

/** A structure that the analyst judged natural: its samples are known by their keys, so it outlasts a new import of them. */
export const KnownStructure = z.object({
  id: z.number().int(),
  /** The scan that it was judged in. */
  scan: z.number().int(),
  className: z.string(),
  rows: z.number().int(),
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
  /** Since then it counts as new again; null while the judgement is in force. */
  withdrawn: z.object({ by: z.string(), atMs: z.number() }).nullable(),
});
export type KnownStructure = z.infer<typeof KnownStructure>;

const scan = z.number().int();

export const scanCalls = {
  'scan/plan': { params: z.object({}), result: ScanPlan },
  'scan/start': {
    params: z.object({
      /** Ids; null: the usual ones. */
      detectors: z.array(z.string()).nullable(),
      seed: z.number().int().min(0).max(4_294_967_295),
      useTrusted: z.boolean(),
      /** Family-wise error rate of the alarms over the whole scan. */
      alpha: z.number().min(0.000_001).max(0.2),
      params: DetectorParameters.optional(),
    }),
    result: z.object({ job: z.string() }),
  },
  'scan/ledger': { params: z.object({}), result: AlphaLedger },
  'scan/list': { params: z.object({}), result: z.array(ScanSummary) },
  'scan/get': { params: z.object({ scan }), result: ScanDetail },
  /** What `b` flags beyond `a` and no longer flags. */
  'scan/compare': {
    params: z.object({ a: scan, b: scan }),
    result: z.object({
      added: z.array(z.number().int()),
      dropped: z.array(z.number().int()),
      both: z.number().int(),
      classes: z.array(
        z.object({
          name: z.string(),
          inA: z.number().int(),
          inB: z.number().int(),
          added: z.number().int(),
          dropped: z.number().int(),
        }),
      ),
    }),
  },
  /**
   * How many of the rows may be clean at most, class by class, with probability 95 % whatever rows are chosen: by the trusted
   * test's score. Null for a class without trusted rows.
   */
  'scan/clean-bound': {
    params: z.object({ scan, rows: z.array(z.number().int().min(0)).max(1_000_000) }),
    result: z.array(
      z.object({ name: z.string(), rows: z.number().int(), clean: z.number().int().nullable() }),
    ),
  },
  /** Which labels look like which others; null where label errors were not looked for. */
  'scan/flips': { params: z.object({ scan }), result: FlipMatrix.nullable() },
  /** The rows given one label that look like another one. */
  'scan/flip-rows': {
    params: z.object({ scan, from: z.number().int(), to: z.number().int() }),
    result: z.object({ rows: z.array(z.number().int()) }),
  },
  'scan/spectrum': {
    params: z.object({ scan, classIndex: z.number().int() }),
    result: ClassSpectrum.nullable(),
  },
  'scan/histogram': {
    params: z.object({ scan, detector: z.string(), classIndex: z.number().int() }),
    result: ScoreHistogram.nullable(),
  },
  /** Remembers the structure of a class as natural. An alarm is refused. */
  'structure/judge-natural': {
    params: z.object({ scan, classIndex: z.number().int(), reason: z.string().max(2000) }),
    result: z.object({ id: z.number().int() }),
  },
  /** Takes such a judgement back: the structure is shown as new again. */
  'structure/withdraw': { params: z.object({ id: z.number().int() }), result: z.object({}) },
  /** Every judgement in the order they were made, the withdrawn ones as well. */
  'structure/list': { params: z.object({}), result: z.array(KnownStructure) },
} as const;
