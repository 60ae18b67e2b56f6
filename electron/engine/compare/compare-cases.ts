import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ComparedEvidence, ComparedSample, Comparison } from '../../contract/comparison.ts';
import type { Verdict, VerdictEntry } from '../../contract/samples.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { ComparedFile, ComparedSet } from '../case/compared-case.ts';
import type { OtherCase, OtherSample } from '../case/other-case.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { OtherCaseFile } from './read-other-case.ts';
import { sameSamples, type Matching } from './same-samples.ts';

/** After so many milliseconds of work other calls are let through. */
const TURN_MS = 10;

/** A sample of this case that the other decided, or has a note on. */
export interface MatchedSample {
  readonly row: number;
  readonly key: string;
  readonly label: string;
  readonly theirs: NonNullable<OtherSample['verdict']> | null;
  readonly note: OtherSample['note'];
}

/** A comparison as the engine keeps it; what this case decided is asked anew each time. */
export interface KeptComparison {
  readonly dataset: number | null;
  readonly file: OtherCaseFile;
  readonly other: OtherCase;
  readonly evidence: readonly ComparedEvidence[];
  readonly matching: Matching;
  /** In row order. */
  readonly samples: readonly MatchedSample[];
  readonly unmatched: number;
  readonly relabelled: number;
}

const verdicts: readonly (Verdict | null)[] = [null, 'poison', 'clean', 'unsure'];

/** Verdict of a byte of the case's bulk arrays. */
const verdictOf = (byte: number | undefined): Verdict | null => verdicts[byte ?? 0] ?? null;

const nameOf = ({ set, role, entry, sha256 }: ComparedFile): string =>
  `${set} ${role} ${entry ?? ''} ${sha256}`;

/** Files of both cases, told by their hash and what they are, each once. */
function comparedEvidence(
  ours: readonly ComparedFile[],
  theirs: readonly ComparedFile[],
): ComparedEvidence[] {
  const here = new Map(ours.map((file) => [nameOf(file), file]));
  const there = new Map(theirs.map((file) => [nameOf(file), file]));
  return [
    ...[...here].map(([name, file]): ComparedEvidence => ({
      ...file,
      where: there.has(name) ? 'both' : 'ours',
    })),
    ...[...there]
      .filter(([name]) => !here.has(name))
      .map(([, file]): ComparedEvidence => ({ ...file, where: 'theirs' })),
  ];
}

/** Finds the samples of the other case in this one. Lets other calls through meanwhile. @throws Cancelled */
export async function compareCases(
  caseFile: CaseFile,
  { other, file }: { readonly other: OtherCase; readonly file: OtherCaseFile },
  context: Pick<JobContext, 'cancelled' | 'progress'>,
): Promise<KeptComparison> {
  const ours = caseFile.compared.read();
  const investigated = (sets: readonly ComparedSet[]) => sets.find(({ role }) => role === 'investigated');
  const [set, theirSet] = [investigated(ours.sets), investigated(other.sets)];
  const matching = sameSamples(set, theirSet);
  const theirs = other.samples.filter((sample) => sample.set === 'investigated');
  const samples: MatchedSample[] = [];
  const taken = new Set<number>();
  let [unmatched, relabelled] = [0, 0];
  let turn = performance.now();
  for (const [at, sample] of theirs.entries()) {
    const row = set === undefined ? null : rowOf(caseFile, set, matching, sample);
    const here = row === null || set === undefined ? null : caseFile.compared.sample(set.dataset, row);
    const sameKey = !(set?.ownKeys === true && theirSet?.ownKeys === true) || here?.key === sample.key;
    if (row === null || here === null || !sameKey || taken.has(row))
      unmatched += sample.verdict === null ? 0 : 1;
    else if (here.label !== sample.label) relabelled += sample.verdict === null ? 0 : 1;
    else {
      taken.add(row);
      samples.push({
        row,
        key: here.key,
        label: here.label ?? '',
        theirs: sample.verdict,
        note: sample.note,
      });
    }
    if (performance.now() - turn < TURN_MS) continue;
    context.progress(0.85 + (0.15 * at) / theirs.length);
    await nextTurn();
    if (context.cancelled()) throw new Cancelled();
    turn = performance.now();
  }
  return {
    dataset: set?.dataset ?? null,
    file,
    other,
    evidence: comparedEvidence(ours.files, other.files),
    matching,
    samples: samples.sort((a, b) => a.row - b.row),
    unmatched,
    relabelled,
  };
}

