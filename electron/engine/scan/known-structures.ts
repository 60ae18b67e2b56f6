import type { ClassFinding } from '../../contract/scan.ts';
import { cachedArray } from '../array-cache.ts';
import type { CaseFile, StructureInForce } from '../case/case-file.ts';
import { runArray } from '../run-arrays.ts';

/** Share of the samples of two structures that both hold, from which they count as the same one. */
const SAME_STRUCTURE = 0.5;

type Known = NonNullable<ClassFinding['known']>;

/** The run that holds a scan. */
interface ScanRun {
  readonly id: number;
  readonly dataset: number;
}

/** What a scan found, as far as it matters here. */
interface Findings {
  /** Class indices of the scan point here. */
  readonly classNames: readonly string[];
  readonly classes: readonly Pick<ClassFinding, 'classIndex' | 'decision'>[];
}

/** |a ∩ b| / |a ∪ b| (Jaccard); 0 where both are empty. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let both = 0;
  for (const key of a) if (b.has(key)) both++;
  return both === 0 ? 0 : both / (a.size + b.size - both);
}

/** Keys of the samples that a scan puts forward in a class. */
export function flaggedKeys(caseFile: CaseFile, run: ScanRun, className: string): Set<string> {
  const flagged = runArray(caseFile, run.id, 'flagged', 'uint8') ?? new Uint8Array();
  const members = caseFile.datasets.keysWithLabel(run.dataset, className);
  return new Set(members.filter(({ row }) => flagged[row] === 1).map(({ key }) => key));
}

function closest(keys: ReadonlySet<string>, structures: readonly StructureInForce[]): Known | null {
  let best: Known | null = null;
  for (const { id, by, atMs, reason, keys: known } of structures) {
    const overlap = jaccard(keys, new Set(known));
    if (overlap >= SAME_STRUCTURE && overlap > (best?.overlap ?? 0)) best = { id, by, atMs, reason, overlap };
  }
  return best;
}

/**
 * For each class whose finding is a structure that the analyst judged natural before: that judgement. The samples are
 * compared by their keys (Jaccard of at least 0.5, the closest one counts), so it holds for scans from before the judgement
 * and for new imports as well. Alarms are never among them.
 */
export function knownStructures(
  caseFile: CaseFile,
  run: ScanRun,
  { classes, classNames }: Findings,
): ReadonlyMap<number, Known> {
  const found = classes.filter(({ decision }) => decision === 'structure');
  if (found.length === 0) return new Map();
  const key = JSON.stringify(['known structures', run.id, caseFile.structures.revision()]);
  return cachedArray(caseFile, key, () => {
    const inForce = caseFile.structures.inForce(run.dataset);
    const known = new Map<number, Known>();
    for (const { classIndex } of found) {
      const className = classNames[classIndex];
      const candidates = inForce.filter((one) => one.className === className);
      const match =
        candidates.length === 0 ? null : closest(flaggedKeys(caseFile, run, className), candidates);
      if (match) known.set(classIndex, match);
    }
    return { known, byteLength: 256 * (1 + known.size) };
  }).known;
}
