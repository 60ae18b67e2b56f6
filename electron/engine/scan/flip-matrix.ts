import { lnBinomialTail } from '../../../native-workers/numeric/distributions.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { FlipMatrix } from '../../contract/scan.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile, StoredRun } from '../case/case-file.ts';
import { runArray } from '../run-arrays.ts';
import { requireScan, type StoredScan } from './stored-scan.ts';

const LABEL_ERRORS = 'label-errors';
/** More classes than these are told by their pairs alone. */
const MOST_CLASSES = 40;
const MOST_PAIRS = 30;
/** ln of the level that a pair must reach, corrected for those tested, to be told as lopsided. */
const LN_LEVEL = Math.log(0.01);

/** Given label of each row, and the class that it looks like, both as indices of the scan; null where the scan has none. */
function givenAndLike(
  caseFile: CaseFile,
  run: StoredRun,
  { classNames }: StoredScan,
): { given: Int32Array; like: Int32Array } | null {
  const like = runArray(caseFile, run.id, `like:${LABEL_ERRORS}`, 'int32');
  if (like === null) return null;
  const present = caseFile.datasets.list().find(({ id }) => id === run.dataset)?.classes ?? [];
  // By name: class indices of the case move when labels are added to it.
  const ofScan = Int32Array.from(present, (name) => classNames.indexOf(name));
  const given = cachedLabels(caseFile, run.dataset, 'labels').map((label) => ofScan[label] ?? -1);
  return { given, like };
}

/**
 * Which labels look like which others, and the pairs that are lopsided beyond chance (exact McNemar test). Natural confusions
 * are lopsided too: this is read, it alarms nothing.
 *
 * @throws BezoarError scan/not-found
 */
export function flipMatrix(caseFile: CaseFile, id: number): FlipMatrix | null {
  const { run, scan } = requireScan(caseFile, id);
  const rows = givenAndLike(caseFile, run, scan);
  if (rows === null) return null;
  const classes = scan.classNames.length;
  const findings = scan.detectorRuns.find((one) => one.id === LABEL_ERRORS)?.classes ?? [];
  const judged = scan.classNames.map((_, c) =>
    findings.some((one) => one.classIndex === c && one.skipped === null),
  );
  const counts = new Int32Array(classes * classes);
  rows.given.forEach((from, row) => {
    const to = rows.like[row];
    if (from >= 0 && to >= 0) counts[from * classes + to]++;
  });
  const both = judged.filter(Boolean).length;
  const tested = both * (both - 1);
  const pairs: FlipMatrix['pairs'] = [];
  for (let from = 0; from < classes; from++) {
    for (let to = 0; to < classes; to++) {
      const count = counts[from * classes + to];
      if (to === from || count === 0 || !judged[from] || !judged[to]) continue;
      const reverse = counts[to * classes + from];
      const lnP = Math.min(0, lnBinomialTail(count, count + reverse, 0.5) + Math.log(tested));
      if (lnP <= LN_LEVEL) pairs.push({ from, to, count, reverse, lnP });
    }
  }
  pairs.sort((a, b) => a.lnP - b.lnP || a.from - b.from || a.to - b.to);
  return {
    judged,
    counts: classes > MOST_CLASSES ? null : [...counts],
    tested,
    pairs: pairs.slice(0, MOST_PAIRS),
  };
}

/** The rows given class `from` that look like class `to`, ascending. @throws BezoarError scan/not-found */
export function flipRows(caseFile: CaseFile, id: number, from: number, to: number): number[] {
  const { run, scan } = requireScan(caseFile, id);
  const rows = givenAndLike(caseFile, run, scan);
  if (rows === null)
    throw new BezoarError(
      'scan/not-found',
      `Scan ${id} did not look for label errors. Scan again with that method.`,
    );
  return [...rows.given.keys()].filter((row) => rows.given[row] === from && rows.like[row] === to);
}
