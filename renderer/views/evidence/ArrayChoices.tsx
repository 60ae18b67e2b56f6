import type { EntryProposal, EntryRole, FileProposal } from '../../../electron/contract/evidence.ts';
import { formatCount } from '../../components/number-format.ts';
import { arrayName } from './import-plan.ts';
import type { FileChoice } from './import-plan.ts';

const shapeInWords = (shape: readonly number[]): string =>
  shape.length === 0 ? 'one value' : shape.map(formatCount).join(' × ');

const valuesInWords = ({ examples, shape }: EntryProposal): string =>
  examples.length === 0
    ? ''
    : `${examples.join('  ')}${shape.reduce((a, b) => a * b, 1) > examples.length ? ' …' : ''}`;

export function ArrayChoice(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly at: number;
  readonly onEntry: (index: number, role: EntryRole | null) => void;
}) {
  const { file, choice, at } = props;
  const entry = file.entries[at];
  if (entry.roles.length === 0) return <span className="bz-quiet">cannot be taken</span>;
  return (
    <select
      aria-label={`What ${arrayName(file, entry)} is`}
      value={choice.entries[at] ?? ''}
      disabled={!choice.include}
      onChange={(event) => {
        const { value } = event.target;
        props.onEntry(at, value === '' ? null : (value as EntryRole));
      }}
    >
      <option value="">left out</option>
      {entry.roles.map((role) => (
        <option key={role} value={role}>
          {role}
        </option>
      ))}
    </select>
  );
}

/** The arrays of a file that names them: what each is, with its shape and first values. */
export function ArrayTable(props: {
  readonly file: FileProposal;
  readonly choice: FileChoice;
  readonly onEntry: (index: number, role: EntryRole | null) => void;
}) {
  const { file, choice } = props;
  return (
    <section>
      <h3>
        Arrays of {file.name} <span className="bz-quiet">({choice.dataset})</span>
      </h3>
      <table className="bz-table bz-choice-table">
        <thead>
          <tr>
            <th>Array</th>
            <th className="bz-role-cell">Taken as</th>
            <th>Shape</th>
            <th>Stored as</th>
            <th>First values</th>
          </tr>
        </thead>
        <tbody>
          {file.entries.map((entry, at) => (
            <tr key={entry.name} className={choice.entries[at] === null ? 'bz-left-out' : undefined}>
              <td className="bz-mono">{entry.name}</td>
              <td>
                <ArrayChoice file={file} choice={choice} at={at} onEntry={props.onEntry} />
              </td>
              <td className="bz-number bz-nowrap">{shapeInWords(entry.shape)}</td>
              <td className="bz-nowrap">{entry.stored}</td>
              <td className="bz-mono bz-examples" title={entry.problem ?? undefined}>
                {entry.roles.length === 0 ? (entry.problem ?? '') : valuesInWords(entry)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Of a file of one array: its shape, dtype and first values. */
export const describeArray = (entry: EntryProposal): string =>
  [
    `${shapeInWords(entry.shape)} ${entry.stored}`,
    ...(entry.examples.length === 0 ? [] : [valuesInWords(entry)]),
  ].join(', ');
