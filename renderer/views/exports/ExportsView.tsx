import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ExportKind, ExportPreview } from '../../../electron/contract/exports.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatCount, formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScanId, useCall, useCaseState } from '../../state/queries.ts';
import { say, sayFailure } from '../../state/toasts.ts';
import { exportKinds, suggestedName } from './export-kinds.ts';
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
  const cells: readonly (readonly [string, number, string])[] = [
    ['Samples', preview.total, 'in the investigated set'],
    ['Removed', preview.poison, 'verdict poison, nothing else'],
    ['Kept', preview.kept, 'everything else'],
    ['Unsure', preview.unsure, 'kept and listed apart'],
    ['Undecided', preview.undecided, 'suspects without a verdict: kept and listed apart'],
  ];
  return (
    <dl className="bz-balance">
      {cells.map(([name, count, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="bz-number">{formatCount(count)}</dd>
          <dd className="bz-quiet">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

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
                  <td>{exportKinds.find(({ kind }) => kind === record.kind)?.title}</td>
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
          </ul>
        </>
      ) : null}
      <Written />
    </div>
  );
}
