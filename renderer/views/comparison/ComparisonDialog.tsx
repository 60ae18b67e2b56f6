import { Button, Dialog, DialogBody, DialogFooter, ProgressBar } from '@blueprintjs/core';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Comparison } from '../../../electron/contract/comparison.ts';
import type { Verdict } from '../../../electron/contract/samples.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatCount, plural } from '../../components/number-format.ts';
import { Counts, type Count } from '../../components/Counts.tsx';
import { Problem } from '../../components/Problem.tsx';
import { VerdictTag } from '../../components/VerdictTag.tsx';
import {
  comparisonRead,
  dropComparison,
  takeVerdictsOver,
  useComparisonDraft,
} from '../../state/comparison-draft.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useCall, useCaseState, useJobs } from '../../state/queries.ts';
import { ConflictTable, EvidenceTable, FreshTable, NoteTable } from './ComparedTables.tsx';
import {
  chosenVerdicts,
  orderOf,
  undecidedConflicts,
  usualChoice,
  type Choice,
  type Side,
} from './comparison-choice.ts';
import './comparison.css';

/** So many samples of each kind are listed; what is decided for all holds for the others too. */
const SHOWN = 200;
const kinds: readonly Verdict[] = ['poison', 'clean', 'unsure'];

function Reading() {
  const { file, job: id } = useComparisonDraft();
  const job = useJobs().find((one) => one.id === id);
  const ended = useEffectEvent(() => {
    if (job && !isAtWork(job)) {
      useComparisonDraft.setState({ job: null });
      comparisonRead(job.state === 'done' ? job.result : null);
    }
  });
  useEffect(() => {
    ended();
  }, [job]);
  return (
    <>
      <DialogBody>
        <p aria-live="polite">
          {file?.name}: {job === undefined || job.phase === '' ? 'starting' : job.phase}
        </p>
        <ProgressBar value={job?.fraction ?? 0} stripes={false} animate={false} />
      </DialogBody>
      <DialogFooter actions={<Button text="Cancel" autoFocus onClick={dropComparison} />} />
    </>
  );
}

function WhatItIs(props: { readonly comparison: Comparison }) {
  const { file, other, sameCase, matching } = props.comparison;
  return (
    <>
      <p>
        <strong className="bz-file-name">{file.name}</strong>
        {other.analyst === null ? '' : `, investigated by ${other.analyst}`}, {formatBytes(file.size)},
        SHA-256 <Hash value={file.sha256} what="SHA-256 of the case file" />, audit head{' '}
        <Hash value={other.auditHead} what="Audit head" />
        {sameCase ? '. It is another state, or a part, of this very case.' : '.'}
      </p>
      {other.portable === null ? null : (
        <p>
          A portable case: {formatCount(other.portable.samples)} of {formatCount(other.portable.of)} samples
          of {other.portable.caseName}, taken by {other.portable.by}.
        </p>
      )}
      {other.auditHolds ? (
        <p>
          <span aria-hidden="true" className="bz-tone-clean">
            ✓
          </span>{' '}
          Its audit was checked. {other.auditSentence}
        </p>
      ) : (
        <Problem>{other.auditSentence}</Problem>
      )}
      <p>{matching.sentence}</p>
    </>
  );
}

function VerdictCounts(props: { readonly comparison: Comparison }) {
  const { verdicts, notes } = props.comparison;
  const { fresh } = verdicts;
  const counts: readonly Count[] = [
    ['Decided there', verdicts.theirs, 'verdicts of the other case'],
    ['New here', fresh.poison + fresh.clean + fresh.unsure, 'not decided in this case'],
    ['Agree', verdicts.agree, 'decided alike'],
    ['Conflicts', verdicts.conflicts, 'decided differently'],
    ['Only here', verdicts.onlyOurs, 'verdicts of this case'],
    ['Not found', verdicts.unmatched, 'samples that are not here'],
    ['Other label', verdicts.relabelled, 'left out: a verdict is on a label'],
    ['Notes', notes, 'shown, not taken over'],
  ];
  return <Counts counts={counts} className="bz-compared-counts" />;
}

