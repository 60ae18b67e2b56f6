import { useState } from 'react';
import type { MonitorRun } from '../../../electron/contract/monitor.ts';
import { plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { AlertLine } from './AlertLine.tsx';
import { byUrgency, sensitivityWords, sentenceOfRun } from './alert-words.ts';
import { Gauges } from './Gauges.tsx';
import { HeatMap } from './HeatMap.tsx';
import { Requests } from './Requests.tsx';
import { RunRecord } from './RunRecord.tsx';
import { Timeline } from './Timeline.tsx';

/** What a run found: alerts, gauges, the timeline, the heat map, the requests of what is looked at. */
export function RunFindings(props: { readonly run: MonitorRun }) {
  const { run } = props;
  const { data: alerts, error } = useCall('alert/list', { run: run.id });
  const { data: detail } = useCall('monitor/get', { run: run.id });
  const span = useViewState((s) => s.span);
  const [open, setOpen] = useState<number | null | undefined>(undefined);
  if (error) return <Problem error={error} />;
  if (!alerts) return null;
  const ordered = byUrgency(alerts);
  const [first] = ordered;
  const grave = first !== undefined && (first.severity === 'error' || first.severity === 'critical');
  const shown = open === undefined ? (grave ? first.id : null) : open;
  const tone = grave ? 'alarm' : first ? 'caution' : 'calm';
  return (
    <>
      <p className={`bz-verdict-line bz-verdict-${tone}`}>{sentenceOfRun(run, alerts)}</p>
      <p className="bz-quiet bz-lead">
        Asked: {sensitivityWords(run.sensitivity)}. {run.promise}
      </p>
      {ordered.length > 0 ? (
        <ul className="bz-findings" aria-label="Alerts">
          {ordered.map((alert) => (
            <AlertLine
              key={alert.id}
              alert={alert}
              open={alert.id === shown}
              onToggle={() => {
                setOpen(alert.id === shown ? null : alert.id);
              }}
            />
          ))}
        </ul>
      ) : null}
      <Gauges run={run.id} span={span} />
      {detail ? (
        <>
          <Timeline run={detail} alerts={alerts} />
          <HeatMap run={detail} alerts={alerts} />
        </>
      ) : null}
      <Requests run={run} alerts={alerts} />
      {run.notes.length > 0 ? (
        <details className="bz-agreement">
          <summary>
            {plural(run.notes.length, 'note')} <span className="bz-quiet">of the logs and the baseline</span>
          </summary>
          <ul className="bz-advice bz-notes" aria-label="Notes of the run">
            {run.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      ) : null}
      {detail ? <RunRecord run={detail} /> : null}
    </>
  );
}
