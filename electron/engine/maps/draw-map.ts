import { pcaMap } from '../../../native-workers/maps/pca-map.ts';
import { REFERENCE_LIMIT, sampleRows, UMAP_MIN_ROWS } from '../../../native-workers/maps/sample-rows.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { MapInfo, Scope } from '../../contract/maps.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { WorkerPool } from '../jobs/worker-pool.ts';
import { runArray } from '../run-arrays.ts';
import { drawnFrom } from '../scan/built-in.ts';
import { keyHashes } from '../scan/key-hash.ts';
import { investigatedActivations, investigatedSource } from '../scan/scan-input.ts';
import type { DrawnMap } from './map-run.ts';
import { type ScopeRows, scopeRows } from './scope-rows.ts';

/** Two components need three rows to say anything. */
export const PCA_MIN_ROWS = 3;

export const UMAP_AXES: [string, string] = ['UMAP 1', 'UMAP 2'];

/** What a map says of its scope. */
export function scopeOf(
  scope: Scope,
  chosen: ScopeRows,
): Pick<MapInfo, 'scopeKind' | 'scopeName' | 'classIndex' | 'total'> {
  return {
    scopeKind: scope.kind,
    scopeName: chosen.name,
    classIndex: scope.kind === 'class' ? scope.classIndex : null,
    total: chosen.rows.length,
  };
}

/** The rows of a scope on their first two principal components: exact, every row. */
export async function drawPcaMap(
  caseFile: CaseFile,
  dataset: Dataset,
  scope: Scope,
  seed: number,
  runner: TaskRunner,
): Promise<DrawnMap> {
  const startedAtMs = Date.now();
  const chosen = scopeRows(caseFile, dataset, scope, PCA_MIN_ROWS);
  const all = chosen.rows.length === dataset.rows;
  const source = all
    ? investigatedSource(caseFile, dataset)
    : { matrix: investigatedActivations(caseFile, dataset), rows: chosen.rows };
  const { coordinates, axes } = await pcaMap(source, runner, { seed });
  return {
    ...scopeOf(scope, chosen),
    kind: 'pca',
    engine: 'bezoar-pca',
    version: '1',
    seed,
    startedAtMs,
    shown: chosen.rows.length,
    axes,
    how: drawnFrom(dataset),
    choice: {},
    rows: chosen.rows,
    coordinates,
  };
}

/** The suspects of a scan as one byte a row; null without a scan. */
export function suspectsOf(caseFile: CaseFile, scan: number | null): Uint8Array | null {
  return scan === null ? null : runArray(caseFile, scan, 'flagged', 'uint8');
}

/** At most 8,000 rows of a scope with every suspect of the scan among them. */
export function referenceRows(
  caseFile: CaseFile,
  dataset: Dataset,
  chosen: ScopeRows,
  scan: number | null,
  seed: number,
): Int32Array {
  const keyHash = keyHashes(caseFile.datasets.keys(dataset.id));
  return sampleRows(chosen.rows, suspectsOf(caseFile, scan), keyHash, REFERENCE_LIMIT, seed);
}

/** The rows of a scope (above 8,000 a sample) by umap-js, in a worker that ends when the job is cancelled. */
export async function drawReferenceUmap(
  caseFile: CaseFile,
  dataset: Dataset,
  request: { scope: Scope; scan: number | null; seed: number },
  pool: WorkerPool,
  job: JobContext,
): Promise<DrawnMap> {
  const startedAtMs = Date.now();
  const matrix = investigatedActivations(caseFile, dataset);
  const chosen = scopeRows(caseFile, dataset, request.scope, UMAP_MIN_ROWS);
  const rows = referenceRows(caseFile, dataset, chosen, request.scan, request.seed);
  const runner = pool.ownRunner(job, request.seed, (fraction) => {
    job.progress(fraction);
  });
  try {
    const { coordinates } = await runner.run('referenceUmap', { matrix, rows });
    return {
      ...scopeOf(request.scope, chosen),
      kind: 'umap',
      engine: 'umap-js',
      version: '1.4.0',
      seed: request.seed,
      startedAtMs,
      shown: rows.length,
      axes: UMAP_AXES,
      how: ['an independent implementation', drawnFrom(dataset)].filter((part) => part !== '').join(', '),
      choice: { reference: true },
      rows,
      coordinates,
    };
  } finally {
    await runner.end();
  }
}
