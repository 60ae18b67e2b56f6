import type { AlphaLedger } from '../../contract/scan.ts';
import type { CaseFile, StoredRun } from '../case/case-file.ts';
import { scanInputs } from './run-inputs.ts';
import type { StoredScan } from './stored-scan.ts';

const SAMPLES = 'investigated activations';

/** All that the decision of a scan depends on: the same look cannot be wrong twice. */
function lookOf({ inputs }: StoredRun, { alpha, withTrusted }: StoredScan): string {
  const read = inputs
    .filter(({ name }) => withTrusted || !name.startsWith('trusted'))
    .map(({ name, sha256 }) => `${name} ${sha256}`)
    .sort();
  return JSON.stringify([alpha, withTrusted, read]);
}

/**
 * Every scan of the case as a look at data, and what the looks at the present samples may cost together: the chances of a
 * false alarm add up, at most (Bonferroni). The same look again costs nothing; a look at other activations is not counted.
 */
export function alphaLedger(caseFile: CaseFile): AlphaLedger {
  const present = scanInputs(caseFile, false).find(({ name }) => name === SAMPLES)?.sha256;
  const first = new Map<string, number>();
  const looks = caseFile.runs.list('scan').map((run): AlphaLedger['looks'][number] => {
    const scan = run.result as StoredScan;
    const graded = (decision: string) => scan.classes.filter((one) => one.decision === decision).length;
    const of = lookOf(run, scan);
    const before = first.get(of) ?? null;
    if (before === null) first.set(of, run.id);
    const here = run.inputs.some(({ name, sha256 }) => name === SAMPLES && sha256 === present);
    return {
      scan: run.id,
      startedAtMs: run.startedAtMs,
      by: run.startedBy,
      alpha: scan.alpha,
      alarms: graded('alarm'),
      structures: graded('structure'),
      cost: here && before === null ? scan.alpha : 0,
      sameAs: before,
      otherSamples: !here,
    };
  });
  return {
    looks,
    spent: Math.min(
      1,
      looks.reduce((sum, { cost }) => sum + cost, 0),
    ),
  };
}
