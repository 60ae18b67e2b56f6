import { InputError } from '../../../native-workers/detectors/check-input.ts';
import type { DetectorResult } from '../../../native-workers/detectors/detector.ts';
import { detectorById, detectors, usualDetectors } from '../../../native-workers/detectors/registry.ts';
import type { Certificate as Outcome } from '../../../native-workers/decision/decide-class.ts';
import { scan, type ScanPhase, type ScanResult } from '../../../native-workers/decision/scan.ts';
import { Cancelled, type TaskContext } from '../../../native-workers/task.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { Certificate, DetectorParameters, DetectorRun } from '../../contract/scan.ts';
import { checkParameters } from './detector-parameters.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile, NewRun } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { drawLossMap } from '../maps/draw-loss-map.ts';
import { drawPcaMap } from '../maps/draw-map.ts';
import { type DrawnMap, mapRun } from '../maps/map-run.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { arrayBytes } from '../run-arrays.ts';
import { sharedTraits } from '../traits/shared-traits.ts';
import { builtInNote, builtInOf } from './built-in.ts';
import { byStrength, certificateInWords, findingInWords, statisticName } from './findings-in-words.ts';
import { scanInputs } from './run-inputs.ts';
import { inputStatistics } from './input-statistics.ts';
import { overAllRows, pickedStatistics } from './labelled-rows.ts';
import { loadScanInput } from './scan-input.ts';
import type { StoredFinding, StoredScan, StoredSpectrum } from './stored-scan.ts';
import { trustedScoreName } from './stored-scan.ts';

interface ScanRequest {
  /** Detector ids; null runs the usual ones. */
  readonly detectors: readonly string[] | null;
  readonly seed: number;
  readonly useTrusted: boolean;
  /** Family-wise error rate of the alarms over the whole scan. */
  readonly alpha: number;
  /** Parameters that are not to be the defaults. */
  readonly params?: DetectorParameters;
}

/** @throws BezoarError engine/bad-request for an id that no detector has */
export function chosenDetectors(request: ScanRequest): string[] {
  const known = detectors.map((detector) => detector.id);
  const unknown = request.detectors?.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new BezoarError(
      'engine/bad-request',
      `There is no detector called “${unknown}”. Nothing was started. Known are ${known.join(', ')}.`,
    );
  checkParameters(request.params ?? {});
  const wanted = request.detectors ?? usualDetectors.map(({ id }) => id);
  return known.filter((id) => wanted.includes(id));
}

const number = (value: number | null): number | null =>
  value !== null && Number.isFinite(value) ? value : null;

function detectorRun(run: ScanResult['detectors'][number]): DetectorRun {
  const { id, title, reference, certificate } = detectorById(run.id);
  return {
    id,
    title,
    reference,
    certificate,
    version: run.version,
    milliseconds: run.milliseconds,
    classes: run.result.classes.map(
      ({ classIndex, n, statistic, pValue, lnP, decision, facts, skipped }) => ({
        classIndex,
        n,
        statistic: number(statistic),
        pValue: number(pValue),
        lnP: number(lnP),
        decision,
        facts: facts.map(({ name, value, unit }) => ({
          name: statisticName(name),
          value: number(value),
          unit,
        })),
        skipped,
      }),
    ),
    skipped: run.result.skipped.map(({ classIndex, reason }) => ({ classIndex, reason })),
  };
}

function inNumbers({ kind, strength, statistic, lnP, lnLevel, n, m, k }: Outcome): Certificate {
  const turned = (value: number | null) => (value === null ? null : -value);
  const isE = strength === 'e-value';
  return {
    kind,
    strength,
    statistic: { name: statisticName(statistic.name), value: statistic.value },
    lnP: isE ? null : number(lnP),
    lnE: isE ? number(turned(lnP)) : null,
    lnLevel: isE ? turned(lnLevel) : lnLevel,
    n,
    m,
    k,
  };
}

