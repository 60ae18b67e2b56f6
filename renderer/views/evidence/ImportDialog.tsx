import { Button, Dialog, DialogBody, DialogFooter, ProgressBar } from '@blueprintjs/core';
import { useState } from 'react';
import { create } from 'zustand';
import { LINK_OVER } from '../../../electron/contract/evidence.ts';
import type {
  DatasetRole,
  EntryProposal,
  EntryRole,
  FileProposal,
} from '../../../electron/contract/evidence.ts';
import { formatBytes, formatCount, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { chooseEvidence, chooseEvidenceFolder } from '../../state/case-doors.ts';
import { useHost } from '../../state/host-context.ts';
import { changeReading, dropDraft, startImport, useImportDraft } from '../../state/import-draft.ts';
import { useCaseState, useDatasets } from '../../state/queries.ts';
import { areImages, arrayName, isUsable, planImport, proposedChoice } from './import-plan.ts';
import type { FileChoice } from './import-plan.ts';
import { Columns, UseChoice } from './TableChoices.tsx';
import './evidence.css';

const describeArray = ({ shape, stored }: EntryProposal): string =>
  `${shape.map(formatCount).join(' × ')}, ${stored}`;

function describeFile(file: FileProposal): string {
  const parts = [formatBytes(file.size)];
  const [only] = file.entries;
  if (file.entries.length === 1) parts.push(describeArray(only));
  else if (file.entries.length > 1) parts.push(plural(file.entries.length, 'array'));
  else if (file.rows !== null) parts.push(plural(file.rows, 'row'));
  return parts.join(', ');
}

/** What each array of a file is; one that is named shows its name and shape. */
function EntryChoices(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly onEntry: (index: number, role: EntryRole | null) => void;
}) {
  const { file, choice } = props;
  if (file.entries.length === 0 && file.columns !== null && file.role !== null) return null;
  if (file.entries.length === 0)
    return (
      <select aria-label={`What ${file.name} is`} value={file.role ?? ''} disabled>
        <option value={file.role ?? ''}>{file.role ?? 'not known'}</option>
      </select>
    );
  return file.entries.map((entry, k) => (
    <div key={entry.name}>
      <select
        aria-label={`What ${arrayName(file, entry)} is`}
        value={choice.entries[k] ?? ''}
        disabled={entry.roles.length === 0 || !choice.include}
        onChange={(event) => {
          const { value } = event.target;
          props.onEntry(k, value === '' ? null : (value as EntryRole));
        }}
      >
        <option value="">{entry.roles.length === 0 ? 'not known' : 'left out'}</option>
        {entry.roles.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
      {entry.name === null ? null : (
        <span className="bz-quiet bz-number">
          {' '}
          {entry.name}, {describeArray(entry)}
        </span>
      )}
    </div>
  ));
}

/** Whether images are the samples themselves, or those that a column of the records names. */
function ImageColumn(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly columns: readonly string[];
  readonly onColumn: (column: string | null) => void;
}) {
  const { file, choice } = props;
  const columns = [...new Set([...props.columns, ...(file.imageColumn === null ? [] : [file.imageColumn])])];
  if (!areImages(file) || columns.length === 0) return null;
  return (
    <select
      aria-label={`Which images of ${file.name} belong to a sample`}
      value={choice.imageColumn ?? '\0'}
      disabled={!choice.include}
      onChange={(event) => {
        const { value } = event.target;
        props.onColumn(value === '\0' ? null : value);
      }}
    >
      {file.columns === null ? null : <option value={'\0'}>each image is a sample</option>}
      {columns.map((column) => (
        <option key={column} value={column}>
          {column === '' ? 'named by the key' : `named in ${column}`}
        </option>
      ))}
    </select>
  );
}

