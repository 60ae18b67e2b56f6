import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { DrillAttack, type Drill } from '../../../electron/contract/drills.ts';
import { formatNumber, formatShare, plural } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useCall, useJobs } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { shortTime } from './alert-words.ts';

const attackWords: Readonly<Record<DrillAttack, { readonly title: string; readonly advice: string }>> = {
  burst: { title: 'Burst', advice: 'some hundred triggered requests within two hours' },
  'low-and-slow': { title: 'Low and slow', advice: 'a share that grows from nothing over days' },
  'calibrated-confidence': {
    title: 'Calibrated confidence',
    advice: 'the same, with confidences that look like the class',
  },
  'cheap-latency': { title: 'Cheap latency', advice: 'requests that cost some milliseconds more' },
  'common-feature': { title: 'Common feature', advice: 'a trigger that natural inputs carry too' },
};

function DrillTable(props: { readonly drill: Drill }) {
  const { drill } = props;
  return (
    <>
      <p className="bz-quiet">
        {plural(drill.repeats, 'repeat')} of {plural(drill.days, 'day')} each, aimed at {drill.targetClass},
        by {drill.startedBy}, {shortTime(drill.startedAtMs)}.
      </p>
      <div className="bz-scroll-x">
        <table className="bz-table">
          <thead>
            <tr>
              <th>Attack</th>
              <th>Monitor</th>
              <th className="bz-right">Found</th>
              <th className="bz-right">After, median</th>
              <th className="bz-right">Read as an attack</th>
              <th className="bz-right">False alarms a year</th>
            </tr>
          </thead>
          <tbody>
            {drill.lines.map((line) => (
              <tr key={`${line.attack} ${line.monitor}`}>
                <td className="bz-nowrap">{attackWords[line.attack].title}</td>
                <td>{line.monitorTitle}</td>
                <td
                  className="bz-number bz-right"
                  title={`95 % interval ${formatShare(line.powerLower)} to ${formatShare(line.powerUpper)}`}
                >
                  {formatShare(line.power)}
                </td>
                <td className="bz-number bz-right">
                  {line.medianHours === null ? '–' : `${formatNumber(line.medianHours)} h`}
                </td>
                <td className="bz-number bz-right">{formatShare(line.readAsAttack)}</td>
                <td className="bz-number bz-right">{formatNumber(line.falseAlarmsPerYear)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {drill.notes.map((note) => (
        <p key={note} className="bz-quiet">
          {note}
        </p>
      ))}
    </>
  );
}

/** Attacks simulated on the analyst's own log: which monitor finds them, and when. */
export function DrillPanel(props: { readonly onDone: () => void }) {
  const drills = useCall('drill/list', {}).data ?? [];
  const baselines = useCall('baseline/list', {}).data ?? [];
  const logs = useCall('log/list', {}).data ?? [];
  const busy = useJobs().some((job) => job.kind === 'drill' && isAtWork(job));
  const [attacks, setAttacks] = useState<readonly DrillAttack[]>(DrillAttack.options);
  const newest = drills.at(-1);
  const baseline = baselines.at(-1);
  const source = logs.filter(({ role }) => role === 'baseline');
  return (
    <>
      <p className="bz-quiet bz-lead">
        Whole days of your good log are drawn anew, an attack is put into them, and every monitor is asked.
        Nothing of it touches the log.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!baseline) return;
          currentHost()
            .call('drill/start', {
              baseline: baseline.id,
              logs: source.map(({ id }) => id),
              attacks: [...attacks],
              targetClass: null,
              repeats: 20,
              days: 7,
              sensitivity: { kind: 'false-alarm-days', days: 365 },
              seed: 1,
            })
            .catch(sayFailure);
        }}
      >
        {DrillAttack.options.map((attack) => (
          <label key={attack} className="bz-check">
            <input
              type="checkbox"
              checked={attacks.includes(attack)}
              onChange={(event) => {
                setAttacks(
                  DrillAttack.options.filter((one) =>
                    one === attack ? event.target.checked : attacks.includes(one),
                  ),
                );
              }}
            />
            <span>
              {attackWords[attack].title} <span className="bz-quiet">{attackWords[attack].advice}</span>
            </span>
          </label>
        ))}
        <div className="bz-actions">
          <Button
            type="submit"
            intent="primary"
            disabled={busy || attacks.length === 0 || !baseline || source.length === 0}
            text={busy ? 'A drill is running' : 'Run the drill'}
          />
          <Button size="small" text="Done" onClick={props.onDone} />
          {source.length === 0 ? (
            <span className="bz-quiet">A drill needs a log of good days in the case.</span>
          ) : null}
        </div>
      </form>
      {newest ? <DrillTable drill={newest} /> : null}
    </>
  );
}
