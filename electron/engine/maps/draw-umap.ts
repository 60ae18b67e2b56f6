import type { Matrix } from '../../../native-workers/detectors/detector.ts';
import { sharedFloats } from '../../../native-workers/maps/layout.ts';
import { pcaMap } from '../../../native-workers/maps/pca-map.ts';
import { UMAP_MIN_ROWS } from '../../../native-workers/maps/sample-rows.ts';
import { defaultEpochs, UMAP_NEIGHBOURS, UMAP_OPTIONS, umap } from '../../../native-workers/maps/umap.ts';
import { findNeighbours, type FoundNeighbours } from '../../../native-workers/neighbours/nearest.ts';
import { Cancelled, type TaskContext } from '../../../native-workers/task.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { Scope, UmapChoice } from '../../contract/maps.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { investigatedActivations } from '../scan/scan-input.ts';
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

/** Up to so many products (rows times rows times columns) neighbours are exact: about a second on one core. */
const EXACT_PRODUCTS = 1e11;
/** Share of the true neighbours that approximate ones must hold. */
const RECALL = 0.97;

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
  const data = sharedFloats(rows.length * cols);
  rows.forEach((row, i) => {
    data.set(matrix.data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  return { data, rows: rows.length, cols };
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
  const matrix = rowsOf(investigatedActivations(caseFile, dataset), rows);
  const classOf = choice.byLabel ? caseFile.datasets.labels(dataset.id) : null;
  const runner = pool.runner(job, seed);
  const epochs = defaultEpochs(rows.length);
  moving.begin(job.id, rows);
  try {
    const start = await pcaMap({ matrix, rows: null }, runner, { seed });
    job.progress(START_SHARE);
    moving.move(job.id, { epoch: 0, epochs }, start.coordinates);
    job.phase('Neighbours');
    const k = Math.min(choice.neighbours, rows.length) - 1;
    const part = partOf(job, seed, START_SHARE, NEIGHBOURS_SHARE);
    const method = matrix.rows ** 2 * matrix.cols <= EXACT_PRODUCTS ? 'exact' : 'inverted';
    const found = await findNeighbours(
      matrix,
      { k, metric: 'euclidean', method, recall: RECALL },
      runner,
      part,
    );
    job.phase('Layout');
    const options = {
      ...UMAP_OPTIONS,
      minDist: choice.minDist,
      epochs,
      seed,
      labels: classOf && Int32Array.from(rows, (row) => classOf[row]),
    };
    const coordinates = await umap(found, start.coordinates, options, runner, (epoch, now) => {
      const done = NEIGHBOURS_SHARE + (1 - NEIGHBOURS_SHARE) * (epoch / epochs);
      job.progress(done, { done: epoch, total: epochs, unit: 'epochs' });
      moving.move(job.id, { epoch, epochs }, now);
    });
    const { neighbours, minDist, byLabel } = choice;
    return {
      ...scopeOf(request.scope, chosen),
      kind: 'umap',
      engine: 'bezoar-umap',
      version: '1',
      seed,
      startedAtMs,
      shown: rows.length,
      axes: UMAP_AXES,
      how: `${neighbours} neighbours (${inWords(found)}), distance ${minDist}${byLabel ? ', drawn together by label' : ''}`,
      choice: {
        neighbours,
        minDist,
        byLabel,
        epochs,
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
