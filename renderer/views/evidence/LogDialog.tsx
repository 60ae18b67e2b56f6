import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import type {
  LogFieldProposal,
  LogFileProposal,
  LogMapping,
  LogRole,
} from '../../../electron/contract/logs.ts';
import { LogFieldRole } from '../../../electron/contract/logs.ts';
import { formatBytes } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { proposeImport } from '../../state/import-draft.ts';
import { dropLogDraft, importLogs, remapLogs, rereadLogs, useLogDraft } from '../../state/log-draft.ts';
import { useCaseState } from '../../state/queries.ts';
import { ReadingChoices } from './ReadingChoices.tsx';
import './evidence.css';

const roleWords: Readonly<Record<LogFieldRole, string>> = {
  time: 'time',
  'request-id': 'request id',
  'row-in-request': 'row in request',
  model: 'model',
  version: 'version',
  predicted: 'prediction',
  label: 'label (true class)',
  'label-time': 'when the label came',
  score: 'score of a class',
  confidence: 'confidence',
  latency: 'latency',
  resource: 'resource',
  feature: 'feature',
  'sampling-fraction': 'sampled share',
  weight: 'weight',
  ignored: 'ignored',
};

function FileRow(props: { readonly file: LogFileProposal; readonly role: LogRole | undefined }) {
  const { file, role } = props;
  const choose = (next: string): void => {
    const roles = new Map(useLogDraft.getState().roles);
    if (next === 'out') roles.delete(file.token);
    else roles.set(file.token, next as LogRole);
    useLogDraft.setState({ roles });
  };
  return (
    <tr className={role === undefined ? 'bz-left-out' : undefined}>
      <td>
        <div className="bz-file-name">{file.name}</div>
        <div className="bz-quiet bz-number">
          {formatBytes(file.size)}
          {file.compression === null ? '' : `, ${file.compression}`}
        </div>
        {file.problem === null ? null : <Problem>{file.problem}</Problem>}
      </td>
      <td>
        <select
          aria-label={`The days of ${file.name}`}
          value={role ?? 'out'}
          disabled={file.problem !== null}
          onChange={(event) => {
            choose(event.target.value);
          }}
        >
          <option value="baseline">good days</option>
          <option value="log">days in question</option>
          <option value="out">left out</option>
        </select>
      </td>
    </tr>
  );
}

function FieldRow(props: {
  readonly field: LogFieldProposal;
  readonly onRole: (role: LogFieldRole) => void;
}) {
  const { field } = props;
  return (
    <tr className={field.role === 'ignored' ? 'bz-left-out' : undefined}>
      <td className="bz-mono">{field.name}</td>
      <td>
        <select
          aria-label={`What ${field.name} is`}
          value={field.role}
          onChange={(event) => {
            props.onRole(event.target.value as LogFieldRole);
          }}
        >
          {LogFieldRole.options.map((role) => (
            <option key={role} value={role}>
              {roleWords[role]}
            </option>
          ))}
        </select>
      </td>
      <td className="bz-mono bz-examples">{field.examples.join('  ·  ')}</td>
    </tr>
  );
}

function LogForm() {
  const { proposal, files, roles, acceptBadLines, phase, error } = useLogDraft();
  if (!proposal) return null;
  const mapping = proposal.mapping;
  const asTime = proposal.fields.filter(({ role }) => role === 'time').length;
  const problems = [
    ...proposal.problems,
    ...(asTime === 1
      ? []
      : [asTime === 0 ? 'No field is taken as the time.' : 'Two fields are taken as the time.']),
    ...(roles.size === 0 ? ['Every file is left out.'] : []),
  ];
  const ready = mapping !== null && asTime === 1 && roles.size > 0 && phase === 'choose';
  const change = (at: number, role: LogFieldRole): void => {
    if (mapping === null) return;
    const fields = mapping.fields.map((field) =>
      field.path.join('\0') === proposal.fields[at].path.join('\0') ? { ...field, role } : field,
    );
    void remapLogs({ ...mapping, fields } satisfies LogMapping);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void importLogs();
      }}
    >
      <DialogBody className="bz-import">
        <table className="bz-table bz-choice-table">
          <thead>
            <tr>
              <th>File</th>
              <th className="bz-role-cell">Holds</th>
            </tr>
          </thead>
          <tbody>
            {proposal.files.map((file) => (
              <FileRow
                key={`${file.token} ${file.name}`}
                file={file}
                role={file.problem === null ? roles.get(file.token) : undefined}
              />
            ))}
          </tbody>
        </table>
        <h3>
          Fields of a request{' '}
          <span className="bz-quiet">
            {mapping ? `read as ${mapping.format}` : ''}
            {proposal.remembered ? ', as you chose for logs like this' : ''}
          </span>
        </h3>
        <ReadingChoices
          name="the log"
          reading={proposal.reading}
          onReading={(part) => {
            void rereadLogs(part);
          }}
        />
        <table className="bz-table bz-choice-table">
          <thead>
            <tr>
              <th>Field</th>
              <th className="bz-role-cell">Taken as</th>
              <th>First values</th>
            </tr>
          </thead>
          <tbody>
            {proposal.fields.map((field, at) => (
              <FieldRow
                key={field.path.join('\0')}
                field={field}
                onRole={(role) => {
                  change(at, role);
                }}
              />
            ))}
          </tbody>
        </table>
        <label className="bz-check">
          <input
            type="checkbox"
            checked={acceptBadLines}
            onChange={(event) => {
              useLogDraft.setState({ acceptBadLines: event.target.checked });
            }}
          />
          <span>
            Import around lines that cannot be read{' '}
            <span className="bz-quiet">(they are counted and listed; otherwise one refuses the import)</span>
          </span>
        </label>
      </DialogBody>
      <div className="bz-import-says" aria-live="polite">
        {error === null ? null : <Problem>{error}</Problem>}
        {problems.map((problem) => (
          <Problem key={problem}>{problem}</Problem>
        ))}
      </div>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={dropLogDraft} />
            <Button
              type="submit"
              intent="primary"
              text="Import"
              autoFocus
              loading={phase === 'starting'}
              disabled={!ready}
            />
          </>
        }
      >
        <Button
          variant="minimal"
          text="These are records of samples"
          onClick={() => {
            dropLogDraft();
            void proposeImport(files.map(({ token }) => token));
          }}
        />
      </DialogFooter>
    </form>
  );
}

/** From dropped logs to the import: which days they hold and what their fields mean, corrected once. */
export function LogDialog() {
  const phase = useLogDraft((s) => s.phase);
  const open = useCaseState();
  // The analyst's name comes first: it stands on the import.
  const isOpen = phase !== 'idle' && open?.analyst !== null;
  return (
    <Dialog
      isOpen={isOpen}
      title="Production logs"
      onClose={dropLogDraft}
      canOutsideClickClose={false}
      className="bz-import-dialog"
      shouldReturnFocusOnClose
      transitionDuration={0}
    >
      {isOpen ? <LogForm /> : null}
    </Dialog>
  );
}
