import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { formatDuration, formatTime, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { chooseEvidence } from '../../state/case-doors.ts';
import { useActiveScan, useActiveScanId, useCaseState, useScans } from '../../state/queries.ts';
import { Agreement } from './Agreement.tsx';
import { ClassLine } from './ClassLine.tsx';
import { CompareScans } from './CompareScans.tsx';
import { byUrgency, sentenceOfScan, toneOf } from './finding-words.ts';
import { FlipMatrix } from './FlipMatrix.tsx';
import { Ledger } from './Ledger.tsx';
import { ScanForm } from './ScanForm.tsx';
import { ScanRecord } from './ScanRecord.tsx';
import './findings.css';

function Findings(props: { readonly scan: ScanDetail }) {
  const { scan } = props;
  const ordered = byUrgency(scan.classes);
  const [open, setOpen] = useState<ReadonlySet<number>>(
    () =>
      new Set(
        ordered
          .filter(({ decision }) => decision === 'alarm')
          .map(({ classIndex }) => classIndex)
          .slice(0, 1),
      ),
  );
  return (
    <>
      <p className={`bz-verdict-line bz-verdict-${toneOf(scan.classes)}`}>{sentenceOfScan(scan)}</p>
      <ul className="bz-findings" aria-label="Findings by class">
        {ordered.map((finding) => (
          <ClassLine
            key={finding.classIndex}
            scan={scan}
            finding={finding}
            open={open.has(finding.classIndex)}
            onToggle={() => {
              const next = new Set(open);
              if (!next.delete(finding.classIndex)) next.add(finding.classIndex);
              setOpen(next);
            }}
          />
        ))}
      </ul>
      {scan.notes.length > 0 ? (
        <details className="bz-agreement">
          <summary>
            {plural(scan.notes.length, 'note')} <span className="bz-quiet">of the scan and its methods</span>
          </summary>
          <ul className="bz-advice bz-notes" aria-label="Notes of the scan">
            {scan.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

/** One line a class in words, and the scans that they come from. */
export function FindingsView() {
  const counts = useCaseState()?.counts;
  const scans = useScans();
  const active = useActiveScanId();
  const scan = useActiveScan();
  const [panel, setPanel] = useState<'none' | 'scan' | 'compare'>('none');
  if (!counts) return null;
  if (counts.investigated === 0) {
    return (
      <div className="bz-view">
        <EmptyState
          title="Nothing to scan yet"
          actions={<Button intent="primary" text="Add files…" onClick={() => void chooseEvidence()} />}
        >
          <p>Drop activations and records on this window. The scan is then one key: S.</p>
        </EmptyState>
      </div>
    );
  }
  if (scans.length === 0) {
    return (
      <div className="bz-view">
        <header className="bz-view-head">
          <h1>Not scanned yet</h1>
        </header>
        <ScanForm />
      </div>
    );
  }
  const toggle = (which: 'scan' | 'compare'): void => {
    setPanel(panel === which ? 'none' : which);
  };
  const summary = scans.find(({ id }) => id === active);
  return (
    <div className="bz-view">
      <header className="bz-view-head">
        <h1>Findings</h1>
        {summary ? (
          <span className="bz-quiet bz-number">
            scan #{summary.id}, {formatTime(summary.startedAtMs)}, {formatDuration(summary.milliseconds)}, by{' '}
            {summary.startedBy}
          </span>
        ) : null}
        {summary?.builtIn ? (
          <span className="bz-tag bz-tone-caution" title={summary.builtIn}>
            ◆ built-in features, not the model’s
          </span>
        ) : null}
        {summary?.stale ? <span className="bz-tag bz-tone-caution">◆ stale</span> : null}
        <span className="bz-spring" />
        <Button
          size="small"
          text="Scan again…"
          aria-expanded={panel === 'scan'}
          onClick={() => {
            toggle('scan');
          }}
        />
        <Button
          size="small"
          text="Compare…"
          disabled={scans.length < 2}
          aria-expanded={panel === 'compare'}
          title={scans.length < 2 ? 'There is one scan only' : undefined}
          onClick={() => {
            toggle('compare');
          }}
        />
      </header>
      {panel === 'scan' ? (
        <ScanForm
          onStarted={() => {
            setPanel('none');
          }}
        />
      ) : null}
      {panel === 'compare' && scans.length > 1 ? <CompareScans scans={scans} /> : null}
      {summary?.staleReason ? (
        <Problem>
          {summary.staleReason} What is shown belongs to the older files; scan again to bring it up to date.
        </Problem>
      ) : null}
      {scan ? <Findings key={scan.id} scan={scan} /> : null}
      {scan ? <Agreement key={`agreement ${scan.id}`} scan={scan} /> : null}
      {scan ? <FlipMatrix key={`flips ${scan.id}`} scan={scan} /> : null}
      <Ledger />
      {scan ? <ScanRecord scan={scan} /> : null}
    </div>
  );
}