function FileRow(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  /** Columns of the records of the same set. */
  readonly columns: readonly string[];
  readonly onChoice: (part: Partial<FileChoice>) => void;
}) {
  const { file, choice, onChoice } = props;
  return (
    <tr className={choice.include ? undefined : 'bz-left-out'}>
      <td>
        <input
          type="checkbox"
          aria-label={`Import ${file.name}`}
          checked={choice.include}
          disabled={!isUsable(file)}
          onChange={(event) => {
            onChoice({ include: event.target.checked });
          }}
        />
      </td>
      <td>
        <div className="bz-file-name">{file.name}</div>
        <div className="bz-quiet bz-number">{describeFile(file)}</div>
        {file.says.map((said) => (
          <p key={said} className="bz-quiet">
            {said}
          </p>
        ))}
        {file.problem ? <Problem>{file.problem}</Problem> : null}
        {file.findings.map(({ sentence }) =>
          sentence === file.problem ? null : <Problem key={sentence}>{sentence}</Problem>,
        )}
      </td>
      <td>
        {file.columns !== null && file.role !== null && !areImages(file) ? (
          <UseChoice file={file} choice={choice} onChoice={onChoice} />
        ) : null}
        <ImageColumn
          file={file}
          choice={choice}
          columns={props.columns}
          onColumn={(imageColumn) => {
            onChoice({ imageColumn });
          }}
        />
        <EntryChoices
          file={file}
          choice={choice}
          onEntry={(index, role) => {
            onChoice({ entries: choice.entries.map((other, k) => (k === index ? role : other)) });
          }}
        />
      </td>
      <td>
        <select
          aria-label={`The set of ${file.name}`}
          value={choice.dataset}
          disabled={!choice.include}
          onChange={(event) => {
            onChoice({ dataset: event.target.value as DatasetRole });
          }}
        >
          <option value="investigated">investigated</option>
          <option value="trusted">trusted (known clean)</option>
        </select>
      </td>
    </tr>
  );
}

/** What the analyst corrected, by the file's token: it outlives the dialog that is away while more files are looked into. */
const useCorrections = create<Readonly<Partial<Record<string, FileChoice>>>>()(() => ({}));

function ImportForm(props: { readonly files: readonly FileProposal[] }) {
  const { files } = props;
  const corrections = useCorrections();
  const choices = files.map((file) => corrections[file.token] ?? proposedChoice(file));
  const { phase, problems: foreign, offerBuiltInFeatures, error } = useImportDraft();
  const [builtInFeatures, setBuiltInFeatures] = useState(true);
  const [acceptBadRows, setAcceptBadRows] = useState(false);
  const [link, setLink] = useState(true);
  // What a browser uploads lies where it is put away with the window.
  const host = useHost().kind;
  const large =
    host === 'electron' &&
    files.some(({ size, entries }, k) => size > LINK_OVER && entries.length > 0 && choices[k].include);
  const present = new Set(useDatasets().map(({ role }) => role));
  const { datasets, models, problems, notes } = planImport(files, choices, present, acceptBadRows);
  const images = files.some((file, k) => areImages(file) && choices[k].include);
  const records = files.some((file, k) => file.badRows !== 0 && file.columns !== null && choices[k].include);
  const offered =
    offerBuiltInFeatures && !datasets.some(({ arrays }) => arrays.some(({ role }) => role === 'activations'));
  // The engine spoke of its own proposal: once that is corrected, its words are old.
  const corrected = files.some(({ token }) => corrections[token] !== undefined);
  const shown = problems.length === 0 && !corrected ? foreign : problems;
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
          });
      }}
    >
      <DialogBody className="bz-import">
        <table className="bz-table">
          <thead>
            <tr>
              <th aria-label="Import" />
              <th>File</th>
              <th>Is</th>
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
              Leave out {images ? 'images' : 'records'} that cannot be taken{' '}
              <span className="bz-quiet">
                (else one of them refuses the import; they are named either way)
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
        <div aria-live="polite">
          {error === null ? null : <Problem>{error}</Problem>}
          {shown.map((problem) => (
            <Problem key={problem}>{problem}</Problem>
          ))}
          {notes.map((note) => (
            <p key={note} className="bz-quiet">
              {note}
            </p>
          ))}
        </div>
      </DialogBody>
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
        <Button variant="minimal" text="Add more files…" onClick={() => void chooseEvidence()} />
        <Button variant="minimal" text="Add a folder…" onClick={() => void chooseEvidenceFolder()} />
      </DialogFooter>
    </form>
  );
}

/** From dropped files to the import: what each is taken for, to be corrected before anything is imported. */
export function ImportDialog() {
  const { phase, files, fraction } = useImportDraft();
  const open = useCaseState();
  if (phase === 'uploading' || phase === 'looking') {
    return (
      <Dialog
        isOpen
        title={phase === 'uploading' ? 'Taking the files over' : 'Looking into the files'}
        transitionDuration={0}
        isCloseButtonShown={false}
      >
        <DialogBody>
          <ProgressBar value={phase === 'uploading' ? fraction : undefined} stripes={false} />
        </DialogBody>
      </Dialog>
    );
  }
  // The analyst's name comes first: it stands on the import.
  const isOpen = (phase === 'choose' || phase === 'starting') && open?.analyst !== null;
  return (
    <Dialog
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
