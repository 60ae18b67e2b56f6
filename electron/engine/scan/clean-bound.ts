import { cleanRowsBound } from '../../../native-workers/detectors/trusted-class-test.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';
import { runArray } from '../run-arrays.ts';
import { classRows, requireScan, trustedScoreName } from './stored-scan.ts';

const TRUSTED = 'trusted-mahalanobis';
/** The stored score is that of the view that shows most; so many were looked at, at most. */
const VIEWS = 6;

/**
 * How many of the chosen rows may be clean at most, by class: no more than clean rows reach as far out as the nearest of them.
 * The bound holds for every choice at once, so it may be read off after looking.
 *
 * @throws BezoarError scan/not-found
 */
export function cleanBound(
  caseFile: CaseFile,
  id: number,
  chosen: readonly number[],
): { name: string; rows: number; clean: number | null }[] {
  const { run, scan } = requireScan(caseFile, id);
  const scores = runArray(caseFile, id, `score:${TRUSTED}`, 'float64');
  const labels = cachedLabels(caseFile, run.dataset, 'labels');
  const dataset = caseFile.datasets.list().find((one) => one.id === run.dataset);
  const byName = new Map<string, number[]>();
  for (const row of new Set(chosen)) {
    const name = dataset?.classes[labels[row] ?? -1];
    if (name === undefined) continue;
    const own = byName.get(name) ?? [];
    own.push(row);
    byName.set(name, own);
  }
  return [...byName].map(([name, rows]) => {
    const classIndex = scan.classNames.indexOf(name);
    const trusted = runArray(caseFile, id, trustedScoreName(TRUSTED, classIndex), 'float64');
    if (!scores || !trusted || trusted.length === 0) return { name, rows: rows.length, clean: null };
    const nearest = rows.reduce((least, row) => Math.min(least, scores[row]), Infinity);
    const beyond = trusted.reduce((sum, score) => sum + (score >= nearest ? 1 : 0), 0);
    const n = classRows(caseFile, run, classIndex).length;
    const clean = cleanRowsBound(n, trusted.length, beyond, 1 / (VIEWS * byName.size));
    return { name, rows: rows.length, clean: Math.min(rows.length, clean) };
  });
}
