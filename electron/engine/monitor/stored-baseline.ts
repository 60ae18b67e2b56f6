import type { Baseline } from '../../contract/baselines.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';

/** @throws BezoarError baseline/not-found */
export function requireBaseline(caseFile: CaseFile, id: number): Baseline {
  const baseline = caseFile.baselines.get(id);
  if (baseline === null)
    throw new BezoarError(
      'baseline/not-found',
      `The case knows no baseline number ${id}. Nothing was changed. Choose one from the list.`,
    );
  return baseline;
}
