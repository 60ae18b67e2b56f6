import { Button, Dialog, DialogBody, DialogFooter, ProgressBar } from '@blueprintjs/core';
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import { LINK_OVER } from '../../../electron/contract/evidence.ts';
import type { FileProposal } from '../../../electron/contract/evidence.ts';
import { formatBytes, formatShare } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { chooseEvidence, chooseEvidenceFolder } from '../../state/case-doors.ts';
import { useHost } from '../../state/host-context.ts';
import {
  changeReading,
  dropDraft,
  startImport,
  stopWaiting,
  useImportDraft,
} from '../../state/import-draft.ts';
import { takeAsLogs } from '../../state/log-draft.ts';
import { useCaseState, useDatasets } from '../../state/queries.ts';
import { ArrayTable } from './ArrayChoices.tsx';
import { FileRow } from './FileRow.tsx';
import { areImages, mappingOf, namesArrays, planImport, proposedChoice } from './import-plan.ts';
import type { FileChoice } from './import-plan.ts';
import { Columns } from './TableChoices.tsx';
import './evidence.css';

/** Files of records that could be requests of production as well. */
const MAY_BE_LOGS = new Set(['csv', 'json', 'json-lines', 'parquet']);

/** What the analyst corrected, by the file's token: it outlives the dialog that is away while more files are looked into. */
const useCorrections = create<Readonly<Partial<Record<string, FileChoice>>>>()(() => ({}));

function ImportForm(props: { readonly files: readonly FileProposal[] }) {
  const { files } = props;
  const corrections = useCorrections();
  const choices = files.map((file) => corrections[file.token] ?? proposedChoice(file));
  const { phase, offerBuiltInFeatures, error } = useImportDraft();
  const [builtInFeatures, setBuiltInFeatures] = useState(true);
  const [acceptBadRows, setAcceptBadRows] = useState(false);
  const [link, setLink] = useState(true);
  // What a browser uploads lies where it is put away with the window.
  const host = useHost().kind;
  const large =
    host === 'electron' &&
    files.some(({ size, entries }, k) => size > LINK_OVER && entries.length > 0 && choices[k].include);
  const { datasets, models, problems, notes } = planImport(files, choices, useDatasets(), acceptBadRows);
  const images = files.some((file, k) => areImages(file) && choices[k].include);
  const records = files.some((file, k) => file.badRows !== 0 && file.columns !== null && choices[k].include);
  const offered =
    offerBuiltInFeatures && !datasets.some(({ arrays }) => arrays.some(({ role }) => role === 'activations'));
  const mayBeLogs = files.every(({ format, columns }) => MAY_BE_LOGS.has(format) && columns !== null);
  const change = (at: number, part: Partial<FileChoice>): void => {
    useCorrections.setState({ [files[at].token]: { ...choices[at], ...part } });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (problems.length === 0)
          void startImport({
            datasets: datasets.map((set) => ({
              ...set,
              acceptBadRows,
              linkOver: large && link ? LINK_OVER : null,
            })),
            models,
            builtInFeatures: offered && builtInFeatures && datasets.length > 0,
            remember: files.flatMap((file, k) =>
              corrections[file.token] !== undefined && choices[k].include && file.source !== ''
                ? [mappingOf(file, choices[k])]
                : [],
            ),
          });
      }}
    >
      <DialogBody className="bz-import">
        <table className="bz-table">
          <thead>
            <tr>
              <th aria-label="Import" className="bz-tick-cell" />
              <th>File</th>
              <th>Taken as</th>
              <th>Belongs to</th>
            </tr>
          </thead>
          <tbody>
            {files.map((file, k) => (
              <FileRow
                key={file.token}
                file={file}
                choice={choices[k]}
                columns={files.flatMap((other, o) =>
                  other.role === 'records' && !areImages(other) && choices[o].dataset === choices[k].dataset
                    ? choices[o].columns.map(({ name }) => name)
                    : [],
                )}
                onChoice={(part) => {
                  change(k, part);
                }}
              />
            ))}
          </tbody>
        </table>
        {files.map((file, k) =>
          namesArrays(file) && choices[k].include ? (
            <ArrayTable
              key={file.token}
              file={file}
              choice={choices[k]}
              onEntry={(at, role) => {
                change(k, { entries: choices[k].entries.map((other, e) => (e === at ? role : other)) });
              }}
            />
          ) : null,
        )}
        {files.map((file, k) =>
          file.columns !== null &&
          choices[k].include &&
          choices[k].use !== 'arrays' &&
          !(areImages(file) && choices[k].imageColumn !== null) &&
          choices[k].use !== 'part' ? (
            <Columns
              key={file.token}
              file={file}
              choice={choices[k]}
              onColumn={(at, role) => {
                change(k, {
                  columns: choices[k].columns.map((column, c) => (c === at ? { ...column, role } : column)),
                });
              }}
              onReading={(part) => {
                // Its columns will be others, so what was chosen for them is old.
                useCorrections.setState({ [file.token]: undefined });
                void changeReading(file.token, part);
              }}
            />
          ) : null,
        )}
        {images || records ? (
          <label className="bz-check">
            <input
              type="checkbox"
              checked={acceptBadRows}
              onChange={(event) => {
                setAcceptBadRows(event.target.checked);
              }}
            />
            <span>
              Import around {images ? 'images' : 'records'} that cannot be taken{' '}
              <span className="bz-quiet">
                (they are counted and listed; otherwise one refuses the import)
              </span>
            </span>
          </label>
        ) : null}
        {large ? (
          <label className="bz-check">
            <input
              type="checkbox"
              checked={link}
              onChange={(event) => {
                setLink(event.target.checked);
              }}
            />
            <span>
              Leave matrices over {formatBytes(LINK_OVER)} in their files{' '}
              <span className="bz-quiet">
                (the case keeps path and hash; keep the files, or the case cannot be scanned any more)
              </span>
            </span>
          </label>
        ) : null}
        {offered ? (
          <label className="bz-check">
            <input
              type="checkbox"
              checked={builtInFeatures}
              onChange={(event) => {
                setBuiltInFeatures(event.target.checked);
              }}
            />
            <span>
              Compute built-in features, not the model’s{' '}
              <span className="bz-quiet">
                (there are no activations: maps and scans can read these in their place, and say so)
              </span>
            </span>
          </label>
        ) : null}
      </DialogBody>
      <div className="bz-import-says" aria-live="polite">
        {error === null ? null : <Problem>{error}</Problem>}
        {problems.map((problem) => (
          <Problem key={problem}>{problem}</Problem>
        ))}
        {notes.map((note) => (
          <p key={note} className="bz-quiet">
            {note}
          </p>
        ))}
      </div>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={dropDraft} />
            <Button
              type="submit"
              intent="primary"
              text="Import"
              autoFocus
              loading={phase === 'starting'}
              disabled={problems.length > 0}
            />
          </>
        }
      >
        <Button
          variant="minimal"
          text="Add more files…"
          autoFocus={problems.length > 0}
          onClick={() => void chooseEvidence()}
        />
        <Button variant="minimal" text="Add a folder…" onClick={() => void chooseEvidenceFolder()} />
        {mayBeLogs ? (
          <Button
            variant="minimal"
            text="These are production logs"
            onClick={() => {
              void takeAsLogs(files).then((taken) => {
                if (taken) dropDraft();
              });
            }}
          />
        ) : null}
      </DialogFooter>
    </form>
  );
}

