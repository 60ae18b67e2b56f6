import type { ClassFinding, DetectorRun, ScanDetail, ScanSummary } from '../../contract/scan.ts';
import { BezoarError } from '../../contract/errors.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile, StoredRun } from '../case/case-file.ts';
import { knownStructures } from './known-structures.ts';
import { scanInputs, staleReason } from './run-inputs.ts';

/** Leading eigenvalues of a class's covariance, for its chart. */
export interface StoredSpectrum {
  readonly classIndex: number;
  readonly eigenvalues: readonly number[];
  readonly totalVariance: number;
}

/** What scans of earlier versions did not store. */
type Later = Pick<ClassFinding, 'certificates' | 'joined'>;

/** A finding as it was made; whether it is known is told at each reading, because judgements come and go afterwards. */
export type StoredFinding = Omit<ClassFinding, 'known' | keyof Later> & Partial<Later>;

/** What the case keeps of a scan beside its arrays. */
export interface StoredScan {
  readonly rows: number;
  readonly flagged: number;
  readonly alpha: number;
  readonly useTrusted: boolean;
  readonly withTrusted: boolean;
  /** Scans from before there were built-in features do not say. */
  readonly builtIn?: string | null;
  /** Class indices of this scan point here. */
  readonly classNames: readonly string[];
  readonly classes: readonly StoredFinding[];
  readonly detectorRuns: readonly DetectorRun[];
  /** Bit i of the array `methods` is this method. */
  readonly methodIds: readonly string[];
  readonly spectra: readonly StoredSpectrum[];
  readonly notes: readonly string[];
}

/** The run's array that holds the scores of a class's trusted rows by one detector, float64. */
export function trustedScoreName(detector: string, classIndex: number): string {
  return `trusted-score:${detector}:${classIndex}`;
}

/** @throws BezoarError scan/not-found */
export function requireScan(caseFile: CaseFile, id: number): { run: StoredRun; scan: StoredScan } {
  const run = caseFile.runs.get(id);
  if (run?.kind !== 'scan')
    throw new BezoarError(
      'scan/not-found',
      `The case has no scan number ${id}. Choose a scan from the list.`,
    );
  return { run, scan: run.result as StoredScan };
}

export function scanSummary(caseFile: CaseFile, run: StoredRun): ScanSummary {
  const scan = run.result as StoredScan;
  const reason = staleReason(caseFile, run, scanInputs(caseFile, scan.useTrusted));
  const graded = (decision: string) =>
    scan.classes.filter((one) => one.decision === decision).map((one) => one.classIndex);
  return {
    id: run.id,
    startedAtMs: run.startedAtMs,
    startedBy: run.startedBy,
    milliseconds: run.milliseconds,
    seed: run.seed,
    alpha: scan.alpha,
    detectors: scan.detectorRuns.map((one) => one.id),
    stale: reason !== null,
    staleReason: reason,
    rows: scan.rows,
    flagged: scan.flagged,
    alarms: graded('alarm'),
    structures: graded('structure'),
    known: [...knownStructures(caseFile, run, scan).keys()],
    withTrusted: scan.withTrusted,
    builtIn: scan.builtIn ?? null,
  };
}

export function scanDetail(caseFile: CaseFile, run: StoredRun): ScanDetail {
  const scan = run.result as StoredScan;
  const known = knownStructures(caseFile, run, scan);
  return {
    ...scanSummary(caseFile, run),
    classNames: [...scan.classNames],
    classes: scan.classes.map((one) => ({
      ...one,
      certificates: one.certificates ?? [],
      joined: one.joined ?? null,
      known: known.get(one.classIndex) ?? null,
    })),
    detectorRuns: [...scan.detectorRuns],
    methodIds: [...scan.methodIds],
    notes: [...scan.notes],
    engine: run.engine,
    version: run.version,
    peakRssBytes: run.peakRssBytes,
    inputs: [...run.inputs],
  };
}

/** Dataset rows of a scan's class, ascending: by name, because class indices move when labels are added to the case. */
export function classRows(caseFile: CaseFile, run: StoredRun, classIndex: number): Int32Array {
  const name = (run.result as StoredScan).classNames[classIndex] as string | undefined;
  const dataset = caseFile.datasets.list().find((one) => one.id === run.dataset);
  const present = name === undefined ? -1 : (dataset?.classes.indexOf(name) ?? -1);
  if (present < 0) return new Int32Array();
  const rows: number[] = [];
  cachedLabels(caseFile, run.dataset, 'labels').forEach((label, row) => {
    if (label === present) rows.push(row);
  });
  return Int32Array.from(rows);
}
