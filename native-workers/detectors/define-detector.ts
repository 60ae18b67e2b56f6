import type { z } from 'zod';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import type { ClassFinding, DetectorResult, Matrix, Need, ScanInput } from './detector.ts';

/** Classes with fewer rows are not scanned: a density of a dozen points shows valleys everywhere. */
const LEAST_CLASS_ROWS = 50;

/** What a detector says about one class. Arrays have one entry per row of the slice, in its order. */
export interface ClassJudgement<Evidence> {
  readonly finding: ClassFinding;
  readonly score: Float64Array | null;
  /** Scores of trusted rows that the class is held against, in no particular order. */
  readonly trustedScore?: Float64Array | null;
  readonly pValue?: Float64Array | null;
  readonly marked?: Uint8Array | null;
  readonly cluster?: Int32Array | null;
  readonly like?: Int32Array | null;
  readonly projection?: Float64Array | null;
  /** What the decision needs beyond the finding. */
  readonly evidence?: Evidence | null;
}

/** A stage before the classes are judged: partial results of each class, merged in class order. */
interface Preparation<Params, Part, Prepared> {
  partial(input: ScanInput, slice: ClassSlice, params: Params, ctx: TaskContext): Part;
  merge(total: Part, part: Part): Part;
  /** @param total null when there is no class at all */
  finish(input: ScanInput, total: Part | null, params: Params, ctx: TaskContext): Prepared;
}

export interface Conclusion<Evidence> {
  readonly judgements: readonly ClassJudgement<Evidence>[];
  readonly notes: readonly string[];
  /** Why the whole detector does not count, in a sentence; null when it does. */
  readonly refused: string | null;
}

/** A detector: one file, one registry line. Classes are judged apart, so that they run in parallel. */
export interface Detector<Params = unknown, Part = unknown, Prepared = unknown, Evidence = unknown> {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly family: string;
  readonly reference: string;
  readonly needs: readonly Need[];
  /** 'exact' promises an error rate over all classes; 'none' ranks only. */
  readonly certificate: 'exact' | 'none';
  /** Why it is left out of a scan unless it is asked for, in a sentence; absent where it belongs to every scan. */
  readonly onlyOnRequest?: string;
  readonly params: z.ZodType<Params>;
  readonly prepare?: Preparation<Params, Part, Prepared>;
  /**
   * A stage over the whole set at once, instead of {@link prepare}: it starts tasks on all threads. Its result goes to every
   * class's task, so its arrays stand on SharedArrayBuffers.
   */
  survey?(input: ScanInput, params: Params, runner: TaskRunner, ctx: TaskContext): Promise<Prepared>;
  judgeClass(
    input: ScanInput,
    slice: ClassSlice,
    prepared: Prepared | null,
    params: Params,
    ctx: TaskContext,
  ): ClassJudgement<Evidence>;
  /** A look at all classes together, after the last one. */
  conclude?(
    input: ScanInput,
    judgements: readonly ClassJudgement<Evidence>[],
    params: Params,
  ): Conclusion<Evidence>;
}

/** Declares a detector; the types of its stages are inferred from one another. */
export function defineDetector<Params, Part = never, Prepared = never, Evidence = never>(
  detector: Detector<Params, Part, Prepared, Evidence>,
): Detector<Params, Part, Prepared, Evidence> {
  return detector;
}

/** A finding for a class that was left out, with the reason. */
export function skippedFinding(slice: ClassSlice, reason: string): ClassFinding {
  return {
    classIndex: slice.classIndex,
    n: slice.rows.length,
    statistic: null,
    pValue: null,
    lnP: null,
    decision: 'not judged',
    facts: [],
    skipped: reason,
  };
}

/** Why a class cannot be scanned by any method, in a sentence; null when it can. */
export function whyNotScanned(input: ScanInput, slice: ClassSlice): string | null {
  const n = slice.rows.length;
  const name = input.classes[slice.classIndex];
  if (n < LEAST_CLASS_ROWS) {
    return `Class ${name} has ${n} ${n === 1 ? 'row' : 'rows'}: fewer than ${LEAST_CLASS_ROWS} are not scanned.`;
  }
  const { activations } = input.investigated;
  if (activations !== null && allEqual(activations, slice.rows)) {
    return `All ${n} rows of class ${name} are identical: there is nothing to compare.`;
  }
  return null;
}

function allEqual({ data, cols }: Matrix, rows: Int32Array): boolean {
  const first = rows[0] * cols;
  for (let r = 1; r < rows.length; r++) {
    const base = rows[r] * cols;
    for (let j = 0; j < cols; j++) if (data[base + j] !== data[first + j]) return false;
  }
  return true;
}

const needInWords: Readonly<Record<Need, string>> = {
  activations: 'activations (.npy, one row a sample)',
  labels: 'labels',
  predictions: 'predictions (a column predicted in the records)',
  logits: 'logits (.npy, one row a sample)',
  trusted: 'a trusted set (activations and records of samples known to be clean)',
  losses: 'losses (columns loss_1, loss_2 and so on in the records)',
  'gradient norms or logits': 'logits (.npy, one row a sample), or a column grad_norm in the records',
  images: 'images (.npy, one image a sample)',
};