/** What had the focus before the dialogs came; they follow one another, so that none of them can tell. */
let openedBy: HTMLElement | null = null;
useImportDraft.subscribe(({ phase }, before) => {
  const { activeElement } = document;
  if (phase === 'idle' || before.phase !== 'idle' || !(activeElement instanceof HTMLElement)) return;
  if (activeElement.closest('[role="dialog"]') === null) openedBy = activeElement;
});

/** From dropped files to the import: what each is taken for, to be corrected before anything is imported. */
export function ImportDialog() {
  const { phase, files, fraction } = useImportDraft();
  const open = useCaseState();
  const isIdle = phase === 'idle';
  useEffect(() => {
    if (isIdle && openedBy?.isConnected === true) openedBy.focus();
  }, [isIdle]);
  if (phase === 'uploading' || phase === 'looking') {
    return (
      <Dialog
        key="waiting"
        isOpen
        title={phase === 'uploading' ? 'Taking the files over' : 'Looking into the files'}
        transitionDuration={0}
        isCloseButtonShown={false}
        canOutsideClickClose={false}
        onClose={stopWaiting}
      >
        <DialogBody>
          <ProgressBar value={phase === 'uploading' ? fraction : undefined} stripes={false} />
          <p className="bz-quiet bz-number" role="status">
            {phase === 'uploading'
              ? `${formatShare(fraction)} taken over. Nothing is imported yet.`
              : 'Nothing is imported before you have seen what they are taken for.'}
          </p>
        </DialogBody>
        <DialogFooter actions={<Button text="Cancel" autoFocus onClick={stopWaiting} />} />
      </Dialog>
    );
  }
  // The analyst's name comes first: it stands on the import.
  const isOpen = (phase === 'choose' || phase === 'starting') && open?.analyst !== null;
  return (
    <Dialog
      key="files"
      isOpen={isOpen}
      title="What are these files?"
      onClose={dropDraft}
      canOutsideClickClose={false}
      className="bz-import-dialog"
      transitionDuration={0}
    >
      {isOpen ? <ImportForm files={files} /> : null}
    </Dialog>
  );
}
