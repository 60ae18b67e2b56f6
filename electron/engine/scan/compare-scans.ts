import { BezoarError } from '../../contract/errors.ts';
import type { Result } from '../../contract/calls.ts';
import type { CaseFile } from '../case/case-file.ts';
import { runArray } from '../run-arrays.ts';
import { requireScan } from './stored-scan.ts';

/**
 * What scan `b` flags beyond scan `a` and no longer flags, in all and by label.
 *
 * @throws BezoarError scan/not-found; engine/bad-request when they are scans of different imports
 */
export function compareScans(caseFile: CaseFile, a: number, b: number): Result<'scan/compare'> {
  const { run } = requireScan(caseFile, a);
  if (requireScan(caseFile, b).run.dataset !== run.dataset)
    throw new BezoarError(
      'engine/bad-request',
      'These two scans are of different imports, so their rows are not the same samples. Nothing was compared. Scan the present samples again and compare with that.',
    );
  const inA = runArray(caseFile, a, 'flagged', 'uint8') ?? new Uint8Array();
  const inB = runArray(caseFile, b, 'flagged', 'uint8') ?? new Uint8Array();
  const labels = caseFile.datasets.labels(run.dataset);
  const names = caseFile.datasets.list().find((dataset) => dataset.id === run.dataset)?.classes ?? [];
  const classes = names.map((name) => ({ name, inA: 0, inB: 0, added: 0, dropped: 0 }));
  const added: number[] = [];
  const dropped: number[] = [];
  let both = 0;
  for (let row = 0; row < inA.length; row++) {
    const entry = classes.at(labels[row] < 0 ? classes.length : labels[row]);
    const isAdded = inB[row] > inA[row];
    const isDropped = inA[row] > inB[row];
    if (isAdded) added.push(row);
    if (isDropped) dropped.push(row);
    both += inA[row] & inB[row];
    if (!entry) continue;
    entry.inA += inA[row];
    entry.inB += inB[row];
    entry.added += isAdded ? 1 : 0;
    entry.dropped += isDropped ? 1 : 0;
  }
  return { added, dropped, both, classes: classes.filter((one) => one.inA > 0 || one.inB > 0) };
}
