import { BezoarError } from '../../contract/errors.ts';
import type { Group } from '../../contract/traits.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Handlers } from '../engine.ts';
import { refusePortable } from '../jobs/case-job.ts';
import { runArray } from '../run-arrays.ts';
import { investigatedSet } from '../scan/scan-input.ts';
import { requireScan } from '../scan/stored-scan.ts';
import { sharedTraits } from '../traits/shared-traits.ts';

function rowsOf(caseFile: CaseFile, group: Group): Int32Array {
  if (group.kind === 'rows') return Int32Array.from(group.rows);
  const { run, scan } = requireScan(caseFile, group.scan);
  const flagged = runArray(caseFile, group.scan, 'flagged', 'uint8');
  const dataset = investigatedSet(caseFile);
  if (run.dataset !== dataset.id || !flagged)
    throw new BezoarError(
      'scan/not-found',
      'The investigated set was imported again after this scan. Run it again for the present rows.',
    );
  const name = scan.classNames[group.classIndex];
  const labels = cachedLabels(caseFile, dataset.id, 'labels');
  return Int32Array.from(flagged.keys()).filter(
    (row) => flagged[row] === 1 && dataset.classes[labels[row]] === name,
  );
}

export const traitsHandlers = {
  'traits/of': ({ group }, engine) => {
    const caseFile = engine.caseFile();
    refusePortable(caseFile, 'Telling what samples share and others of their class do not');
    const rows = rowsOf(caseFile, group);
    if (rows.length === 0)
      throw new BezoarError('sample/not-found', 'This group has no samples, so they share nothing.');
    return sharedTraits(caseFile, investigatedSet(caseFile), rows, engine.pool.runner(null, 0));
  },
} satisfies Partial<Handlers>;
