import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import { flaggedKeys, knownStructures } from './known-structures.ts';
import { requireScan } from './stored-scan.ts';

/**
 * Remembers the structure that a scan puts forward in a class as natural.
 *
 * @returns the structure's number
 * @throws BezoarError scan/not-found; structure/not-natural for an alarm, a class without a structure, and one that is known
 */
export function judgeNatural(caseFile: CaseFile, scan: number, classIndex: number, reason: string): number {
  const { run, scan: stored } = requireScan(caseFile, scan);
  const className = stored.classNames[classIndex] as string | undefined;
  const decision = stored.classes.find((one) => one.classIndex === classIndex)?.decision;
  const refused = (why: string): BezoarError => new BezoarError('structure/not-natural', why);
  if (className === undefined || decision === undefined)
    throw refused(
      `Scan ${scan} has no class number ${classIndex}. Nothing was stored. Choose a class of its list.`,
    );
  if (decision === 'alarm')
    throw refused(
      `Scan ${scan} raises an alarm in class ${className}, and only a structure can be judged natural. Nothing was stored. Look at its samples and give them verdicts.`,
    );
  if (decision !== 'structure')
    throw refused(
      `Scan ${scan} found no structure in class ${className}. Nothing was stored. Choose a class whose finding is a structure.`,
    );
  const known = knownStructures(caseFile, run, stored).get(classIndex);
  if (known)
    throw refused(
      `${known.by} judged this structure of class ${className} natural before. Nothing was stored. Withdraw that judgement to make another.`,
    );
  const keys = [...flaggedKeys(caseFile, run, className)];
  if (keys.length === 0)
    throw refused(
      `Scan ${scan} puts no samples of class ${className} forward, so there are none to remember. Nothing was stored.`,
    );
  return caseFile.structures.add({ scan, className, keys, reason });
}
