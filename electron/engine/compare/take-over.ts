import type { Params, Result } from '../../contract/calls.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { TakenVerdict } from '../case/verdict-origin.ts';
import { sorted, type KeptComparison, type MatchedSample } from './compare-cases.ts';

type Choice = Omit<Params<'comparison/take-over'>, 'comparison'>;

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;

const takenOf = ({ row, theirs }: MatchedSample): TakenVerdict[] =>
  theirs === null ? [] : [{ row, ...theirs }];

/**
 * Takes the chosen verdicts of the other case over: all in one change, or none. What this case came to decide after the
 * comparison was shown stays as it is, and is counted as `meanwhile`.
 *
 * @throws BezoarError comparison/nothing, comparison/undecided
 */
export function takeOver(
  caseFile: CaseFile,
  kept: KeptComparison,
  shown: ReadonlySet<number>,
  { kinds, leftOut, conflicts: decided }: Choice,
): Result<'comparison/take-over'> {
  const now = sorted(caseFile, kept);
  const out = new Set(leftOut);
  const fresh = now.fresh.filter(
    ({ row, theirs }) => theirs !== null && kinds.includes(theirs.verdict) && !out.has(row),
  );
  const [theirs, ours] = [new Set(decided.theirs), new Set(decided.ours)];
  const known = now.conflicts.filter(({ row }) => shown.has(row));
  const meanwhile = now.conflicts.length - known.length;
  const undecided = known.filter(
    ({ row }) => decided.otherwise === null && !theirs.has(row) && !ours.has(row),
  );
  if (undecided.length > 0)
    throw new BezoarError(
      'comparison/undecided',
      `${counted(undecided.length, 'conflict')} ${undecided.length === 1 ? 'is' : 'are'} not decided, the first of sample ${undecided[0]?.key ?? ''}. ` +
        'Nothing was changed. Say for each whose verdict holds.',
    );
  const against = known.filter(
    ({ row }) => theirs.has(row) || (decided.otherwise === 'theirs' && !ours.has(row)),
  );
  const taken = [...fresh, ...against].sort((a, b) => a.row - b.row).flatMap(takenOf);
  if (kept.dataset === null || taken.length === 0)
    throw new BezoarError(
      'comparison/nothing',
      'Nothing of the other case is chosen to be taken over. Nothing was changed.',
    );
  const keptOurs = known.length - against.length;
  const { other, file } = kept;
  caseFile.verdicts.takeOver(
    kept.dataset,
    taken,
    {
      caseId: other.portable?.caseId ?? other.id,
      caseName: other.portable?.caseName ?? other.name,
      file: file.name,
      size: file.size,
      sha256: file.sha256,
      auditHead: other.auditHead,
      auditHolds: other.audit.ok,
    },
    keptOurs,
  );
  const put =
    against.length === 0
      ? ''
      : `, ${against.length.toLocaleString('en-US')} of them in place of this case's own`;
  return {
    taken: taken.length,
    keptOurs,
    meanwhile,
    sentence:
      `${counted(taken.length, 'verdict')} of ${other.name} taken over${put}.` +
      (meanwhile === 0
        ? ''
        : ` ${counted(meanwhile, 'sample')} ${meanwhile === 1 ? 'was' : 'were'} decided here meanwhile and left as ${meanwhile === 1 ? 'it is' : 'they are'}.`),
  };
}
