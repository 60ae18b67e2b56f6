import { checkInput } from '../detectors/check-input.ts';
import type { ClassSlice } from '../detectors/class-slice.ts';
import { classSlices, occurringClasses } from '../detectors/class-slice.ts';
import type { ClassJudgement } from '../detectors/define-detector.ts';
import { assembleResult, resultLeftOut, whyNotRun } from '../detectors/define-detector.ts';
import type { Decision, DetectorResult, Fact, ScanInput } from '../detectors/detector.ts';
import type { Head, HeadSums } from '../detectors/lda-head.ts';
import { addHeadSums } from '../detectors/lda-head.ts';
import { detectorById } from '../detectors/registry.ts';
import type { TrustedEvidence } from '../detectors/trusted-class-test.ts';
import { trustedMahalanobis } from '../detectors/trusted-mahalanobis.ts';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import type { CutMethod } from './cut-rows.ts';
import type {
  Certificate,
  ClassDecision,
  Grade,
  JoinedEvidence,
  SubPopulation,
  Way,
} from './decide-class.ts';
import { peelTests } from './decide-class.ts';
import type { FlipPair } from './flip-test.ts';
import { rankRows } from './ranking.ts';

export interface ScanOptions {
  /** Family-wise error rate of the alarms over the whole scan; .01 by default. */
  readonly alpha?: number;
  /** Detector ids, in the order they are run and shown. Without trusted-mahalanobis the trusted set is not used. */
  readonly detectors: readonly string[];
  /** Parameters that are not to be the defaults, by detector id. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export type ScanPhase = 'preparing' | 'detecting' | 'deciding';

/** What the scan says about one class. */
export interface ClassOutcome {
  readonly classIndex: number;
  readonly n: number;
  readonly m: number;
  readonly decision: Decision;
  readonly grade: Grade | null;
  readonly ways: readonly Way[];
  /** Statistic of the certificate with the smallest p, or of the first structural one; null without a certificate. */
  readonly statistic: number | null;
  /**
   * Smallest p over the class's tests, corrected for their number (Bonferroni); null where none was made, and for a
   * structure, which has no error rate.
   */
  readonly pValue: number | null;
  readonly lnP: number | null;
  /** Rows put forward. */
  readonly flagged: number;
  readonly cut: CutMethod | null;
  readonly certificates: readonly Certificate[];
  /** Smallest dose beyond every trusted row that is sure to alarm by the trusted test; null where the class is not testable by it. */
  readonly epsilonMin: number | null;
  /** All tests of the class as one e-value, which decides nothing; null where it was not judged. */
  readonly joined: JoinedEvidence | null;
  readonly subPopulations: readonly SubPopulation[];
  /** ln of the e-value against ambiguity, and the classes that its rows look like; null where the class was not judged. */
  readonly flips: { readonly lnE: number; readonly pairs: readonly FlipPair[] } | null;
  readonly facts: readonly Fact[];
  /** Why the class was not scanned, in a sentence; null when it was. */
  readonly skipped: string | null;
  readonly notes: readonly string[];
}

interface DetectorRun {
  readonly id: string;
  readonly version: number;
  readonly milliseconds: number;
  readonly result: DetectorResult;
}

/** Row i of every array is row i of the investigated set. */
export interface ScanResult {
  /** Shape (n,), 1 = put forward. */
  readonly flagged: Uint8Array;
  /** Shape (n,), 1 = most suspicious; every rank once. */
  readonly rank: Int32Array;
  /** Shape (n,), finite, falls with the rank: above 2 flagged, above 1 beside flagged rows, else 0 to 1. */
  readonly score: Float64Array;
  /** Shape (n,): conformal p of the class's best trusted view, NaN = none. */
  readonly pValue: Float64Array;
  /** Shape (n,): bit i is set where {@link methodIds}[i] singles the row out by its own cut. */
  readonly methods: Uint32Array;
  readonly methodIds: readonly string[];
  /** Shape (n,): grade of the class's finding for flagged rows, else empty. */
  readonly grade: readonly (Grade | '')[];
  readonly classes: readonly ClassOutcome[];
  readonly detectors: readonly DetectorRun[];
  /** What to know before reading the findings, in sentences. */
  readonly notes: readonly string[];
  /** True where predictions were missing and the class of the discriminant head stands in for them. */
  readonly predictionsByHead: boolean;
  readonly decideMilliseconds: number;
}

const GROUP_WAYS = ['peel', 'displaced', 'orphans', 'far'] as const;
/** Groups of a class that may be peeled: one along each direction that is looked at. */
const PEELED_GROUPS = 3;
const DEFAULT_ALPHA = 0.01;

/**
 * Runs the detectors and the decision over all classes as per-class tasks. The same input gives the same bytes for any
 * number of threads, and decisions do not depend on the order of the rows.
 *
 * @throws InputError for input that is not finite or does not fit together; Cancelled
 */
export async function scan(
  input: ScanInput,
  options: ScanOptions,
  runner: TaskRunner,
  ctx: TaskContext,
  onPhase?: (phase: ScanPhase, detector: string | null) => void,
): Promise<ScanResult> {
  checkInput(input);
  if (input.investigated.activations === null) throw new Error('A scan needs activations.');
  const alpha = options.alpha ?? DEFAULT_ALPHA;
  const slices = classSlices(input);
  const tasks = new OrderedTasks(runner, ctx, countSteps(input, options, slices.length));

  onPhase?.('preparing', null);
  const predictionsByHead = lacksPredictions(input);
  const completed = predictionsByHead ? await predictMissing(input, slices, tasks) : input;
  const totals = await tasks.merge(
    slices,
    (slice) => runner.run('agreeingSums', { input: completed, slice }),
    addHeadSums,
  );

  const runs: DetectorRun[] = [];
  let evidence: readonly (TrustedEvidence | null)[] = slices.map(() => null);
  let trustedHeads: readonly (Head | null)[] | null = null;
  const notes: string[] = predictionsByHead
    ? ['There are no predictions: the class given by a linear discriminant head stands in for them.']
    : [];
  for (const id of options.detectors) {
    onPhase?.('detecting', id);
    const started = performance.now();
    const { result, judgements, prepared } = await runDetectorTasks(
      id,
      completed,
      slices,
      { ...options.params?.[id], alpha },
      tasks,
    );
    runs.push({ id, version: detectorById(id).version, milliseconds: performance.now() - started, result });
    notes.push(...result.notes);
    if (id === trustedMahalanobis.id) {
      evidence = evidence.map((_, c) => (judgements.at(c)?.evidence as TrustedEvidence | undefined) ?? null);
      if (evidence.some((one) => one !== null)) trustedHeads = prepared as (Head | null)[];
    }
  }

  onPhase?.('deciding', null);
  const started = performance.now();
  const classes = occurringClasses(completed);
  const decisions: ClassDecision[] = [];
  if (totals !== null) {
    const shared = shareSums(totals);
    const heads = trustedHeads ?? (await fitAgreeingHeads(completed, slices, tasks));
    const flipScales = await flipScalesOf(completed, slices, heads, tasks);
    await tasks.run(
      slices,
      (slice, c) =>
        runner.run('decideClass', {
          input: completed,
          slice,
          totals: shared,
          evidence: evidence[c],
          heads,
          flipScales,
          alpha,
          classes,
        }),
      (decision) => decisions.push(decision),
    );
  }
  ctx.progress(1);
  return {
    ...assemble(completed, slices, decisions, runs),
    detectors: runs,
    notes,
    predictionsByHead,
    decideMilliseconds: performance.now() - started,
  };
}

/** Starts tasks a few ahead and takes their results in order, so that memory stays bounded and sums do not depend on threads. */
class OrderedTasks {
  readonly runner: TaskRunner;
  readonly #ahead: number;
  readonly #ctx: TaskContext;
  readonly #steps: number;
  #done = 0;

