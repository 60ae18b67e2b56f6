import type { LossCurves, Matrix, SampleSet, ScanInput } from '../../../native-workers/detectors/detector.ts';
import type { RowSource } from '../../../native-workers/numeric/row-blocks.ts';
import type { Dataset, MatrixInfo } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import { builtInOf } from './built-in.ts';
import { keyHashes } from './key-hash.ts';
import { labelledRows, pickedSet } from './labelled-rows.ts';
import { isResident, sharedMatrix } from './shared-matrix.ts';

/** Covariances are squares of the width: wider ones fit no memory, and their axes take hours. */
const MOST_COLUMNS = 4096;

/** Why activations or logits are too wide to be judged, or null. */
export function whyTooWide(what: string, columns: number): string | null {
  return columns <= MOST_COLUMNS
    ? null
    : `The ${what} have ${columns} columns; at most ${MOST_COLUMNS} can be judged. Export a narrower layer, such as the one before the logits, or project them first.`;
}

/** @throws BezoarError scan/no-activations when there is no investigated set */
export function investigatedSet(caseFile: CaseFile): Dataset {
  const dataset = caseFile.datasets.active('investigated');
  if (!dataset)
    throw new BezoarError(
      'scan/no-activations',
      'The case holds no samples to investigate. Nothing was started. Drop activations (.npy) and records (.csv) first.',
    );
  return dataset;
}

/** The stored activations of the investigated set. @throws BezoarError scan/no-activations, evidence/too-large */
function activationsInfo(caseFile: CaseFile, dataset: Dataset): MatrixInfo {
  const info = caseFile.matrices.find(dataset.id, 'activations');
  if (!info)
    throw new BezoarError(
      'scan/no-activations',
      'The investigated samples have no activations. Nothing was started. Drop their activations (.npy, one row a sample) first.',
    );
  const wide = whyTooWide('activations', info.shape[1] ?? 0);
  if (wide !== null) throw new BezoarError('evidence/too-large', `${wide} Nothing was started.`);
  return info;
}

/** The investigated activations on shared memory. @throws BezoarError scan/no-activations, evidence/too-large */
export function investigatedActivations(caseFile: CaseFile, dataset: Dataset): Matrix {
  return sharedMatrix(caseFile, activationsInfo(caseFile, dataset));
}

/** Sets of more rows are read from the case block by block where one pass over them is enough. */
const RESIDENT_ROWS = 150_000;

/** All investigated activations, in memory or in blocks. @throws as {@link investigatedActivations} */
export function investigatedSource(caseFile: CaseFile, dataset: Dataset): RowSource {
  const info = activationsInfo(caseFile, dataset);
  return dataset.rows <= RESIDENT_ROWS || isResident(caseFile, info)
    ? { matrix: sharedMatrix(caseFile, info), rows: null }
    : caseFile.matrices.rowBlocks(info);
}

function shared(values: Int32Array): Int32Array {
  const out = new Int32Array(new SharedArrayBuffer(values.byteLength));
  out.set(values);
  return out;
}

/** The columns of losses in their order, float32 on shared memory; null without one. */
function lossCurves(caseFile: CaseFile, dataset: Dataset): LossCurves | null {
  const names = dataset.columns.filter(({ role }) => role === 'loss').map(({ name }) => name);
  if (names.length === 0) return null;
  const data = new Float32Array(new SharedArrayBuffer(4 * dataset.rows * names.length));
  names.forEach((name, at) => {
    const column = caseFile.datasets.numberColumn(dataset.id, name);
    for (let row = 0; row < column.length; row++) data[row * names.length + at] = column[row];
  });
  return { names, data };
}

function gradientNorm(caseFile: CaseFile, dataset: Dataset): Float64Array | null {
  const column = dataset.columns.find(({ role }) => role === 'gradient-norm');
  if (!column) return null;
  const norm = new Float64Array(new SharedArrayBuffer(8 * dataset.rows));
  norm.set(caseFile.datasets.numberColumn(dataset.id, column.name));
  return norm;
}

function sampleSet(caseFile: CaseFile, dataset: Dataset): SampleSet {
  const matrix = (role: 'activations' | 'logits') => {
    const info = caseFile.matrices.find(dataset.id, role);
    const wide = whyTooWide(`${dataset.role} ${role}`, info?.shape[1] ?? 0);
    if (wide !== null) throw new BezoarError('evidence/too-large', `${wide} Nothing was scanned.`);
    return info ? sharedMatrix(caseFile, info) : null;
  };
  return {
    rows: dataset.rows,
    label: shared(caseFile.datasets.labels(dataset.id)),
    predicted: dataset.hasPredictions ? shared(caseFile.datasets.predicted(dataset.id)) : null,
    keyHash: keyHashes(caseFile.datasets.keys(dataset.id)),
    activations: matrix('activations'),
    logits: matrix('logits'),
    losses: lossCurves(caseFile, dataset),
    gradientNorm: gradientNorm(caseFile, dataset),
    images: null,
  };
}

function refuseWithoutLabels({ classCounts }: Dataset, name: string): void {
  if (classCounts.some((count) => count > 0)) return;
  throw new BezoarError(
    'evidence/no-labels',
    `None of the ${name} samples has a label. Nothing was scanned. Import records with a column of labels.`,
  );
}

/**
 * Everything a scan reads, on shared memory, but for what is computed from the images: the samples that have a label.
 * `labelled` are their rows where others have none, else null.
 *
 * @throws BezoarError scan/no-activations, evidence/no-labels, evidence/overlapping-keys, evidence/too-large
 */
export function loadScanInput(
  caseFile: CaseFile,
  useTrusted: boolean,
): { dataset: Dataset; input: ScanInput; labelled: Int32Array | null } {
  const dataset = investigatedSet(caseFile);
  investigatedActivations(caseFile, dataset);
  refuseWithoutLabels(dataset, 'investigated');
  const whole = sampleSet(caseFile, dataset);
  const labelled = labelledRows(whole.label);
  const investigated = labelled === null ? whole : pickedSet(whole, labelled);
  const trustedSet = useTrusted ? caseFile.datasets.active('trusted') : null;
  const overlap = trustedSet ? caseFile.datasets.overlappingKeys(3) : [];
  if (overlap.length > 0)
    throw new BezoarError('evidence/overlapping-keys', `${overlapSentence(overlap)} Nothing was scanned.`);
  if (trustedSet) refuseWithoutLabels(trustedSet, 'trusted');
  const wholeTrusted = trustedSet ? sampleSet(caseFile, trustedSet) : null;
  const trustedRows = wholeTrusted && labelledRows(wholeTrusted.label);
  const trusted = wholeTrusted && trustedRows ? pickedSet(wholeTrusted, trustedRows) : wholeTrusted;
  return {
    dataset,
    labelled,
    input: { classes: dataset.classes, investigated, trusted, builtIn: builtInOf(dataset) !== null },
  };
}

/** What is wrong when keys stand in both sets, and what to do. */
export function overlapSentence(keys: readonly string[]): string {
  const names = keys.map((key) => `“${key}”`).join(', ');
  return `Keys such as ${names} stand in the trusted set and among the investigated samples: a trusted sample must not be a sample under suspicion. Take them out of the trusted set, or scan without it.`;
}
