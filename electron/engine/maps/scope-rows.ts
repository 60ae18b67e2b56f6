import { BezoarError } from '../../contract/errors.ts';
import type { Dataset } from '../../contract/evidence.ts';
import type { Scope } from '../../contract/maps.ts';
import type { CaseFile } from '../case/case-file.ts';

export interface ScopeRows {
  /** Dataset rows, ascending, each once. */
  readonly rows: Int32Array;
  readonly name: string;
}

/**
 * The rows that a scope means.
 *
 * @throws BezoarError sample/not-found, map/too-few-rows
 */
export function scopeRows(caseFile: CaseFile, dataset: Dataset, scope: Scope, least: number): ScopeRows {
  const found = resolve(caseFile, dataset, scope);
  if (found.rows.length >= least) return found;
  throw new BezoarError(
    'map/too-few-rows',
    `${found.name} has ${found.rows.length} ${found.rows.length === 1 ? 'row' : 'rows'}; at least ${least} are needed. Nothing was started. Choose more samples.`,
  );
}

function resolve(caseFile: CaseFile, dataset: Dataset, scope: Scope): ScopeRows {
  switch (scope.kind) {
    case 'all':
      return { rows: Int32Array.from({ length: dataset.rows }, (_, row) => row), name: 'All samples' };
    case 'class': {
      const name = dataset.classes[scope.classIndex] as string | undefined;
      if (name === undefined)
        throw new BezoarError(
          'sample/not-found',
          'This class is not in the case. Choose a class from the list.',
        );
      const rows: number[] = [];
      caseFile.datasets.labels(dataset.id).forEach((label, row) => {
        if (label === scope.classIndex) rows.push(row);
      });
      return { rows: Int32Array.from(rows), name: `Class ${name}` };
    }
    case 'rows': {
      // Before they become 32 bits wide, where a row far outside would turn into one inside.
      const outside = scope.rows.find((row) => row >= dataset.rows);
      if (outside !== undefined)
        throw new BezoarError(
          'sample/not-found',
          `The set has ${dataset.rows} rows and row ${outside + 1} was asked for. Nothing was started.`,
        );
      const rows = Int32Array.from(new Set(scope.rows)).sort();
      return { rows, name: `${rows.length.toLocaleString('en-US')} chosen samples` };
    }
  }
}