  constructor(runner: TaskRunner, ctx: TaskContext, steps: number) {
    this.runner = runner;
    this.#ahead = runner.threads * 2;
    this.#ctx = ctx;
    this.#steps = steps;
  }

  async run<T>(
    slices: readonly ClassSlice[],
    start: (slice: ClassSlice, index: number) => Promise<T>,
    take: (result: T) => void,
  ): Promise<void> {
    const running = new Map<number, Promise<T>>();
    let next = 0;
    try {
      for (let index = 0; index < slices.length; index++) {
        this.#ctx.check();
        for (; next < slices.length && next < index + this.#ahead; next++) {
          const task = start(slices[next], next);
          // Its error is met below, when its turn comes; until then it must not count as unhandled.
          task.catch(() => undefined);
          running.set(next, task);
        }
        const result = await running.get(index);
        running.delete(index);
        take(result as T);
        this.#done++;
        this.#ctx.progress(Math.min(1, this.#done / this.#steps));
      }
    } catch (error) {
      await Promise.allSettled(running.values());
      throw error;
    }
  }

  /** One step over the whole set, which starts tasks of its own; it counts as much as a round over the classes. */
  async whole<T>(classes: number, start: (ctx: TaskContext) => Promise<T>): Promise<T> {
    this.#ctx.check();
    const before = this.#done;
    const result = await start({
      ...this.#ctx,
      progress: (share) => {
        this.#ctx.progress(Math.min(1, (before + share * classes) / this.#steps));
      },
    });
    this.#done += classes;
    this.#ctx.progress(Math.min(1, this.#done / this.#steps));
    return result;
  }

