import { useState } from 'react';
import type { DatasetRole, FileProposal } from '../../../electron/contract/evidence.ts';
import { formatBytes, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { sayFailure } from '../../state/toasts.ts';
import { ArrayChoice, describeArray } from './ArrayChoices.tsx';
import { areImages, isUsable, namesArrays } from './import-plan.ts';
import type { FileChoice } from './import-plan.ts';
import { UseChoice } from './TableChoices.tsx';

function describeFile(file: FileProposal): string {
  const parts = [formatBytes(file.size)];
  if (file.compression !== null) parts.push(`packed with ${file.compression}`);
  if (namesArrays(file)) parts.push(plural(file.entries.length, 'array'));
  else if (file.entries.length === 1) parts.push(describeArray(file.entries[0]));
  else if (file.rows !== null && file.says.length === 0) parts.push(plural(file.rows, 'row'));
  return parts.join(', ');
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

/** What is found in a file that is not imported can stand in the case all the same, with the file's hash. */
function KeepFindings(props: { readonly file: FileProposal }) {
  const { token, name } = props.file;
  const [state, setState] = useState<'ready' | 'keeping' | 'kept'>('ready');
  const keep = async (): Promise<void> => {
    setState('keeping');
    try {
      await currentHost().call('evidence/keep-findings', { files: [token] });
      setState('kept');
    } catch (error) {
      setState('ready');
      sayFailure(error);
    }
  };
  // The button stays when it has done its work: the focus is on it.
  return (
    <button
      type="button"
      className="bz-link"
      aria-disabled={state !== 'ready'}
      onClick={() => {
        if (state === 'ready') void keep();
      }}
    >
      {state === 'kept'
        ? 'Kept in the case, with the file’s hash'
        : `Keep what was found in ${name} in the case`}
    </button>
  );
}

/** What the file as a whole is taken for; null where its table of arrays says it. */
function Taken(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly columns: readonly string[];
  readonly onChoice: (part: Partial<FileChoice>) => void;
}) {
  const { file, choice, onChoice } = props;
  if (!isUsable(file))
    return (
      <span className="bz-tag bz-tone-alarm">
        <span aria-hidden="true">▲</span> refused
      </span>
    );
  if (file.role === 'model') return <>model</>;
  if (namesArrays(file) && file.columns === null) return <span className="bz-quiet">arrays, below</span>;
  return (
    <>
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
      {namesArrays(file)
        ? null
        : file.entries.map((entry, at) => (
            <ArrayChoice
              key={entry.name}
              file={file}
              choice={choice}
              at={at}
              onEntry={(index, role) => {
                onChoice({ entries: choice.entries.map((other, k) => (k === index ? role : other)) });
              }}
            />
          ))}
    </>
  );
}

/** A file of the drop: whether it is imported, what it is, where it belongs. */
export function FileRow(props: {
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
          <div key={said} className="bz-quiet">
            {said}
          </div>
        ))}
        {file.remembered ? (
          <div className="bz-quiet">Taken as you took the last file of this kind.</div>
        ) : null}
        {file.problem ? <Problem>{file.problem}</Problem> : null}
        {file.findings.map(({ sentence }) =>
          sentence === file.problem ? null : <Problem key={sentence}>{sentence}</Problem>,
        )}
        {file.findings.length > 0 && !choice.include ? <KeepFindings file={file} /> : null}
      </td>
      <td className="bz-role-cell">
        <Taken {...props} />
      </td>
      <td className="bz-set-cell">
        {isUsable(file) && file.role !== 'model' ? (
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
        ) : null}
      </td>
    </tr>
  );
}