function classFindings(
  result: ScanResult,
  classNames: readonly string[],
  alpha: number,
  builtIn: string | null,
): StoredFinding[] {
  return result.classes.map((outcome) => ({
    classIndex: outcome.classIndex,
    n: outcome.n,
    decision: outcome.decision,
    ways: [...outcome.ways],
    statistic: number(outcome.statistic),
    pValue: number(outcome.pValue),
    lnP: number(outcome.lnP),
    flagged: outcome.flagged,
    certificate: certificateInWords(outcome, result.predictionsByHead),
    certificates: byStrength(outcome.certificates).map(inNumbers),
    joined: outcome.joined,
    sentence: findingInWords(outcome, classNames, alpha, builtIn !== null),
    epsilonMin: number(outcome.epsilonMin),
    facts: outcome.facts.map(({ name, value, unit }) => ({ name, value: number(value), unit })),
    shares: null,
  }));
}

/** Adds what the rows put forward in each class share. */
async function withShares(
  caseFile: CaseFile,
  dataset: Dataset,
  result: ScanResult,
  classes: readonly StoredFinding[],
  runner: TaskRunner,
): Promise<StoredFinding[]> {
  const labels = cachedLabels(caseFile, dataset.id, 'labels');
  const described: StoredFinding[] = [];
  for (const one of classes) {
    if (one.flagged === 0) {
      described.push(one);
      continue;
    }
    const rows = Int32Array.from(labels.keys()).filter(
      (row) => result.flagged[row] === 1 && labels[row] === one.classIndex,
    );
    const { sentence, words, image } = await sharedTraits(caseFile, dataset, rows, runner);
    const patches = image?.patches ?? [];
    described.push({
      ...one,
      shares: {
        sentence,
        words: words?.found.map(({ value }) => value) ?? [],
        patches: patches.map(({ top, left, height, width }) => ({ top, left, height, width })),
      },
    });
  }
  return described;
}

/** The spectra that a detector reported; the statistic beside them is the leading eigenvalue's share of the variance. */
function spectraOf(result: ScanResult): StoredSpectrum[] {
  return result.detectors.flatMap((run) =>
    run.result.classes.flatMap(({ classIndex, spectrum, statistic }) =>
      spectrum && spectrum.length > 0
        ? [
            {
              classIndex,
              eigenvalues: Array.from(spectrum),
              totalVariance: statistic ? spectrum[0] / statistic : 0,
            },
          ]
        : [],
    ),
  );
}

const grades = { '': 0, alarm: 1, structure: 2 } as const;

function detectorArrays(id: string, result: DetectorResult): NewRun['arrays'][number][] {
  if (result.score.every(Number.isNaN)) return [];
  const named = {
    score: result.score,
    p: result.pValue,
    cluster: result.cluster,
    like: result.like,
    projection: result.projection,
  };
  const perRow = Object.entries(named).flatMap(([name, data]) =>
    data ? [{ name: `${name}:${id}`, data: arrayBytes(data) }] : [],
  );
  const perClass = result.trustedScores.flatMap((scores, index) =>
    scores === null
      ? []
      : [{ name: trustedScoreName(id, result.classes[index].classIndex), data: arrayBytes(scores) }],
  );
  return [...perRow, ...perClass];
}

function scanArrays(result: ScanResult): NewRun['arrays'] {
  return [
    { name: 'flagged', data: arrayBytes(result.flagged) },
    { name: 'rank', data: arrayBytes(result.rank) },
    { name: 'score', data: arrayBytes(result.score) },
    { name: 'p-value', data: arrayBytes(result.pValue) },
    { name: 'methods', data: arrayBytes(result.methods) },
    { name: 'grade', data: Uint8Array.from(result.grade, (grade) => grades[grade]) },
    ...result.detectors.flatMap((run) => detectorArrays(run.id, run.result)),
  ];
}

function contextOf(job: JobContext, seed: number, from: number, to: number): TaskContext {
  return {
    seed,
    progress: (fraction) => {
      job.progress(from + (to - from) * fraction);
    },
    cancelled: () => job.cancelled(),
    check: () => {
      if (job.cancelled()) throw new Cancelled();
    },
  };
}

function phaseInWords(phase: ScanPhase, detector: string | null): string {
  if (phase === 'preparing') return 'Preparing';
  return detector === null ? 'Deciding' : detectorById(detector).title;
}

/** What the detectors refuse is said with the contract's codes. */
function expected(error: unknown): unknown {
  if (!(error instanceof InputError)) return error;
  return new BezoarError(
    error.code === 'NOT_FINITE' ? 'evidence/not-finite' : 'evidence/length-mismatch',
    error.message,
  );
}