  async merge<T>(
    slices: readonly ClassSlice[],
    start: (slice: ClassSlice) => Promise<T>,
    merge: (total: T, part: T) => T,
  ): Promise<T | null> {
    let total: T | null = null;
    await this.run(slices, start, (part) => {
      total = total === null ? part : merge(total, part);
    });
    return total;
  }
}

function countSteps(input: ScanInput, options: ScanOptions, classes: number): number {
  let rounds = lacksPredictions(input) ? 6 : 4;
  for (const id of options.detectors) {
    const detector = detectorById(id);
    const staged = detector.prepare !== undefined || detector.survey !== undefined;
    if (whyNotRun(detector, input) === null) rounds += staged ? 2 : 1;
  }
  return Math.max(1, rounds * classes);
}

function lacksPredictions({ investigated }: ScanInput): boolean {
  return investigated.rows > 0 && (investigated.predicted === null || investigated.predicted.includes(-1));
}

/** Fills in the class of the cross-fitted discriminant head wherever a prediction is missing. */
async function predictMissing(
  input: ScanInput,
  slices: readonly ClassSlice[],
  tasks: OrderedTasks,
): Promise<ScanInput> {
  const { runner } = tasks;
  const sums = await tasks.merge(
    slices,
    (slice) => runner.run('headSumsByFold', { input, slice }),
    mergeFolds,
  );
  const heads = sums === null ? [] : await runner.run('fitHeads', { sums });
  const { rows, predicted: given } = input.investigated;
  const predicted = new Int32Array(new SharedArrayBuffer(rows * 4)).fill(-1);
  let next = 0;
  await tasks.run(
    slices,
    (slice) => runner.run('predictByHead', { input, slice, heads }),
    (labels) => {
      slices[next++].rows.forEach((row, i) => {
        predicted[row] = given === null || given[row] < 0 ? labels[i] : given[row];
      });
    },
  );
  return { ...input, investigated: { ...input.investigated, predicted } };
}

function mergeFolds(total: HeadSums[], part: HeadSums[]): HeadSums[] {
  return total.map((sums, fold) => addHeadSums(sums, part[fold]));
}

/** Cross-fitted heads of the agreeing investigated rows. */
async function fitAgreeingHeads(
  input: ScanInput,
  slices: readonly ClassSlice[],
  tasks: OrderedTasks,
): Promise<(Head | null)[]> {
  const { runner } = tasks;
  const start = (slice: ClassSlice) => runner.run('agreeingSumsByFold', { input, slice });
  const sums = await tasks.merge(slices, start, mergeFolds);
  return sums === null ? [] : runner.run('fitHeads', { sums });
}

/** How far the rows of each class lie inside it, seen from every other class, shape (K, K). */
async function flipScalesOf(
  input: ScanInput,
  slices: readonly ClassSlice[],
  heads: readonly (Head | null)[],
  tasks: OrderedTasks,
): Promise<Float64Array> {
  const classes = input.classes.length;
  const scales = sharedFloat64(classes * classes).fill(NaN);
  let next = 0;
  await tasks.run(
    slices,
    (slice) => tasks.runner.run('flipScale', { input, slice, heads }),
    (leads) => {
      scales.set(leads, slices[next++].classIndex * classes);
    },
  );
  return scales;
}

/** Puts the big arrays where every worker sees them without a copy. */
function shareSums(sums: HeadSums): HeadSums {
  const scatter = new Float64Array(new SharedArrayBuffer(sums.scatter.byteLength));
  scatter.set(sums.scatter);
  return { ...sums, scatter };
}

async function runDetectorTasks(
  id: string,
  input: ScanInput,
  slices: readonly ClassSlice[],
  given: Readonly<Record<string, unknown>>,
  tasks: OrderedTasks,
): Promise<{
  result: DetectorResult;
  judgements: readonly ClassJudgement<unknown>[];
  prepared: unknown;
}> {
  const { runner } = tasks;
  const detector = detectorById(id);
  const leftOut = whyNotRun(detector, input);
  if (leftOut !== null)
    return { result: resultLeftOut(detector, input, slices, leftOut), judgements: [], prepared: null };
  const params = detector.params.parse(given);
  let prepared: unknown = null;
  const { prepare } = detector;
  if (detector.survey !== undefined) {
    prepared = await tasks.whole(slices.length, async (ctx) => detector.survey?.(input, params, runner, ctx));
  } else if (prepare !== undefined) {
    const total = await tasks.merge(
      slices,
      (slice) => runner.run('prepareClass', { detector: id, input, slice, params }),
      (sum, part) => prepare.merge(sum, part),
    );
    prepared = await runner.run('finishPreparation', { detector: id, input, total, params });
  }
  const judgements: ClassJudgement<unknown>[] = [];
  await tasks.run(
    slices,
    (slice) => runner.run('judgeClass', { detector: id, input, slice, prepared, params }),
    (judgement) => judgements.push(judgement),
  );
  return { ...assembleResult(detector, input, slices, judgements, params), prepared };
}

type RowsAndClasses = Omit<ScanResult, 'detectors' | 'notes' | 'predictionsByHead' | 'decideMilliseconds'>;

function assemble(
  input: ScanInput,
  slices: readonly ClassSlice[],
  decisions: readonly ClassDecision[],
  runs: readonly DetectorRun[],
): RowsAndClasses {
  const n = input.investigated.rows;
  const methodIds = [...runs.map((run) => run.id), ...GROUP_WAYS, 'flip'];
  const flipBit = methodIds.length - 1;
  const flagged = new Uint8Array(n);
  const grade = new Array<Grade | ''>(n).fill('');
  const methods = new Uint32Array(n);
  runs.forEach((run, bit) => {
    for (let i = 0; i < n; i++) methods[i] |= run.result.marked[i] << bit;
  });
  decisions.forEach((decision, c) => {
    const { rows } = slices[c];
    for (let i = 0; i < rows.length; i++) {
      flagged[rows[i]] = decision.flagged[i];
      if (decision.flagged[i] === 1) grade[rows[i]] = decision.grade ?? '';
    }
    for (let i = 0; i < rows.length; i++) methods[rows[i]] |= decision.flipped[i] << flipBit;
    for (const group of decision.subPopulations) {
      if (group.way === null) continue;
      const bit = runs.length + GROUP_WAYS.indexOf(group.way);
      for (let i = 0; i < rows.length; i++) methods[rows[i]] |= group.members[i] << bit;
    }
  });
  const classes = decisions.map((decision) => classOutcome(decision, runs));
  const lnP = Float64Array.from(classes, (outcome) => (outcome.grade === 'alarm' ? (outcome.lnP ?? 0) : 0));
  const trusted = runs.find((run) => run.id === trustedMahalanobis.id);
  return {
    flagged,
    ...rankRows(decisions, slices, lnP, input.investigated.keyHash),
    pValue: trusted?.result.pValue ?? new Float64Array(n).fill(NaN),
    methods,
    methodIds,
    grade,
    classes,
  };
}

function classOutcome(decision: ClassDecision, runs: readonly DetectorRun[]): ClassOutcome {
  const trusted = runs.find((run) => run.id === trustedMahalanobis.id)?.result;
  const finding = trusted?.classes[decision.classIndex];
  const tested = [
    ...(typeof finding?.lnP === 'number' ? [finding.lnP] : []),
    ...peelTests(decision.subPopulations).map((lnPeel) => Math.min(0, lnPeel + Math.log(PEELED_GROUPS))),
    ...(decision.flips === null ? [] : [Math.min(0, -decision.flips.lnE)]),
  ];
  const lnP = tested.length === 0 || decision.grade === 'structure' ? null : Math.min(...tested);
  const strongest = decision.certificates.reduce<Certificate | null>(
    (best, c) => (best === null || (c.lnP ?? 0) < (best.lnP ?? 0) ? c : best),
    null,
  );
  const notes: string[] = [];
  const left = trusted?.skipped.some((s) => s.classIndex === null) ?? true;
  if (!left && typeof finding?.skipped === 'string' && finding.skipped !== decision.skipped)
    notes.push(finding.skipped);
  if (decision.grade === null) {
    for (const { size, depth, trustedInside } of decision.subPopulations) {
      const alike = trustedInside === null ? '' : `, ${trustedInside} trusted rows lie there too`;
      notes.push(
        `${size} rows form a group of their own (valley depth ${depth.toFixed(2)}${alike}). Natural sub-populations look like this: no alarm.`,
      );
    }
  }
  return {
    classIndex: decision.classIndex,
    n: decision.n,
    m: decision.m,
    decision: decision.grade ?? (decision.skipped === null ? 'dark' : 'not judged'),
    grade: decision.grade,
    ways: decision.ways,
    statistic: strongest?.statistic.value ?? null,
    pValue: lnP === null ? null : Math.exp(lnP),
    lnP,
    flagged: decision.flagged.reduce((sum, flag) => sum + flag, 0),
    cut: decision.cut,
    certificates: decision.certificates,
    epsilonMin: decision.epsilonMin,
    joined: decision.joined,
    subPopulations: decision.subPopulations,
    flips: decision.flips,
    facts: decision.facts,
    skipped: decision.skipped,
    notes,
  };
}
