import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { Problem } from '../../components/Problem.tsx';
import { formatCount } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useCall, useJobs } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { shortTime } from './alert-words.ts';
import { BaselineForm } from './BaselineForm.tsx';

const DAYS = [
  [30, '30 days'],
  [90, '90 days'],
  [365, 'a year'],
  [3650, 'ten years'],
] as const;

/** Which logs are judged against which baseline, and how rare a false alarm is to be. */
export function RunForm(props: { readonly onDone: () => void }) {
  const baselines = useCall('baseline/list', {}).data;
  const logs = useCall('log/list', {}).data;
  const busy = useJobs().some((job) => job.kind === 'monitor' && isAtWork(job));
  const [baseline, setBaseline] = useState<number | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<number> | null>(null);
  const [days, setDays] = useState(365);
  if (!baselines || !logs) return null;
  const newest = baselines.at(-1);
  const against = baselines.find(({ id }) => id === baseline) ?? newest;
  if (!against)
    return (
      <>
        <h2>First, what is good behaviour?</h2>
        <p className="bz-quiet bz-lead">
          A baseline says how the model behaved when nothing was wrong: how often it says each class, how sure
          it is, how fast. Four weeks and more let the promise about false alarms hold.
        </p>
        <BaselineForm onDone={() => undefined} />
      </>
    );
  const usual = logs.filter(({ role }) => role === 'log').map(({ id }) => id);
  const picked = chosen ?? new Set(usual.length > 0 ? usual.slice(-1) : logs.slice(-1).map(({ id }) => id));
  const short = against.promiseDays !== null && days > against.promiseDays;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        currentHost()
          .call('monitor/start', {
            baseline: against.id,
            logs: [...picked],
            fromMs: null,
            toMs: null,
            modelVersion: null,
            sensitivity: { kind: 'false-alarm-days', days },
            seed: 1,
            presets: null,
          })
          .then(props.onDone)
          .catch(sayFailure);
      }}
    >
      <div className="bz-monitor-form">
        <fieldset>
          <legend>Judge</legend>
          {logs.map((log) => (
            <label key={log.id} className="bz-check">
              <input
                type="checkbox"
                checked={picked.has(log.id)}
                onChange={(event) => {
                  const next = new Set(picked);
                  if (event.target.checked) next.add(log.id);
                  else next.delete(log.id);
                  setChosen(next);
                }}
              />
              <span>
                {log.name}{' '}
                <span className="bz-quiet bz-number">
                  {formatCount(log.rows)} requests, {shortTime(log.firstTimeMs)} to{' '}
                  {shortTime(log.lastTimeMs)}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
        <div>
          <label className="bz-field">
            <span>Against</span>
            <select
              value={against.id}
              onChange={(event) => {
                setBaseline(Number(event.target.value));
              }}
            >
              {baselines.map((one) => (
                <option key={one.id} value={one.id}>
                  {`${one.name} v${one.version}, ${one.days} days`}
                </option>
              ))}
            </select>
          </label>
          <label
            className="bz-field"
            title="An average: even so about 63 % of quiet installations alarm once within that time."
          >
            <span>One false alarm in</span>
            <select
              value={days}
              onChange={(event) => {
                setDays(Number(event.target.value));
              }}
            >
              {DAYS.map(([value, text]) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
        <p className="bz-quiet">{against.promise}</p>
      </div>
      {short ? (
        <Problem>
          {against.promiseDays === null
            ? 'Nothing is promised'
            : `At most one in ${formatCount(against.promiseDays)} days is promised`}{' '}
          with a baseline of {formatCount(against.days)} days.
        </Problem>
      ) : null}
      <div className="bz-actions">
        <Button
          type="submit"
          intent="primary"
          disabled={busy || picked.size === 0}
          text={busy ? 'A run is at work' : 'Judge'}
        />
      </div>
    </form>
  );
}
