import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import { formatCount } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useCall, useInvestigated, useJobs } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { shortTime } from './alert-words.ts';

/** Makes a baseline of logs, or of the predictions of the investigated set. */
export function BaselineForm(props: { readonly onDone: () => void }) {
  const logs = useCall('log/list', {}).data ?? [];
  const investigated = useInvestigated();
  const busy = useJobs().some((job) => job.kind === 'baseline' && isAtWork(job));
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<number> | null>(null);
  const [golden, setGolden] = useState(false);
  const usual = logs.filter(({ role }) => role === 'baseline').map(({ id }) => id);
  const picked = chosen ?? new Set(usual);
  const proposed = logs
    .find(({ id }) => picked.has(id))
    ?.name.replace(/\.(jsonl|csv|json)(\.gz|\.zst)?$/i, '');
  const full = name.trim() === '' ? (proposed ?? 'baseline') : name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        currentHost()
          .call('baseline/create', {
            name: full,
            source:
              golden && investigated
                ? { kind: 'golden', dataset: investigated.id }
                : { kind: 'logs', logs: [...picked], fromMs: null, toMs: null },
            modelVersion: null,
          })
          .then(props.onDone)
          .catch(sayFailure);
      }}
    >
      <fieldset disabled={golden}>
        <legend>Good days</legend>
        {logs.map((log) => (
          <label key={log.id} className="bz-check">
            <input
              type="checkbox"
              checked={!golden && picked.has(log.id)}
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
                {formatCount(log.rows)} requests, {shortTime(log.firstTimeMs)} to {shortTime(log.lastTimeMs)}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      {investigated?.hasPredictions === true ? (
        <label className="bz-check">
          <input
            type="checkbox"
            checked={golden}
            onChange={(event) => {
              setGolden(event.target.checked);
            }}
          />
          <span>
            The predictions of {investigated.name} instead{' '}
            <span className="bz-quiet">without times, so that nothing is promised</span>
          </span>
        </label>
      ) : null}
      <div className="bz-actions">
        <label className="bz-field bz-field-inline">
          <span>Name</span>
          <input
            type="text"
            value={name}
            placeholder={full}
            maxLength={120}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </label>
        <Button
          type="submit"
          intent="primary"
          disabled={busy || (!golden && picked.size === 0)}
          text={busy ? 'A baseline is being made' : 'Make the baseline'}
        />
      </div>
    </form>
  );
}