function TakeOver(props: { readonly comparison: Comparison }) {
  const { comparison } = props;
  const { id, verdicts, other, evidence } = comparison;
  const { phase, error } = useComparisonDraft();
  const [choice, setChoice] = useState<Choice>(usualChoice);
  const [nevertheless, setNevertheless] = useState(false);
  const page = { comparison: id, from: 0, limit: SHOWN } as const;
  const conflicts = useCall('comparison/samples', { ...page, which: 'conflicts' }).data ?? [];
  const fresh = useCall('comparison/samples', { ...page, which: 'fresh' }).data ?? [];
  const notes = useCall('comparison/samples', { ...page, which: 'notes' }).data ?? [];
  const count = chosenVerdicts(comparison, choice);
  const waiting = undecidedConflicts(comparison, choice);
  const freshCount = verdicts.fresh.poison + verdicts.fresh.clean + verdicts.fresh.unsure;
  const ready = phase === 'shown' && count > 0 && waiting === 0 && (other.auditHolds || nevertheless);

  const all = (side: Side): void => {
    setChoice({ ...choice, conflicts: new Map(), otherwise: side });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void takeVerdictsOver(orderOf(id, choice));
      }}
    >
      <DialogBody className="bz-compared">
        <WhatItIs comparison={comparison} />
        <VerdictCounts comparison={comparison} />
        {verdicts.conflicts > 0 ? (
          <section aria-label="Conflicts">
            <header className="bz-compared-head">
              <h3>Conflicts</h3>
              <span className="bz-quiet">
                {waiting === 0
                  ? 'all decided'
                  : `${formatCount(waiting)} of ${formatCount(verdicts.conflicts)} not decided`}
              </span>
              <span className="bz-spring" />
              <Button
                size="small"
                text="Keep all of ours"
                onClick={() => {
                  all('ours');
                }}
              />
              <Button
                size="small"
                text="Take all of theirs"
                onClick={() => {
                  all('theirs');
                }}
              />
            </header>
            <ConflictTable
              samples={conflicts}
              choice={choice}
              onDecide={(row, side) => {
                setChoice({ ...choice, conflicts: new Map(choice.conflicts).set(row, side) });
              }}
            />
            {verdicts.conflicts > conflicts.length ? (
              <p className="bz-quiet">
                The first {formatCount(conflicts.length)} are listed; the others are decided all at once.
              </p>
            ) : null}
          </section>
        ) : null}
        {freshCount > 0 ? (
          <section aria-label="Decided there alone">
            <h3>Decided there alone</h3>
            <div className="bz-compared-kinds">
              {kinds.map((kind) => (
                <label key={kind} className="bz-check">
                  <input
                    type="checkbox"
                    disabled={verdicts.fresh[kind] === 0}
                    checked={choice.kinds.has(kind) && verdicts.fresh[kind] > 0}
                    onChange={(event) => {
                      const next = new Set(choice.kinds);
                      if (event.target.checked) next.add(kind);
                      else next.delete(kind);
                      setChoice({ ...choice, kinds: next });
                    }}
                  />
                  <span>
                    <VerdictTag verdict={kind} /> {plural(verdicts.fresh[kind], 'sample')}
                  </span>
                </label>
              ))}
            </div>
            <FreshTable
              samples={fresh}
              choice={choice}
              onTake={(row, verdict, take) => {
                const leftOut = new Map(choice.leftOut);
                if (take) leftOut.delete(row);
                else leftOut.set(row, verdict);
                setChoice({ ...choice, leftOut });
              }}
            />
            {freshCount > fresh.length ? (
              <p className="bz-quiet">
                The first {formatCount(fresh.length)} are listed; the others follow the boxes above.
              </p>
            ) : null}
          </section>
        ) : null}
        {notes.length > 0 ? (
          <section aria-label="Notes there">
            <h3>Notes there</h3>
            <NoteTable samples={notes} />
          </section>
        ) : null}
        <section aria-label="Evidence">
          <h3>Evidence</h3>
          <EvidenceTable evidence={evidence} />
        </section>
        {other.auditHolds ? null : (
          <label className="bz-check">
            <input
              type="checkbox"
              checked={nevertheless}
              onChange={(event) => {
                setNevertheless(event.target.checked);
              }}
            />
            <span>
              Take over nevertheless{' '}
              <span className="bz-quiet">the audit will say that its check failed</span>
            </span>
          </label>
        )}
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Close" onClick={dropComparison} />
            <Button
              type="submit"
              intent="primary"
              autoFocus
              text={`Take over ${plural(count, 'verdict')}`}
              loading={phase === 'taking'}
              disabled={!ready}
            />
          </>
        }
      >
        <span aria-live="polite" className="bz-quiet">
          {error ??
            (waiting > 0
              ? 'Say for each conflict whose verdict holds.'
              : 'One step of undo; whose they were is kept.')}
        </span>
      </DialogFooter>
    </form>
  );
}

function Shown(props: { readonly id: number }) {
  const { data, error } = useCall('comparison/get', { comparison: props.id });
  if (error)
    return (
      <DialogBody>
        <Problem error={error} />
      </DialogBody>
    );
  return data ? <TakeOver comparison={data} /> : <DialogBody aria-busy="true">Comparing</DialogBody>;
}

/** Another analyst's case held against the open one: what is the same, what differs, what is to be taken over. */
export function ComparisonDialog() {
  const { phase, comparison } = useComparisonDraft();
  const open = useCaseState();
  const isOpen = (phase === 'reading' || phase === 'shown' || phase === 'taking') && Boolean(open);
  return (
    <Dialog
      isOpen={isOpen}
      title="Compare with another case"
      onClose={dropComparison}
      canOutsideClickClose={false}
      className={comparison === null ? undefined : 'bz-compared-dialog'}
      transitionDuration={0}
    >
      {phase === 'reading' ? <Reading /> : null}
      {comparison === null || phase === 'reading' ? null : <Shown key={comparison} id={comparison} />}
    </Dialog>
  );
}