function rowOf(
  caseFile: CaseFile,
  set: ComparedSet,
  { by }: Matching,
  { fullRow, key }: OtherSample,
): number | null {
  if (by === 'row') return caseFile.compared.rowOf(set.dataset, fullRow);
  return by === 'key' ? caseFile.compared.rowOfKey(set.dataset, key) : null;
}

/** Which of the samples agree, differ, or are decided there alone, as this case stands now. */
export function sorted(caseFile: CaseFile, kept: KeptComparison) {
  const ours = kept.dataset === null ? new Uint8Array(0) : caseFile.verdicts.bytes(kept.dataset);
  const fresh: MatchedSample[] = [];
  const agree: MatchedSample[] = [];
  const conflicts: MatchedSample[] = [];
  for (const sample of kept.samples) {
    if (sample.theirs === null) continue;
    const present = verdictOf(ours[sample.row]);
    (present === null ? fresh : present === sample.theirs.verdict ? agree : conflicts).push(sample);
  }
  return { ours, fresh, agree, conflicts, notes: kept.samples.filter(({ note }) => note !== null) };
}

/** The comparison in numbers and sentences, as this case stands now. */
export function comparisonFacts(caseFile: CaseFile, id: number, kept: KeptComparison): Comparison {
  const { ours, fresh, agree, conflicts, notes } = sorted(caseFile, kept);
  const { other, file } = kept;
  const counts = { poison: 0, clean: 0, unsure: 0 };
  for (const { theirs } of fresh) if (theirs !== null) counts[theirs.verdict] += 1;
  const theirRows = new Set(kept.samples.filter(({ theirs }) => theirs !== null).map(({ row }) => row));
  let onlyOurs = 0;
  for (const [row, byte] of ours.entries()) if (byte !== 0 && !theirRows.has(row)) onlyOurs += 1;
  const whole = other.portable?.caseId ?? other.id;
  const ownWhole = caseFile.state().portable?.caseId ?? caseFile.id;
  return {
    id,
    file,
    other: {
      id: other.id,
      name: other.name,
      analyst: other.analyst,
      auditHead: other.auditHead,
      auditCount: other.auditCount,
      auditHolds: other.audit.ok,
      auditSentence: other.audit.sentence,
      portable: other.portable,
    },
    sameCase: whole === ownWhole,
    evidence: [...kept.evidence],
    matching: { ...kept.matching },
    verdicts: {
      theirs: other.samples.filter(({ set, verdict }) => set === 'investigated' && verdict !== null).length,
      fresh: counts,
      agree: agree.length,
      conflicts: conflicts.length,
      onlyOurs,
      unmatched: kept.unmatched,
      relabelled: kept.relabelled,
    },
    notes: notes.length,
  };
}

/** Samples for people, with what was decided here and there. */
export function comparedSamples(
  caseFile: CaseFile,
  dataset: number,
  samples: readonly MatchedSample[],
): ComparedSample[] {
  return samples.map(({ row, key, label, theirs, note }) => {
    const last: VerdictEntry | undefined = caseFile.verdicts.history(dataset, row).at(-1);
    return {
      row,
      key,
      label,
      ours: last === undefined || last.verdict === null ? null : last,
      theirs,
      note: note === null ? null : { text: note.text, who: note.who },
    };
  });
}
