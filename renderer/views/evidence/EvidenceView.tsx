import { Button } from '@blueprintjs/core';
import type { Evidence } from '../../../electron/contract/evidence.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatCount, formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { chooseEvidence, chooseEvidenceFolder } from '../../state/case-doors.ts';
import { useDialogs } from '../../state/dialogs.ts';
import { useHost } from '../../state/host-context.ts';
import { useCall, useDatasets } from '../../state/queries.ts';
import { BuildFeatures } from '../../components/BuildFeatures.tsx';
import { ClassCounts } from './ClassCounts.tsx';
import { LeftOut } from './LeftOut.tsx';
import { Models } from './Models.tsx';
import { LinkedFile } from './LinkedFile.tsx';
import { Question } from './Question.tsx';
import { RefusedFindings } from './RefusedFindings.tsx';
import { reportInWords } from './report-words.ts';
import './evidence.css';

function EvidenceRow(props: { readonly evidence: Evidence }) {
  const { evidence } = props;
  return (
    <tr className={evidence.superseded ? 'bz-left-out' : undefined}>
      <td>
        {evidence.name}
        {evidence.entry === null ? null : <span className="bz-quiet">: {evidence.entry}</span>}
        {evidence.builtIn === null ? null : <div className="bz-quiet">{evidence.builtIn}</div>}
        {evidence.report === null
          ? null
          : reportInWords(evidence.report).map((line) => (
              <div key={line} className="bz-quiet">
                {line}
              </div>
            ))}
        <LeftOut evidence={evidence} />
        {evidence.notes.map((note) => (
          <div key={note} className="bz-quiet">
            {note}
          </div>
        ))}
        {evidence.link === null ? null : <LinkedFile evidence={evidence.id} link={evidence.link} />}
        {evidence.findings.map(({ sentence }) => (
          <Problem key={sentence}>{sentence}</Problem>
        ))}
      </td>
      <td>{evidence.role}</td>
      <td>
        {evidence.dataset ?? 'log'}
        {evidence.superseded ? ' (superseded)' : ''}
      </td>
      <td className="bz-number bz-right">{formatCount(evidence.rows)}</td>
      <td className="bz-number bz-nowrap">
        {evidence.shape
          ? `${evidence.shape.map(formatCount).join(' × ')} ${evidence.dtype ?? ''}`
          : evidence.format}
      </td>
      <td className="bz-number bz-right bz-nowrap">{formatBytes(evidence.size)}</td>
      <td>
        <Hash value={evidence.sha256} what="SHA-256" />
      </td>
      <td className="bz-nowrap">{evidence.importedBy}</td>
      <td className="bz-number bz-nowrap">{formatTime(evidence.importedAtMs)}</td>
    </tr>
  );
}

function AddButtons() {
  const { folder } = useHost();
  const show = useDialogs((s) => s.show);
  return (
    <>
      <Button intent="primary" text="Add files…" onClick={() => void chooseEvidence()} />
      <Button text="Add folder…" onClick={() => void chooseEvidenceFolder()} />
      {folder === null ? null : (
        <Button
          text="From the served folder…"
          onClick={() => {
            show('folder-evidence');
          }}
        />
      )}
    </>
  );
}

/** What the case stands on: the files with their hashes, and the sets made of them. */
export function EvidenceView() {
  const { data, error } = useCall('evidence/list', {});
  const datasets = useDatasets();
  const trusted = datasets.some(({ role }) => role === 'trusted');
  const builtIn = datasets.some(({ matrices }) => matrices.some((matrix) => matrix.builtIn !== null));
  if (error) return <Problem error={error} />;
  if (!data) return null;
  if (data.length === 0) {
    return (
      <div className="bz-view">
        <EmptyState title="Drop activations and records here" actions={<AddButtons />}>
          <p>
            Activations as .npy, .npz, .safetensors, .pt or .h5, records as .csv, .jsonl, .parquet or .arrow:
            what each file is, is told from its content. Images let you look at the samples. A trusted set, a
            hold-out known to be clean, lets Bezoar give a certificate instead of a ranking. Nothing is
            imported before you have confirmed what each file is. A folder of images, one folder a class, is
            enough to begin with.
          </p>
        </EmptyState>
        <RefusedFindings />
        <Models />
      </div>
    );
  }
  return (
    <div className="bz-view">
      <header className="bz-view-head">
        <h1>Evidence</h1>
        <span className="bz-spring" />
        <AddButtons />
      </header>
      <Question />
      <div className="bz-scroll-x">
        <table className="bz-table bz-table-dense">
          <thead>
            <tr>
              <th>File</th>
              <th>Is</th>
              <th>Set</th>
              <th className="bz-right">Rows</th>
              <th>Shape</th>
              <th className="bz-right">Size</th>
              <th>SHA-256</th>
              <th>By</th>
              <th>Imported</th>
            </tr>
          </thead>
          <tbody>
            {data.map((evidence) => (
              <EvidenceRow key={evidence.id} evidence={evidence} />
            ))}
          </tbody>
        </table>
      </div>
      <BuildFeatures />
      {trusted ? null : (
        <p className="bz-advice">
          {builtIn
            ? 'No trusted set: on built-in features nothing can alarm without one. Drop a hold-out known to be clean, of the same kind, to change that.'
            : 'No trusted set: alarms then rest on wrong labels and on groups inside a class alone, and how small a share would be seen cannot be said. Drop activations and records of a hold-out known to be clean to change that.'}
        </p>
      )}
      <RefusedFindings />
      <Models />
      <ClassCounts datasets={datasets} />
    </div>
  );
}
