import type { ColumnRole, FileProposal, TextReading } from '../../../electron/contract/evidence.ts';
import { ColumnRole as ColumnRoles } from '../../../electron/contract/evidence.ts';
import { BadRows } from '../../components/BadRows.tsx';
import type { FileChoice, FileUse } from './import-plan.ts';

const uses: readonly { readonly value: FileUse; readonly label: string }[] = [
  { value: 'records', label: 'records' },
  { value: 'part', label: 'further part of the records' },
  { value: 'table', label: 'table beside the records' },
];

/** What a file of records is among the files of its set, and how a table is joined to them. */
export function UseChoice(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly onChoice: (part: Partial<FileChoice>) => void;
}) {
  const { file, choice, onChoice } = props;
  return (
    <>
      <select
        aria-label={`What ${file.name} is`}
        value={choice.use}
        disabled={!choice.include}
        onChange={(event) => {
          onChoice({ use: event.target.value as FileUse });
        }}
      >
        {uses.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {choice.use === 'table' ? (
        <select
          aria-label={`How ${file.name} is joined`}
          value={choice.key ?? ''}
          disabled={!choice.include}
          onChange={(event) => {
            onChoice({ key: event.target.value === '' ? null : event.target.value });
          }}
        >
          <option value="">row by row</option>
          {file.columns?.map(({ name }) => (
            <option key={name} value={name}>
              {`by ${name}`}
            </option>
          ))}
        </select>
      ) : null}
    </>
  );
}

interface Option {
  readonly name: keyof TextReading;
  readonly label: string;
  readonly values: readonly { readonly value: string; readonly label: string }[];
}

const options: readonly Option[] = [
  {
    name: 'encoding',
    label: 'Encoding',
    values: [
      { value: 'utf-8', label: 'UTF-8' },
      { value: 'utf-16le', label: 'UTF-16, little-endian' },
      { value: 'utf-16be', label: 'UTF-16, big-endian' },
      { value: 'windows-1252', label: 'Windows-1252 (Latin-1)' },
    ],
  },
  {
    name: 'delimiter',
    label: 'Cells apart by',
    values: [
      { value: ',', label: 'commas' },
      { value: ';', label: 'semicolons' },
      { value: '\t', label: 'tabs' },
      { value: '|', label: 'vertical bars' },
    ],
  },
  {
    name: 'quote',
    label: 'Wrapped in',
    values: [
      { value: '"', label: 'quotation marks' },
      { value: "'", label: 'apostrophes' },
      { value: 'none', label: 'nothing' },
    ],
  },
  {
    name: 'escape',
    label: 'A mark in a cell',
    values: [
      { value: 'doubled', label: 'stands twice' },
      { value: 'backslash', label: 'follows a backslash' },
    ],
  },
  {
    name: 'decimal',
    label: 'Decimals after',
    values: [
      { value: '.', label: 'a point' },
      { value: ',', label: 'a comma' },
    ],
  },
  {
    name: 'header',
    label: 'First line',
    values: [
      { value: 'true', label: 'column names' },
      { value: 'false', label: 'a record' },
    ],
  },
];

/** How the text of a file is written: looked into again when one of it is changed. */
function ReadingChoices(props: {
  readonly file: FileProposal;
  readonly onReading: (part: TextReading) => void;
}) {
  const { reading, name } = props.file;
  const shown = options.filter((option) => reading?.[option.name] !== undefined);
  if (reading === null || shown.length === 0) return null;
  return (
    <details className="bz-reading">
      <summary>How its text is written</summary>
      <div>
        {shown.map((option) => (
          <label key={option.name}>
            {option.label}{' '}
            <select
              aria-label={`${option.label}, of ${name}`}
              value={String(reading[option.name])}
              onChange={({ target: { value } }) => {
                props.onReading({ [option.name]: option.name === 'header' ? value === 'true' : value });
              }}
            >
              {option.values.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </details>
  );
}

/** The columns of a file of records, and how its text is written. */
export function Columns(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly onColumn: (index: number, role: ColumnRole) => void;
  readonly onReading: (part: TextReading) => void;
}) {
  const { file, choice } = props;
  return (
    <section>
      <h3>
        Columns of {file.name} <span className="bz-quiet">({choice.dataset})</span>
      </h3>
      <ReadingChoices file={file} onReading={props.onReading} />
      {file.badRows !== null && file.badRows > 0 ? (
        <div>
          <p>Records that cannot be taken:</p>
          <BadRows rows={file.firstBadRows} count={file.badRows} />
        </div>
      ) : null}
      <table className="bz-table bz-choice-table">
        <thead>
          <tr>
            <th>Column</th>
            <th className="bz-role-cell">Taken as</th>
            <th>First cells</th>
          </tr>
        </thead>
        <tbody>
          {file.columns?.map((column, k) => (
            <tr
              key={column.name}
              className={choice.columns[k].role === 'ignored' ? 'bz-left-out' : undefined}
            >
              <td className="bz-mono">{column.name}</td>
              <td>
                <select
                  disabled={!choice.include}
                  aria-label={`What column ${column.name} of ${file.name} is`}
                  value={choice.columns[k].role}
                  onChange={(event) => {
                    props.onColumn(k, event.target.value as ColumnRole);
                  }}
                >
                  {ColumnRoles.options.map((role) => (
                    <option key={role} value={role}>
                      {role}
                    </option>
                  ))}
                </select>
              </td>
              <td className="bz-mono bz-examples">{column.examples.join('  ·  ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
