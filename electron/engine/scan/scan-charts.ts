import type { ClassSpectrum, ScoreHistogram } from '../../contract/scan.ts';
import type { CaseFile } from '../case/case-file.ts';
import { runArray } from '../run-arrays.ts';
import { classRows, requireScan, trustedScoreName } from './stored-scan.ts';

const BINS = 60;
const SPECTRAL = 'spectral-signatures';

/** Equal bins over the finite values; one bin where all are the same. */
export function binEdges(values: Float64Array): number[] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) return [low - 0.5, low + 0.5];
  return Array.from({ length: BINS + 1 }, (_, i) => (i === BINS ? high : low + ((high - low) * i) / BINS));
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Values per bin, those that pass `take`; the last bin holds its upper edge. */
export function countInBins(
  values: Float64Array,
  edges: readonly number[],
  take: (i: number) => boolean,
): number[] {
  const bins = edges.length - 1;
  const low = edges[0];
  const width = (edges[bins] - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  values.forEach((value, i) => {
    if (take(i)) counts[Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)))] += 1;
  });
  return counts;
}

/** The finite values of the rows, and which of them are flagged. */
function pick(values: Float64Array, rows: Int32Array, flagged: Uint8Array) {
  const kept = rows.filter((row) => Number.isFinite(values[row]));
  return {
    values: Float64Array.from(kept, (row) => values[row]),
    flagged: Uint8Array.from(kept, (row) => flagged[row]),
  };
}

interface ValleyCut {
  readonly cut: number | null;
  readonly depth: number | null;
}

/** The valley that spectral signatures cut at, in activation units; null unless it singled rows out. */
function valleyCut(caseFile: CaseFile, scan: number, classIndex: number): ValleyCut {
  const run = requireScan(caseFile, scan).scan.detectorRuns.find(({ id }) => id === SPECTRAL);
  const facts = run?.classes.find((one) => one.classIndex === classIndex)?.facts ?? [];
  const value = (name: string) => facts.find((fact) => fact.name === name)?.value ?? null;
  const clear = (value('rows beyond a clear valley') ?? 0) > 0;
  return { cut: clear ? value('valley cut') : null, depth: value('valley depth') };
}

/** A class's leading eigenvalues and the histogram of its first projection; null where the scan has none. */
export function classSpectrum(caseFile: CaseFile, scan: number, classIndex: number): ClassSpectrum | null {
  const { run, scan: stored } = requireScan(caseFile, scan);
  const spectrum = stored.spectra.find((one) => one.classIndex === classIndex);
  const projection = runArray(caseFile, scan, `projection:${SPECTRAL}`, 'float64');
  const flags = runArray(caseFile, scan, 'flagged', 'uint8');
  if (!spectrum || !projection || !flags) return null;
  const { values, flagged } = pick(projection, classRows(caseFile, run, classIndex), flags);
  if (values.length === 0) return null;
  const edges = binEdges(values);
  const { cut, depth } = valleyCut(caseFile, scan, classIndex);
  return {
    classIndex,
    eigenvalues: [...spectrum.eigenvalues],
    totalVariance: spectrum.totalVariance,
    histogram: { edges, counts: countInBins(values, edges, () => true) },
    flaggedHistogram: countInBins(values, edges, (i) => flagged[i] === 1),
    cut,
    cutName: cut === null ? 'no clear valley' : 'valley cut',
    depth,
  };
}

const units: Readonly<Record<string, string>> = {
  [SPECTRAL]: 'squared projection, activation units²',
  'activation-clustering': 'way from the larger cluster (0) to the smaller (1)',
  'trusted-mahalanobis': 'distance in the best view, 0 the median and 1 the 90th percentile of trusted rows',
};

function farthestTrusted(trusted: Float64Array): Pick<ScoreHistogram, 'cut' | 'cutName'> {
  if (trusted.length === 0) return { cut: null, cutName: null };
  return { cut: trusted.reduce((a, b) => Math.max(a, b)), cutName: 'furthest trusted sample' };
}

/** One detector's scores in one class, the suspects apart; null where the scan has none. */
export function scoreHistogram(
  caseFile: CaseFile,
  scan: number,
  detector: string,
  classIndex: number,
): ScoreHistogram | null {
  const { run } = requireScan(caseFile, scan);
  const scores = runArray(caseFile, scan, `score:${detector}`, 'float64');
  const flags = runArray(caseFile, scan, 'flagged', 'uint8');
  if (!scores || !flags) return null;
  const { values, flagged } = pick(scores, classRows(caseFile, run, classIndex), flags);
  if (values.length === 0) return null;
  const trusted =
    runArray(caseFile, scan, trustedScoreName(detector, classIndex), 'float64') ?? new Float64Array();
  const edges = binEdges(joined(values, trusted));
  const root = detector === SPECTRAL ? valleyCut(caseFile, scan, classIndex).cut : null;
  return {
    detector,
    classIndex,
    edges,
    ordinary: countInBins(values, edges, (i) => flagged[i] === 0),
    flagged: countInBins(values, edges, (i) => flagged[i] === 1),
    trusted: trusted.length === 0 ? [] : countInBins(trusted, edges, () => true),
    unit: units[detector] ?? 'score',
    ...(root === null ? farthestTrusted(trusted) : { cut: root ** 2, cutName: 'valley cut' }),
  };
}
