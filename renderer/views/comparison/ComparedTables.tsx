import type { ComparedEvidence, ComparedSample } from '../../../electron/contract/comparison.ts';
import type { Verdict, VerdictEntry } from '../../../electron/contract/samples.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatTime } from '../../components/number-format.ts';
import { VerdictTag } from '../../components/VerdictTag.tsx';
import type { Choice, Side } from './comparison-choice.ts';

const whereWords = { both: 'in both cases', ours: 'only here', theirs: 'only there' } as const;

export function EvidenceTable(props: { readonly evidence: readonly ComparedEvidence[] }) {
  return (
    <table className="bz-table bz-table-dense">
      <thead>
        <tr>
          <th>File</th>
          <th>Is</th>
          <th>Set</th>
          <th>SHA-256</th>
          <th>Where</th>
        </tr>
      </thead>
      <tbody>
        {props.evidence.map((file) => (
          <tr key={`${file.where} ${file.set} ${file.role} ${file.entry ?? ''} ${file.sha256}`}>
            <td className="bz-file-name">
              {file.name}
              {file.entry === null ? null : <span className="bz-quiet">: {file.entry}</span>}
            </td>
            <td>{file.role}</td>
            <td>{file.set}</td>
            <td>
              <Hash value={file.sha256} what="SHA-256" />
            </td>
            <td>
              <span aria-hidden="true">{file.where === 'both' ? '=' : '≠'}</span> {whereWords[file.where]}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Entry(props: { readonly entry: VerdictEntry | null }) {
  const { entry } = props;
  if (entry === null) return null;
  return (
    <>
      <VerdictTag verdict={entry.verdict} />{' '}
      <span className="bz-quiet">
        {entry.who}, {formatTime(entry.atMs)}
      </span>
      {entry.reason === '' ? null : <div className="bz-compared-why">{entry.reason}</div>}
    </>
  );
}

/** Samples that both cases decided, and differently: whose verdict holds is said for each. */
export function ConflictTable(props: {
  readonly samples: readonly ComparedSample[];
  readonly choice: Choice;
  readonly onDecide: (row: number, side: Side) => void;
}) {
  const { choice } = props;
  return (
    <table className="bz-table bz-table-dense" aria-label="Conflicts">
      <thead>
        <tr>
          <th>Sample</th>
          <th>Label</th>
          <th>Here</th>
          <th>There</th>
          <th>Holds</th>
        </tr>
      </thead>
      <tbody>
        {props.samples.map(({ row, key, label, ours, theirs }) => (
          <tr key={row}>
            <td className="bz-mono">{key}</td>
            <td>{label}</td>
            <td>
              <Entry entry={ours} />
            </td>
            <td>
              <Entry entry={theirs} />
            </td>
            <td>
              <select
                aria-label={`Whose verdict on ${key} holds`}
                value={choice.conflicts.get(row) ?? choice.otherwise ?? ''}
                onChange={(event) => {
                  props.onDecide(row, event.target.value as Side);
                }}
              >
                <option value="" disabled>
                  not decided
                </option>
                <option value="ours">keep ours</option>
                <option value="theirs">take theirs</option>
              </select>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Samples decided there alone. */
export function FreshTable(props: {
  readonly samples: readonly ComparedSample[];
  readonly choice: Choice;
  readonly onTake: (row: number, verdict: Verdict, take: boolean) => void;
}) {
  const { choice } = props;
  return (
    <table className="bz-table bz-table-dense" aria-label="Decided there alone">
      <thead>
        <tr>
          <th>Take</th>
          <th>Sample</th>
          <th>Label</th>
          <th>There</th>
        </tr>
      </thead>
      <tbody>
        {props.samples.map(({ row, key, label, theirs }) => {
          const verdict = theirs?.verdict ?? null;
          if (verdict === null) return null;
          return (
            <tr key={row}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Take the verdict on ${key} over`}
                  disabled={!choice.kinds.has(verdict)}
                  checked={choice.kinds.has(verdict) && !choice.leftOut.has(row)}
                  onChange={(event) => {
                    props.onTake(row, verdict, event.target.checked);
                  }}
                />
              </td>
              <td className="bz-mono">{key}</td>
              <td>{label}</td>
              <td>
                <Entry entry={theirs} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function NoteTable(props: { readonly samples: readonly ComparedSample[] }) {
  return (
    <table className="bz-table bz-table-dense" aria-label="Notes there">
      <thead>
        <tr>
          <th>Sample</th>
          <th>Label</th>
          <th>Note</th>
          <th>By</th>
        </tr>
      </thead>
      <tbody>
        {props.samples.map(({ row, key, label, note }) =>
          note === null ? null : (
            <tr key={row}>
              <td className="bz-mono">{key}</td>
              <td>{label}</td>
              <td className="bz-compared-note">{note.text}</td>
              <td>{note.who}</td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}
