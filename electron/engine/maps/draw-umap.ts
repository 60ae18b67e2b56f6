import type { Matrix } from '../../../native-workers/detectors/detector.ts';
import { pcaMap } from '../../../native-workers/maps/pca-map.ts';
import { UMAP_MIN_ROWS } from '../../../native-workers/maps/sample-rows.ts';
import { defaultEpochs, UMAP_NEIGHBOURS, UMAP_OPTIONS, umap } from '../../../native-workers/maps/umap.ts';
import { pca, projectOnComponents } from '../../../native-workers/numeric/pca.ts';
import { colsOf } from '../../../native-workers/numeric/row-blocks.ts';
import { sharedFloat32 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { FoundNeighbours } from '../../../native-workers/neighbours/nearest.ts';
import { mapNeighbours } from '../../../native-workers/maps/map-neighbours.ts';
import { Cancelled, type TaskContext } from '../../../native-workers/task.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { Scope, UmapChoice } from '../../contract/maps.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { drawnFrom } from '../scan/built-in.ts';
import { investigatedActivations, investigatedSource } from '../scan/scan-input.ts';
import { scopeOf, UMAP_AXES } from './draw-map.ts';
import type { DrawnMap } from './map-run.ts';
import { scopeRows } from './scope-rows.ts';

/** The usual UMAP. */
export const USUAL_UMAP: UmapChoice = {
  neighbours: UMAP_NEIGHBOURS,
  minDist: UMAP_OPTIONS.minDist,
  byLabel: false,
  reference: false,
};

/** Matrices of more entries are not held in memory for a map. */
const MOST_ENTRIES = 2 ** 28;
/** Principal components that stand for them. */
const REDUCED = 64;

/** Shares of a map's time. */
const START_SHARE = 0.03;
const NEIGHBOURS_SHARE = 0.4;

function partOf(job: JobContext, seed: number, from: number, to: number): TaskContext {
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

/** The rows one below the other on shared memory; the matrix itself when it is all of them. */
function rowsOf(matrix: Matrix, rows: Int32Array): Matrix {
  if (rows.length === matrix.rows) return matrix;
  const { cols } = matrix;
  const data = sharedFloat32(rows.length * cols);
  rows.forEach((row, i) => {
    data.set(matrix.data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { data, rows: rows.length, cols };
}

interface Start {
  /** What neighbours are searched in. */
  readonly matrix: Matrix;
  /** First two principal components, shape (n, 2). */
  readonly coordinates: Float32Array;
  /** Principal components that stand for the columns; null where all columns do. */
  readonly reduced: number | null;
}

/** Where the map begins; matrices above 1 GiB are first projected on their leading components. */
async function startOf(
  caseFile: CaseFile,
  dataset: Dataset,
  rows: Int32Array,
  seed: number,
  runner: TaskRunner,
): Promise<Start> {
  const all = rows.length === dataset.rows;
  const source = all ? investigatedSource(caseFile, dataset) : null;
  if (source === null || rows.length * colsOf(source) <= MOST_ENTRIES) {
    const matrix = rowsOf(investigatedActivations(caseFile, dataset), rows);
    const { coordinates } = await pcaMap({ matrix, rows: null }, runner, { seed });
    return { matrix, coordinates, reduced: null };
  }
  const found = await pca(source, REDUCED, runner, { seed });
  const data = await projectOnComponents(source, found, runner);
  const { components } = found;
  const coordinates = sharedFloat32(2 * rows.length);
  for (let i = 0; i < rows.length; i++)
    for (let c = 0; c < Math.min(2, components); c++) coordinates[2 * i + c] = data[i * components + c];
  return { matrix: { data, rows: rows.length, cols: components }, coordinates, reduced: components };
}

function inWords(found: FoundNeighbours): string {
  if (found.method === 'exact') return 'exact';
  const share = (Math.floor(1000 * found.recall) / 10).toFixed(1);
  return `${share} % of the true ones, measured on ${found.sampled} rows`;
}

/**
 * Every row of a scope by UMAP. The principal components are shown first; then the map moves until it is settled.
 *
 * @throws BezoarError sample/not-found, map/too-few-rows, scan/no-activations; Cancelled
 */
export async function drawUmap(
  caseFile: CaseFile,
  dataset: Dataset,
  request: { readonly scope: Scope; readonly seed: number },
  choice: UmapChoice,
  { pool, moving }: Pick<Engine, 'pool' | 'moving'>,
  job: JobContext,
): Promise<DrawnMap> {
  const startedAtMs = Date.now();
  const { seed } = request;
  const chosen = scopeRows(caseFile, dataset, request.scope, UMAP_MIN_ROWS);
  const { rows } = chosen;
  const classOf = choice.byLabel ? caseFile.datasets.labels(dataset.id) : null;
  const runner = pool.runner(job, seed);
  const epochs = defaultEpochs(rows.length);
  moving.begin(job.id, rows);
  try {
    const { matrix, coordinates: start, reduced } = await startOf(caseFile, dataset, rows, seed, runner);
    job.progress(START_SHARE);
    moving.move(job.id, { epoch: 0, epochs }, start);
    job.phase('Neighbours');
    const k = Math.min(choice.neighbours, rows.length) - 1;
    const part = partOf(job, seed, START_SHARE, NEIGHBOURS_SHARE);
    const found = await mapNeighbours(matrix, k, runner, part);
    job.phase('Layout');
    const options = {
      ...UMAP_OPTIONS,
      minDist: choice.minDist,
      epochs,
      seed,
      labels: classOf && Int32Array.from(rows, (row) => classOf[row]),
    };
    const coordinates = await umap(found, start, options, runner, (epoch, now) => {
      const done = NEIGHBOURS_SHARE + (1 - NEIGHBOURS_SHARE) * (epoch / epochs);
      job.progress(done, { done: epoch, total: epochs, unit: 'epochs' });
      moving.move(job.id, { epoch, epochs }, now);
    });
    const { neighbours, minDist, byLabel } = choice;
    const from = drawnFrom(dataset);
    return {
      ...scopeOf(request.scope, chosen),
      kind: 'umap',
      engine: 'bezoar-umap',
      version: '1',
      seed,
      startedAtMs,
      shown: rows.length,
      axes: UMAP_AXES,
      how: `${from === '' ? '' : `${from}, `}${neighbours} neighbours (${inWords(found)}${reduced === null ? '' : ` on ${reduced} principal components`}), distance ${minDist}${byLabel ? ', drawn together by label' : ''}`,
      choice: {
        neighbours,
        minDist,
        byLabel,
        epochs,
        reduced,
        recall: found.method === 'exact' ? 1 : found.recall,
        kernels: pool.engine(),
      },
      rows,
      coordinates,
    };
  } finally {
    moving.end(job.id);
  }
}
