import { REFERENCE_LIMIT, sampleRows } from '../../../native-workers/maps/sample-rows.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { ClusteringInfo } from '../../contract/maps.ts';
import type { CaseFile, NewRun, StoredRun } from '../case/case-file.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { WorkerPool } from '../jobs/worker-pool.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { arrayBytes, runArray } from '../run-arrays.ts';
import { keyHashes } from '../scan/key-hash.ts';
import { mapInputs } from '../scan/run-inputs.ts';
import { suspectsOf } from './draw-map.ts';

type ClusteringResult = Omit<ClusteringInfo, 'id' | 'engine' | 'createdAtMs'>;

/** Points of the map that were left out of the clustered sample. */
const NOT_CLUSTERED = -2;

/** @throws BezoarError map/not-found */
export function requireMap(caseFile: CaseFile, id: number): StoredRun {
  const run = caseFile.runs.get(id);
  if (run?.kind === 'map') return run;
  throw new BezoarError('map/not-found', `The case has no map number ${id}. Choose a map from the list.`);
}

/** Positions on the map that are clustered: all, or a seeded sample with every suspect of the latest scan. */
function clusteredPositions(caseFile: CaseFile, map: StoredRun, rows: Int32Array): Int32Array {
  const every = Int32Array.from(rows.keys());
  if (rows.length <= REFERENCE_LIMIT) return every;
  const scan = caseFile.runs.list('scan').findLast((run) => run.dataset === map.dataset);
  const keyHash = keyHashes(caseFile.datasets.keys(map.dataset));
  const chosen = new Set(
    sampleRows(rows, suspectsOf(caseFile, scan?.id ?? null), keyHash, REFERENCE_LIMIT, map.seed),
  );
  return every.filter((position) => chosen.has(rows[position]));
}

interface Found {
  readonly positions: Int32Array;
  readonly clusters: Int32Array;
  readonly eps: number | null;
  readonly count: number;
  readonly noise: number;
}

/** The independent implementation, in a worker that ends when the job is cancelled. */
async function byReference(
  caseFile: CaseFile,
  map: StoredRun,
  { rows, coordinates }: { rows: Int32Array; coordinates: Float32Array },
  request: ClusterRequest,
  pool: WorkerPool,
  job: JobContext,
): Promise<Found> {
  const positions = clusteredPositions(caseFile, map, rows);
  const points = new Float64Array(2 * positions.length);
  positions.forEach((position, i) => {
    points[2 * i] = coordinates[2 * position];
    points[2 * i + 1] = coordinates[2 * position + 1];
  });
  const runner = pool.ownRunner(job, map.seed, (fraction) => {
    job.progress(fraction);
  });
  try {
    const { eps, minPoints } = request;
    return { positions, ...(await runner.run('referenceDbscan', { points, dims: 2, eps, minPoints })) };
  } finally {
    await runner.end();
  }
}

interface ClusterRequest {
  readonly map: number;
  readonly method: ClusteringInfo['method'];
  readonly eps: number | null;
  readonly minPoints: number;
}

/** The islands of a map's points, as the case stores them. */
export async function clusterMap(
  caseFile: CaseFile,
  request: ClusterRequest,
  pool: WorkerPool,
  job: JobContext,
): Promise<NewRun> {
  const startedAtMs = Date.now();
  const map = requireMap(caseFile, request.map);
  const rows = runArray(caseFile, map.id, 'rows', 'int32') ?? new Int32Array();
  const coordinates = runArray(caseFile, map.id, 'coordinates', 'float32') ?? new Float32Array();
  const { method, eps, minPoints } = request;
  if (rows.length < minPoints)
    throw new BezoarError(
      'map/too-few-rows',
      `The map has ${rows.length} points, fewer than the ${minPoints} that make a cluster. Nothing was stored.`,
    );
  const runner = pool.runner(job, map.seed, (fraction) => {
    job.progress(fraction);
  });
  const reference = method === 'reference';
  const found: Found = reference
    ? await byReference(caseFile, map, { rows, coordinates }, request, pool, job)
    : {
        positions: Int32Array.from(rows.keys()),
        ...(await runner.run('mapIslands', { points: coordinates, method, eps, minPoints })),
      };
  const clusters = new Int32Array(rows.length).fill(NOT_CLUSTERED);
  found.positions.forEach((position, i) => {
    clusters[position] = found.clusters[i];
  });
  const result: ClusteringResult = {
    map: map.id,
    method,
    eps: found.eps,
    minPoints,
    clusters: found.count,
    noise: found.noise,
    shown: found.positions.length,
  };
  return {
    kind: 'clustering',
    dataset: map.dataset,
    engine: reference ? 'density-clustering' : `bezoar-${method}`,
    version: reference ? '1.3.0' : '1',
    parameters: {
      ...request,
      sampled: found.positions.length < rows.length,
      kernels: reference ? null : pool.engine(),
    },
    seed: map.seed,
    inputs: mapInputs(caseFile),
    startedAtMs,
    milliseconds: Date.now() - startedAtMs,
    peakRssBytes: peakRssBytes(),
    result,
    arrays: [{ name: 'clusters', data: arrayBytes(clusters) }],
    classFindings: [],
  };
}

export function clusteringInfo(run: StoredRun): ClusteringInfo {
  return {
    ...(run.result as ClusteringResult),
    id: run.id,
    engine: run.engine,
    createdAtMs: run.startedAtMs,
  };
}
