import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { FileGrant } from '../../../electron/contract/host.ts';
import { formatBytes, formatCount, formatNumber } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { shortTime } from './alert-words.ts';

const stateWords = {
  following: 'following',
  waiting: 'waiting for the file',
  stopped: 'stopped',
  failed: 'failed',
} as const;

/** Follows a growing log; windows are judged as they close. Nothing leaves the machine unless an address is named. */
export function FollowPanel(props: { readonly onDone: () => void }) {
  const followings = useCall('follow/list', {}).data ?? [];
  const baselines = useCall('baseline/list', {}).data ?? [];
  const [source, setSource] = useState<FileGrant | null>(null);
  const [fromStart, setFromStart] = useState(false);
  const [webhook, setWebhook] = useState('');
  const baseline = baselines.at(-1);
  const choose = async (): Promise<void> => {
    try {
      const [file] = await currentHost().acquireFiles('evidence');
      if (file) setSource(file);
    } catch (error) {
      sayFailure(error);
    }
  };
  return (
    <>
      {followings.length > 0 ? (
        <table className="bz-table">
          <thead>
            <tr>
              <th>Log</th>
              <th>State</th>
              <th className="bz-right">Requests</th>
              <th className="bz-right">a second</th>
              <th className="bz-right">Behind</th>
              <th className="bz-right">Alerts</th>
              <th>Newest</th>
              <th aria-label="Acts" />
            </tr>
          </thead>
          <tbody>
            {followings.map((one) => (
              <tr key={one.id} title={one.sentence}>
                <td>{one.name}</td>
                <td className={one.state === 'failed' ? 'bz-tone-alarm' : undefined}>
                  {stateWords[one.state]}
                  {one.state === 'failed' ? <span className="bz-quiet"> {one.sentence}</span> : null}
                </td>
                <td className="bz-number bz-right">{formatCount(one.events)}</td>
                <td className="bz-number bz-right">{formatNumber(one.eventsPerSecond)}</td>
                <td className="bz-number bz-right">{formatBytes(one.behindBytes)}</td>
                <td className="bz-number bz-right">{formatCount(one.alerts)}</td>
                <td className="bz-number bz-nowrap">
                  {one.lastTimeMs === null ? '–' : shortTime(one.lastTimeMs)}
                </td>
                <td>
                  {one.state === 'following' || one.state === 'waiting' ? (
                    <Button
                      size="small"
                      text="Stop"
                      onClick={() => {
                        currentHost().call('follow/stop', { following: one.id }).catch(sayFailure);
                      }}
                    />
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!baseline || !source) return;
          currentHost()
            .call('follow/start', {
              source: source.token,
              baseline: baseline.id,
              mapping: null,
              sensitivity: { kind: 'false-alarm-days', days: 365 },
              seed: 1,
              fromStart,
              alertsFile: null,
              webhook: webhook.trim() === '' ? null : webhook.trim(),
              tellFrom: 'error',
            })
            .then(() => {
              setSource(null);
            })
            .catch(sayFailure);
        }}
      >
        <div className="bz-actions">
          <Button
            size="small"
            text={source ? source.name : 'Choose the log…'}
            onClick={() => void choose()}
          />
          <label className="bz-check">
            <input
              type="checkbox"
              checked={fromStart}
              onChange={(event) => {
                setFromStart(event.target.checked);
              }}
            />
            <span>from its first line</span>
          </label>
          <label className="bz-field bz-field-inline">
            <span>Post alerts to</span>
            <input
              type="text"
              className="bz-note-line"
              value={webhook}
              placeholder="nowhere"
              onChange={(event) => {
                setWebhook(event.target.value);
              }}
            />
          </label>
        </div>
        <div className="bz-actions">
          <Button type="submit" intent="primary" disabled={!baseline || !source} text="Follow" />
          <Button size="small" text="Done" onClick={props.onDone} />
          {baseline ? (
            <span className="bz-quiet">
              against {baseline.name} v{baseline.version}
            </span>
          ) : (
            <span className="bz-quiet">A baseline is needed first.</span>
          )}
        </div>
      </form>
    </>
  );
}