/**
 * The work of a scan job: load, detect, decide, draw the maps of the whole set and of every class put forward, and store it
 * all in one transaction.
 *
 * @returns the scan's row
 * @throws BezoarError, Cancelled; nothing is stored then
 */
export async function runScan(
  engine: Pick<Engine, 'pool' | 'version'>,
  caseFile: CaseFile,
  request: ScanRequest,
  job: JobContext,
): Promise<number> {
  const startedAtMs = Date.now();
  const started = performance.now();
  job.phase('Loading');
  const ids = chosenDetectors(request);
  const { dataset, input: loaded, labelled } = loadScanInput(caseFile, request.useTrusted);
  const builtIn = builtInOf(dataset);
  const runner = engine.pool.runner(job, request.seed);
  const statistics = await inputStatistics(caseFile, dataset, runner);
  const images = statistics && labelled ? pickedStatistics(statistics, labelled) : statistics;
  const input = { ...loaded, investigated: { ...loaded.investigated, images } };
  job.progress(0.04);
  const found = await scan(
    input,
    { alpha: request.alpha, detectors: ids, params: request.params },
    runner,
    contextOf(job, request.seed, 0.04, 0.92),
    (phase, detector) => {
      job.phase(phaseInWords(phase, detector));
    },
  ).catch((error: unknown) => {
    throw expected(error);
  });
  const result = labelled === null ? found : overAllRows(found, labelled, dataset.rows);

  job.phase('Drawing maps');
  const classes = await withShares(
    caseFile,
    dataset,
    result,
    classFindings(result, input.classes, request.alpha, builtIn),
    runner,
  );
  const scopes = [
    { kind: 'all' } as const,
    ...classes
      .filter(({ decision }) => decision === 'alarm' || decision === 'structure')
      .map(({ classIndex }) => ({ kind: 'class', classIndex }) as const),
  ];
  const maps: DrawnMap[] = [];
  // The first one is the oldest: the window shows the newest of the whole set.
  const curves = result.detectors.find(({ id }) => id === 'loss-curves');
  if (curves?.result.score.some(Number.isFinite))
    maps.push(await drawLossMap(caseFile, dataset, { kind: 'all' }, request.seed, runner));
  for (const scope of scopes) {
    const least = scope.kind === 'all' ? dataset.rows : dataset.classCounts[scope.classIndex];
    if (least >= 3) maps.push(await drawPcaMap(caseFile, dataset, scope, request.seed, runner));
    job.progress(0.92 + (0.07 * maps.length) / (scopes.length + 1));
  }

  const stored: StoredScan = {
    rows: dataset.rows,
    flagged: result.flagged.reduce((sum, flag) => sum + flag, 0),
    alpha: request.alpha,
    useTrusted: request.useTrusted,
    withTrusted: input.trusted !== null && ids.includes('trusted-mahalanobis'),
    builtIn,
    classNames: input.classes,
    classes,
    detectorRuns: result.detectors.map(detectorRun),
    methodIds: result.methodIds,
    spectra: spectraOf(result),
    notes: [
      ...(builtIn === null ? [] : [builtInNote(builtIn)]),
      ...result.notes,
      ...result.classes.flatMap((one) =>
        one.notes.map((note) => `Class ${input.classes[one.classIndex]}: ${note}`),
      ),
    ],
  };
  if (job.cancelled()) throw new Cancelled();
  job.phase('Storing');
  return caseFile.change('scan/store', { flagged: stored.flagged, maps: maps.length }, () => {
    const scanId = caseFile.runs.add({
      kind: 'scan',
      dataset: dataset.id,
      engine: 'bezoar-scan',
      version: engine.version,
      parameters: { ...request, detectors: ids, kernels: engine.pool.engine() },
      seed: request.seed,
      inputs: scanInputs(caseFile, request.useTrusted),
      startedAtMs,
      milliseconds: performance.now() - started,
      peakRssBytes: peakRssBytes(),
      result: stored,
      arrays: scanArrays(result),
      classFindings: classes.map((one) => ({
        classIndex: one.classIndex,
        className: input.classes[one.classIndex],
        decision: one.decision,
        ways: one.ways.join(';'),
        statistic: one.statistic,
        pValue: one.pValue,
        flagged: one.flagged,
      })),
    });
    for (const map of maps) caseFile.runs.add(mapRun(caseFile, dataset.id, map));
    return scanId;
  });
}
