import type { CorroborationResult } from '../../../native-workers/maps/corroborate.ts';
import type { Corroboration, Scope } from '../../contract/maps.ts';
import type { CaseFile, NewRun, StoredRun } from '../case/case-file.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { WorkerPool } from '../jobs/worker-pool.ts';
import { peakRssBytes } from '../peak-memory.ts';
import { mapInputs } from '../scan/run-inputs.ts';
import { investigatedActivations, investigatedSet } from '../scan/scan-input.ts';
import { requireScan } from '../scan/stored-scan.ts';
import { referenceRows, suspectsOf } from './draw-map.ts';
import { scopeRows } from './scope-rows.ts';

/** Fewer rows than this give neither a subspace nor an island. */
export const CORROBORATE_MIN_ROWS = 20;

type StoredCorroboration = Omit<Corroboration, 'id' | 'createdAtMs' | 'milliseconds'>;

/** Cosines above this are the same subspace; 1 - 1e-6 is an angle of 0.08 degrees. */
const SAME_SUBSPACE = 1 - 1e-6;

const count = (value: number) => value.toLocaleString('en-US');

/** Both opinions and how far they agree, in two or three plain sentences. */
export function agreementInWords(result: CorroborationResult, shown: number, total: number): string {
  const of = shown === total ? `${count(total)} rows` : `${count(shown)} of ${count(total)} rows`;
  const worst = result.cosines.at(-1);
  const pca =
    worst === undefined
      ? 'The rows do not vary, so there are no components to compare.'
      : worst >= SAME_SUBSPACE
        ? 'ml-pca finds the same leading components.'
        : `ml-pca differs in its leading components (smallest cosine ${worst.toFixed(4)}): do not rely on the map before this is understood.`;
  return `On ${of}: ${pca} ${islandsInWords(result)}`;
}

function islandsInWords({ islands, bestIsland, suspectsShown }: CorroborationResult): string {
  if (suspectsShown === 0)
    return `DBSCAN finds ${count(islands)} islands; there are no suspects here to compare with.`;
  if (bestIsland === null)
    return `DBSCAN finds no island at all, so it says nothing about the ${count(suspectsShown)} suspects.`;
  const { size, suspects, jaccard } = bestIsland;
  const overlap = `${count(suspects)} of the ${count(suspectsShown)} suspects lie in one island of ${count(size)} rows (Jaccard ${jaccard.toFixed(2)})`;
  if (jaccard >= 0.8) return `DBSCAN finds the suspects again as a group of their own: ${overlap}.`;
  if (jaccard >= 0.4) return `DBSCAN agrees in part: ${overlap}.`;
  return `DBSCAN does not see the suspects as a group of their own: at best ${overlap}. This neither clears nor convicts them.`;
}

/** The second opinion on a scope, in a worker of its own, as the case stores it. */
export async function corroborateScope(
  caseFile: CaseFile,
  request: { scope: Scope; scan: number; seed: number },
  pool: WorkerPool,
  job: JobContext,
): Promise<NewRun> {
  const startedAtMs = Date.now();
  const dataset = investigatedSet(caseFile);
  const matrix = investigatedActivations(caseFile, dataset);
  requireScan(caseFile, request.scan);
  const chosen = scopeRows(caseFile, dataset, request.scope, CORROBORATE_MIN_ROWS);
  const rows = referenceRows(caseFile, dataset, chosen, request.scan, request.seed);
  const suspects = suspectsOf(caseFile, request.scan);
  const suspect = Uint8Array.from(rows, (row) => suspects?.[row] ?? 0);
  const runner = pool.ownRunner(job, request.seed, (fraction) => {
    job.progress(fraction);
  });
  try {
    const found = await runner.run('corroborate', { matrix, rows, suspect });
    const result: StoredCorroboration = {
      scopeName: chosen.name,
      shown: rows.length,
      total: chosen.rows.length,
      pcaCosines: found.cosines,
      pcaVarianceOurs: found.varianceOurs,
      pcaVarianceReference: found.varianceReference,
      islands: found.islands,
      noise: found.noise,
      suspectsShown: found.suspectsShown,
      bestIsland: found.bestIsland,
      sentence: agreementInWords(found, rows.length, chosen.rows.length),
    };
    return {
      kind: 'corroboration',
      dataset: dataset.id,
      engine: 'ml-pca and density-clustering',
      version: '4.1.1, 1.3.0',
      parameters: { scope: chosen.name, scan: request.scan },
      seed: request.seed,
      inputs: mapInputs(caseFile),
      startedAtMs,
      milliseconds: Date.now() - startedAtMs,
      peakRssBytes: peakRssBytes(),
      result,
      arrays: [],
      classFindings: [],
    };
  } finally {
    await runner.end();
  }
}

export function corroborationOf(run: StoredRun): Corroboration {
  return {
    ...(run.result as StoredCorroboration),
    id: run.id,
    createdAtMs: run.startedAtMs,
    milliseconds: run.milliseconds,
  };
}
