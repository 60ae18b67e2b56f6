import type { TaskRunner } from '../../../native-workers/runner.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { Scope } from '../../contract/maps.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';
import { PCA_MIN_ROWS, scopeOf } from './draw-map.ts';
import type { DrawnMap } from './map-run.ts';
import { scopeRows } from './scope-rows.ts';

/** Names of the first and of the last column of losses; null where the set has none. */
function lossEnds(dataset: Dataset): { first: string; last: string } | null {
  const names = dataset.columns.filter(({ role }) => role === 'loss').map(({ name }) => name);
  const last = names.at(-1);
  return last === undefined ? null : { first: names[0], last };
}

/**
 * The rows of a scope by the ranks of their first and of their last loss among all rows of their class: the four corners are
 * what a training treats alike. Rows without either loss are not on it.
 *
 * @throws BezoarError evidence/missing-column, sample/not-found, map/too-few-rows; Cancelled
 */
export async function drawLossMap(
  caseFile: CaseFile,
  dataset: Dataset,
  scope: Scope,
  seed: number,
  runner: TaskRunner,
): Promise<DrawnMap> {
  const startedAtMs = Date.now();
  const ends = lossEnds(dataset);
  if (ends === null)
    throw new BezoarError(
      'evidence/missing-column',
      'The records of these samples have no column of losses. Nothing was drawn. Import records with columns such as loss_1 and loss_2, one for each time of the training.',
    );
  const chosen = scopeRows(caseFile, dataset, scope, PCA_MIN_ROWS);
  const ranks = await runner.run('lossRanks', {
    first: caseFile.datasets.numberColumn(dataset.id, ends.first),
    last: caseFile.datasets.numberColumn(dataset.id, ends.last),
    label: cachedLabels(caseFile, dataset.id, 'labels'),
  });
  const rows = chosen.rows.filter((row) => !Number.isNaN(ranks[2 * row]));
  if (rows.length < PCA_MIN_ROWS)
    throw new BezoarError(
      'map/too-few-rows',
      `${chosen.name}: ${rows.length} of ${chosen.rows.length} rows have ${ends.first === ends.last ? ends.first : `both ${ends.first} and ${ends.last}`}; at least ${PCA_MIN_ROWS} are needed. Nothing was drawn. Choose more samples.`,
    );
  const coordinates = new Float32Array(2 * rows.length);
  rows.forEach((row, i) => {
    coordinates.set(ranks.subarray(2 * row, 2 * row + 2), 2 * i);
  });
  return {
    ...scopeOf(scope, chosen),
    kind: 'losses',
    engine: 'bezoar-losses',
    version: '1',
    seed,
    startedAtMs,
    shown: rows.length,
    axes: [`${ends.first}, rank in its class`, `${ends.last}, rank in its class`],
    how: '',
    choice: ends,
    rows,
    coordinates,
  };
}
