import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { EmptyState } from '../../components/EmptyState.tsx';
import { formatDuration, formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { chooseEvidence } from '../../state/case-doors.ts';
import { useActiveMonitorRun, useCall, useCaseState, useMonitorRuns } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { shortTime } from './alert-words.ts';
import { BaselinePanel } from './BaselinePanel.tsx';
import { DrillPanel } from './DrillPanel.tsx';
import { FollowPanel } from './FollowPanel.tsx';
import { IncidentPanel } from './IncidentPanel.tsx';
import { RulesPanel } from './RulesPanel.tsx';
import { RunFindings } from './RunFindings.tsx';
import { RunForm } from './RunForm.tsx';
import './monitor.css';

const panels = {
  judge: { title: 'Judge logs…', Panel: RunForm },
  baselines: { title: 'Baselines…', Panel: BaselinePanel },
  incidents: { title: 'Incidents…', Panel: IncidentPanel },
  drill: { title: 'Drill…', Panel: DrillPanel },
  follow: { title: 'Follow…', Panel: FollowPanel },
  rules: { title: 'Rules…', Panel: RulesPanel },
} as const;
type PanelId = keyof typeof panels;

function RunSelect() {
  const runs = useMonitorRuns();
  const active = useActiveMonitorRun();
  const set = useViewState((s) => s.set);
  if (!active) return null;
  return (
    <label className="bz-field bz-field-inline">
      <span className="bz-visually-hidden">Run shown</span>
      <select
        title={`${formatTime(active.startedAtMs)}, ${formatDuration(active.milliseconds)}, by ${active.startedBy}`}
        value={active.id}
        onChange={(event) => {
          const id = Number(event.target.value);
          set({ monitorRun: id === runs[0]?.id ? null : id, span: null, alert: null });
        }}
      >
        {runs.map((run) => (
          <option key={run.id} value={run.id}>
            {`#${run.id}  ${shortTime(run.fromMs)} to ${shortTime(run.toMs)}${run.stale ? '  (stale)' : ''}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Did the model's behaviour change, when, on which class, is it an attack or the weather, which requests caused it. */
export function MonitorView() {
  const open = useCaseState();
  const logs = useCall('log/list', open ? {} : null).data;
  const run = useActiveMonitorRun();
  const baselines = useCall('baseline/list', open ? {} : null).data;
  const [panel, setPanel] = useState<PanelId | null>(null);
  if (!open || !logs || !baselines) return null;
  if (logs.length === 0 && !run)
    return (
      <div className="bz-view">
        <EmptyState
          title="No production log yet"
          actions={<Button intent="primary" text="Add logs…" onClick={() => void chooseEvidence()} />}
        >
          <p>
            Drop the inference logs of some good weeks and of the days in question on this window: JSON Lines,
            CSV, Parquet or Arrow, one request a line, also packed. Four weeks of good days make the promise
            about false alarms hold.
          </p>
        </EmptyState>
      </div>
    );
  const shown = panel ?? (run ? null : 'judge');
  const Panel = shown === null ? null : panels[shown].Panel;
  return (
    <div className="bz-view bz-monitor">
      <header className="bz-view-head">
        <h1>{run ? 'Monitor' : 'Not judged yet'}</h1>
        <RunSelect />
        {run?.stale ? <span className="bz-tag bz-tone-caution">◆ stale</span> : null}
        <span className="bz-spring" />
        {Object.entries(panels).map(([id, { title }]) => (
          <Button
            key={id}
            size="small"
            text={title}
            aria-expanded={shown === id}
            onClick={() => {
              setPanel(shown === id ? null : (id as PanelId));
            }}
          />
        ))}
      </header>
      {run?.stale ? (
        <Problem>
          The logs or the baseline are no longer what this run judged. Judge again to bring it up to date.
        </Problem>
      ) : null}
      {Panel ? (
        <section className="bz-monitor-panel" aria-label={shown === null ? undefined : panels[shown].title}>
          <Panel
            onDone={() => {
              setPanel(null);
            }}
          />
        </section>
      ) : null}
      {run ? <RunFindings key={run.id} run={run} /> : null}
    </div>
  );
}
