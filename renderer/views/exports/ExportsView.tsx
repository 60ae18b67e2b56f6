import { Button } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import type { ExportKind, ExportPreview, ExportRecord } from '../../../electron/contract/exports.ts';
import { PORTABLE_CASE } from '../../../electron/contract/exports.ts';
import type { FileGrant } from '../../../electron/contract/host.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatCount, formatTime, plural } from '../../components/number-format.ts';
import { Counts, type Count } from '../../components/Counts.tsx';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScanId, useCall, useCaseState } from '../../state/queries.ts';
import { useStartedJob } from '../../state/started-job.ts';
import { say, sayFailure } from '../../state/toasts.ts';
import { exportKinds, portableTitle, suggestedName } from './export-kinds.ts';
import './exports.css';

async function write(kind: ExportKind, scan: number | null, name: string): Promise<void> {
  const host = currentHost();
  try {
    const target = await host.saveFile('export', name);
    if (target === null) return;
    const record = await host.call('export/write', { kind, scan, target: target.token });
    await host.delivered(target);
    say(`${target.name} is written, ${formatBytes(record.bytes)}.`);
  } catch (error) {
    sayFailure(error);
  }
}

function Balance(props: { readonly preview: ExportPreview }) {
  const { preview } = props;
  const counts: readonly Count[] = [
    ['Samples', preview.total, 'in the investigated set'],
    ['Removed', preview.poison, 'verdict poison, nothing else'],
    ['Kept', preview.kept, 'everything else'],
    ['Unsure', preview.unsure, 'kept and listed apart'],
    ['Undecided', preview.undecided, 'suspects without a verdict: kept and listed apart'],
  ];
  return <Counts counts={counts} className="bz-balance" />;
}

const titleOf = (kind: ExportRecord['kind']): string | undefined =>
  kind === PORTABLE_CASE ? portableTitle : exportKinds.find((one) => one.kind === kind)?.title;

function Written() {
  const { data } = useCall('export/list', {});
  if (!data || data.length === 0) return null;
  return (
    <section className="bz-section">
      <h2>Written so far</h2>
      <div className="bz-scroll-x">
        <table className="bz-table">
          <thead>
            <tr>
              <th>File</th>
              <th>Is</th>
              <th className="bz-right">Size</th>
              <th>SHA-256</th>
              <th>Audit head</th>
              <th>By</th>
              <th>When</th>
            </tr>
          </thead>
          <tbody>
            {[...data]
              .sort((a, b) => b.atMs - a.atMs)
              .map((record) => (
                <tr key={`${record.sha256} ${record.atMs} ${record.name}`}>
                  <td>{record.name}</td>
                  <td>{titleOf(record.kind)}</td>
                  <td className="bz-number bz-right">{formatBytes(record.bytes)}</td>
                  <td>
                    <Hash value={record.sha256} what="SHA-256" />
                  </td>
                  <td>
                    <Hash value={record.auditHead} what="Audit head" />
                  </td>
                  <td>{record.who}</td>
                  <td className="bz-number">{formatTime(record.atMs)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** A case of its own with what was decided and cited; a job, for its matrices may be large. */
function PortableCase(props: { readonly preview: ExportPreview; readonly caseName: string }) {
  const { cited, total } = props.preview;
  const target = useRef<FileGrant | null>(null);
  const writing = useStartedJob(() => {
    const written = target.current;
    if (written !== null) currentHost().delivered(written).catch(sayFailure);
  });
  const start = async (): Promise<void> => {
    try {
      const host = currentHost();
      target.current = await host.saveFile('export', suggestedName(props.caseName, '-portable.bezoar'));
      if (target.current === null) return;
      writing.start(host.call('export/portable', { target: target.current.token }));
    } catch (error) {
      sayFailure(error);
    }
  };
  return (
    <li>
      <div>
        <h2>{portableTitle}</h2>
        <p className="bz-quiet">
          A case of its own with the samples that have a verdict or a note or belong to a structure judged
          natural, their activations and images, and the evidence by its hashes. Whoever has the evidence
          compares it with their case and takes the verdicts over. Analyses cannot be run again on it.
        </p>
      </div>
      <span className="bz-number bz-export-holds">
        {formatCount(cited)} of {plural(total, 'sample')}
      </span>
      {writing.job === null ? (
        <Button
          size="small"
          text="Write…"
          aria-label={`Write ${portableTitle}`}
          disabled={cited === 0}
          onClick={() => void start()}
        />
      ) : (
        <Button size="small" text="Cancel" aria-label={`Cancel ${portableTitle}`} onClick={writing.cancel} />
      )}
    </li>
  );
}

/** What leaves the case: each export with what it would hold now. */
export function ExportsView() {
  const scan = useActiveScanId();
  const open = useCaseState();
  const { data: preview, error } = useCall('export/preview', { scan });
  const [writing, setWriting] = useState<ExportKind | null>(null);
  return (
    <div className="bz-view">
      <header className="bz-view-head">
        <h1>Exports</h1>
        <span className="bz-quiet">
          Each file is written whole or not at all, and carries the audit head.
        </span>
      </header>
      {error ? <Problem error={error} /> : null}
      {preview ? (
        <>
          <p className="bz-lead">{preview.sentence}</p>
          <Balance preview={preview} />
          <ul className="bz-export-list">
            {exportKinds.map((entry) => (
              <li key={entry.kind}>
                <div>
                  <h2>{entry.title}</h2>
                  <p className="bz-quiet">{entry.what}</p>
                </div>
                <span className="bz-number bz-export-holds">{entry.holds(preview)}</span>
                <Button
                  size="small"
                  text="Write…"
                  aria-label={`Write ${entry.title}`}
                  loading={writing === entry.kind}
                  disabled={writing !== null}
                  onClick={() => {
                    setWriting(entry.kind);
                    void write(entry.kind, scan, suggestedName(open?.name ?? '', entry.ending)).finally(
                      () => {
                        setWriting(null);
                      },
                    );
                  }}
                />
              </li>
            ))}
            <PortableCase preview={preview} caseName={open?.name ?? ''} />
          </ul>
        </>
      ) : null}
      <Written />
    </div>
  );
}
