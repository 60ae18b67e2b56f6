import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Cancelled } from '../../../native-workers/task.ts';
import type { Dataset, MatrixInfo } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import { chunkRows } from '../case/chunk-rows.ts';
import type { Engine } from '../engine.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { NOT_THE_MODELS, type FeatureBuilder } from './built-features.ts';
import { pixelFeatures } from './pixel-features.ts';
import { featureColumnsOf, tableFeatures } from './table-features.ts';
import { textColumnsOf, textFeatures } from './text-features.ts';

export type FeatureKind = 'pixels' | 'texts' | 'table';

const builders: Readonly<Record<FeatureKind, FeatureBuilder>> = {
  pixels: pixelFeatures,
  texts: textFeatures,
  table: tableFeatures,
};

/** The same for everybody, so that two cases of the same files hold the same features. */
const SEED = 0;

const ownActivations = (set: Dataset): MatrixInfo | undefined =>
  set.matrices.find(({ role, builtIn }) => role === 'activations' && builtIn === null);

const imagesOf = (set: Dataset): MatrixInfo | undefined => set.matrices.find(({ role }) => role === 'images');

/** What features of a set can be made of: its images, else its texts, else the columns of its records; null for nothing. */
function featureKindOf(set: Dataset): FeatureKind | null {
  if (imagesOf(set) !== undefined) return 'pixels';
  if (textColumnsOf(set).length > 0) return 'texts';
  return featureColumnsOf([set]).length > 0 ? 'table' : null;
}

/** Whether the trusted set has what the investigated one's features are made of. */
function isAlike(kind: FeatureKind, investigated: Dataset, trusted: Dataset): boolean {
  switch (kind) {
    case 'pixels':
      return imagesOf(trusted)?.shape.slice(1).join() === imagesOf(investigated)?.shape.slice(1).join();
    case 'texts': {
      const there = textColumnsOf(trusted);
      return textColumnsOf(investigated).every((name) => there.includes(name));
    }
    case 'table':
      return featureColumnsOf([investigated, trusted]).length > 0;
  }
}

/**
 * The sets that features are made of, the investigated one first, and of what.
 * @throws BezoarError evidence/already-there, evidence/no-features
 */
export function featureSets(caseFile: CaseFile): { kind: FeatureKind; sets: readonly Dataset[] } {
  const investigated = caseFile.datasets.active('investigated');
  if (investigated === null)
    throw new BezoarError(
      'evidence/no-features',
      'The case holds no samples yet. Nothing was computed. Drop images, texts or records first.',
    );
  const trusted = caseFile.datasets.active('trusted');
  for (const set of [investigated, trusted])
    if (set !== null && ownActivations(set) !== undefined)
      throw new BezoarError(
        'evidence/already-there',
        `The ${set.role} set has activations of the model, and ${NOT_THE_MODELS}, are never held against those. ` +
          'Nothing was computed. Drop the activations of the other set.',
      );
  const kind = featureKindOf(investigated);
  if (kind === null)
    throw new BezoarError(
      'evidence/no-features',
      'The investigated samples have no images, no text and no further columns to make features of. Nothing was computed. ' +
        'Drop activations of the model (.npy, one row a sample), or records with more columns.',
    );
  const both = trusted !== null && isAlike(kind, investigated, trusted);
  return { kind, sets: both ? [investigated, trusted] : [investigated] };
}

/** Whether features can be made of what the case holds. */
export function canBuildFeatures(caseFile: CaseFile): boolean {
  try {
    featureSets(caseFile);
    return true;
  } catch (error) {
    if (error instanceof BezoarError) return false;
    throw error;
  }
}

/**
 * Computes built-in features of the investigated set, and of the trusted one where it has the same to make them of, and
 * stores them as activations, in place of built-in ones from before: one transaction, all or nothing.
 *
 * @throws BezoarError evidence/already-there, evidence/no-features, case/disk-full; Cancelled
 */
export async function buildFeatures(
  engine: Pick<Engine, 'pool' | 'version'>,
  caseFile: CaseFile,
  job: JobContext,
): Promise<void> {
  const { kind, sets } = featureSets(caseFile);
  job.phase(`Computing ${NOT_THE_MODELS}`);
  const rows = sets.reduce((sum, set) => sum + set.rows, 0);
  const built = await builders[kind](caseFile, sets, engine.pool.runner(job, SEED), SEED, (fraction) => {
    job.progress(0.95 * fraction, { done: Math.floor(rows * fraction), total: rows, unit: 'samples' });
  });
  if (job.cancelled()) throw new Cancelled();
  job.phase('Keeping');
  const transaction = caseFile.beginImport();
  try {
    transaction.supersedeBuiltIn();
    const what = `${NOT_THE_MODELS}: ${built.what}`;
    for (const [at, set] of sets.entries()) {
      const shape = [set.rows, built.width];
      const matrix = { role: 'activations', dtype: 'float32', shape } as const;
      const values = built.rows[at];
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const evidence = transaction.addEvidence({
        dataset: set.role,
        role: 'activations',
        name: `built-in features (${kind})`,
        size: bytes.length,
        sha256,
        format: 'built-in',
        rows: set.rows,
        shape,
        dtype: 'float32',
        mapping: { ...built.facts, kind, seed: SEED, fittedOn: sets.map(({ role }) => role) },
      });
      const id = transaction.addMatrix(set.id, evidence, { ...matrix, builtIn: what });
      const perChunk = chunkRows('float32', shape);
      const rowBytes = 4 * built.width;
      for (let first = 0, index = 0; first < set.rows; first += perChunk, index += 1) {
        if (job.cancelled()) throw new Cancelled();
        const count = Math.min(perChunk, set.rows - first);
        transaction.addChunk(
          id,
          index,
          first,
          count,
          bytes.slice(first * rowBytes, (first + count) * rowBytes),
        );
        await nextTurn();
      }
      transaction.finishMatrix(id, sha256);
    }
    transaction.commit('evidence/build-features', { kind, seed: SEED, what, version: engine.version });
  } finally {
    // Without effect once committed.
    transaction.abandon();
  }
}