/** What a detector needs and the input lacks, in a sentence; null when nothing is missing. */
export function whyNotRun(detector: Pick<Detector, 'needs'>, input: ScanInput): string | null {
  const { investigated, trusted } = input;
  const missing = detector.needs.filter((need) => {
    switch (need) {
      case 'activations':
        return investigated.activations === null || investigated.activations.cols === 0;
      case 'logits':
        return investigated.logits === null;
      case 'predictions':
        return investigated.predicted === null;
      case 'trusted':
        return !trusted?.activations;
      case 'losses':
        return investigated.losses === null;
      case 'gradient norms or logits':
        return (
          investigated.gradientNorm === null &&
          (investigated.logits === null || investigated.activations === null)
        );
      case 'images':
        return investigated.images === null;
      case 'labels':
        return false;
    }
  });
  return missing.length === 0
    ? null
    : `Left out: this method needs ${missing.map((need) => needInWords[need]).join(' and ')}.`;
}

/** Judges one class, or says why it is left out. */
export function judge(
  detector: Detector,
  input: ScanInput,
  slice: ClassSlice,
  prepared: unknown,
  params: unknown,
  ctx: TaskContext,
): ClassJudgement<unknown> {
  const reason = whyNotScanned(input, slice);
  if (reason !== null) return { finding: skippedFinding(slice, reason), score: null };
  return detector.judgeClass(input, slice, prepared, params, ctx);
}

/** Puts the classes' judgements together, row i of the result being row i of the input. */
export function assembleResult(
  detector: Detector,
  input: ScanInput,
  slices: readonly ClassSlice[],
  judgements: readonly ClassJudgement<unknown>[],
  params: unknown,
): { result: DetectorResult; judgements: readonly ClassJudgement<unknown>[]; refused: string | null } {
  const concluded = detector.conclude?.(input, judgements, params) ?? {
    judgements,
    notes: [],
    refused: null,
  };
  const n = input.investigated.rows;
  const score = new Float64Array(n).fill(NaN);
  const pValue = detector.certificate === 'exact' ? new Float64Array(n).fill(NaN) : null;
  const marked = new Uint8Array(n);
  const anyCluster = concluded.judgements.some((j) => Boolean(j.cluster));
  const anyLike = concluded.judgements.some((j) => Boolean(j.like));
  const anyProjection = concluded.judgements.some((j) => Boolean(j.projection));
  const cluster = anyCluster ? new Int32Array(n).fill(-1) : null;
  const like = anyLike ? new Int32Array(n).fill(-1) : null;
  const projection = anyProjection ? new Float64Array(n).fill(NaN) : null;
  const skipped: { classIndex: number | null; reason: string }[] = [];
  if (concluded.refused !== null) skipped.push({ classIndex: null, reason: concluded.refused });
  concluded.judgements.forEach((judgement, index) => {
    const { rows } = slices[index];
    scatterInto(score, rows, judgement.score);
    if (pValue !== null) scatterInto(pValue, rows, judgement.pValue);
    scatterInto(marked, rows, judgement.marked);
    if (cluster !== null) scatterInto(cluster, rows, judgement.cluster);
    if (like !== null) scatterInto(like, rows, judgement.like);
    if (projection !== null) scatterInto(projection, rows, judgement.projection);
    const { classIndex, skipped: reason } = judgement.finding;
    if (reason !== null) skipped.push({ classIndex, reason });
  });
  return {
    result: {
      score,
      pValue,
      marked,
      cluster,
      like,
      projection,
      trustedScores: concluded.judgements.map((j) => j.trustedScore ?? null),
      classes: concluded.judgements.map((j) => j.finding),
      skipped,
      notes: concluded.notes,
    },
    judgements: concluded.judgements,
    refused: concluded.refused,
  };
}

type RowArray = Float64Array | Int32Array | Uint8Array;

function scatterInto(target: RowArray, rows: Int32Array, values: RowArray | null | undefined): void {
  if (!values) return;
  for (let i = 0; i < rows.length; i++) target[rows[i]] = values[i];
}

/** The result of a detector that was not run, with the reason. */
export function resultLeftOut(
  detector: Detector,
  input: ScanInput,
  slices: readonly ClassSlice[],
  reason: string,
): DetectorResult {
  const n = input.investigated.rows;
  return {
    score: new Float64Array(n).fill(NaN),
    pValue: detector.certificate === 'exact' ? new Float64Array(n).fill(NaN) : null,
    marked: new Uint8Array(n),
    cluster: null,
    like: null,
    projection: null,
    trustedScores: slices.map(() => null),
    classes: slices.map((slice) => skippedFinding(slice, reason)),
    skipped: [{ classIndex: null, reason }],
    notes: [],
  };
}
