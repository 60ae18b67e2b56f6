import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Alert, AlertDetail } from '../../../electron/contract/alerts.ts';
import type { CallName, Params } from '../../../electron/contract/calls.ts';
import { formatCount, formatNumber, formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { useViewState } from '../../state/view-state.ts';
import { effectWords, evidenceOf, shortTime, timeSpan, zoneAt } from './alert-words.ts';

const towardsSigns = {
  attack: { shape: '▲', word: 'speaks for an attack', tone: 'alarm' },
  weather: { shape: '○', word: 'speaks for the weather', tone: 'plain' },
  neither: { shape: '·', word: 'speaks for neither', tone: 'quiet' },
} as const;

/** Does something to the alert; the views ask again when the engine says that it changed. */
function ask<N extends CallName>(name: N, params: Params<N>): void {
  currentHost().call(name, params).catch(sayFailure);
}

function Reasons(props: { readonly alert: Alert }) {
  const { reasons } = props.alert;
  if (reasons.length === 0) return null;
  return (
    <section aria-label="Attack or weather">
      <h3>Attack or weather</h3>
      <ul className="bz-reasons">
        {reasons.map((reason) => {
          const sign = towardsSigns[reason.towards];
          return (
            <li key={reason.sentence}>
              <span className={`bz-tone-${sign.tone}`} title={sign.word}>
                <span aria-hidden="true">{sign.shape}</span>
                <span className="bz-visually-hidden">{sign.word}</span>
              </span>
              <span>{reason.sentence}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Response(props: { readonly detail: AlertDetail }) {
  const { detail } = props;
  if (detail.response.length === 0) return null;
  return (
    <section aria-label="What to do">
      <h3>What to do</h3>
      <ul className="bz-response">
        {detail.response.map((step) => (
          <li key={step.id}>
            <label title={step.advice}>
              <input
                type="checkbox"
                checked={step.done !== null}
                onChange={(event) => {
                  ask('alert/step', {
                    alert: detail.id,
                    step: step.id,
                    done: event.target.checked,
                    note: '',
                  });
                }}
              />
              <span>
                {step.title}
                <span className="bz-quiet">
                  {' '}
                  {step.done ? `done by ${step.done.by}, ${formatTime(step.done.atMs)}` : step.advice}
                </span>
              </span>
            </label>
          </li>
        ))}
      </ul>
      {detail.escalateAtMs === null ? null : (
        <p className="bz-quiet">Tell somebody else by {formatTime(detail.escalateAtMs)}.</p>
      )}
    </section>
  );
}

function Logbook(props: { readonly detail: AlertDetail }) {
  const { detail } = props;
  const [text, setText] = useState('');
  const close = detail.state === 'closed';
  return (
    <section aria-label="Logbook">
      <form
        className="bz-actions"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === '') return;
          ask('alert/note', { alert: detail.id, text });
          setText('');
        }}
      >
        {detail.state === 'open' ? (
          <Button
            size="small"
            intent="primary"
            text="Acknowledge"
            onClick={() => {
              ask('alert/acknowledge', { alert: detail.id, note: text });
              setText('');
            }}
          />
        ) : null}
        <Button
          size="small"
          text={close ? 'Reopen' : 'Close'}
          onClick={() => {
            ask(close ? 'alert/reopen' : 'alert/close', { alert: detail.id, note: text });
            setText('');
          }}
        />
        <input
          type="text"
          className="bz-note-line"
          aria-label="Note on this alert"
          placeholder="Note"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <Button size="small" type="submit" text="Write" disabled={text.trim() === ''} />
      </form>
      {detail.logbook.length > 0 ? (
        <ul className="bz-logbook">
          {detail.logbook.map((entry) => (
            <li key={`${entry.atMs} ${entry.action} ${entry.text}`}>
              <span className="bz-quiet bz-number">{formatTime(entry.atMs)}</span> {entry.who}: {entry.action}
              {entry.text === '' ? '' : `, ${entry.text}`}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

/** What an alert rests on, what it looks like, which requests caused it, and what is to be done. */
export function AlertBody(props: { readonly alert: Alert }) {
  const { alert } = props;
  const { data: detail, error } = useCall('alert/get', { alert: alert.id });
  const incidents = useCall('incident/list', {}).data ?? [];
  const set = useViewState((s) => s.set);
  const incident = incidents.find(({ id }) => id === alert.incident);
  return (
    <>
      <p className="bz-lead">{alert.explanation}</p>
      <dl className="bz-pairs bz-number">
        <dt>Began</dt>
        <dd>
          {shortTime(alert.onsetMs)} {zoneAt(alert.onsetMs)}
          {alert.onsetFromMs !== null && alert.onsetToMs !== null && alert.onsetToMs > alert.onsetFromMs
            ? ` (between ${timeSpan(alert.onsetFromMs, alert.onsetToMs)})`
            : ''}
        </dd>
        <dt>Raised</dt>
        <dd>{shortTime(alert.timeMs)}</dd>
        <dt>Evidence</dt>
        <dd>
          {evidenceOf(alert)}, {effectWords(alert.effect)}
        </dd>
        {alert.subgroup ? (
          <>
            <dt>Subgroup</dt>
            <dd>
              {alert.subgroup.sentence}: {formatCount(alert.subgroup.rows)} requests where{' '}
              {formatNumber(alert.subgroup.expected)} were to be expected
              {alert.subgroup.pValue === null ? '' : `, p = ${formatNumber(alert.subgroup.pValue)}`}
            </dd>
          </>
        ) : null}
        <dt>Monitor</dt>
        <dd>{alert.monitorTitle}</dd>
      </dl>
      <div className="bz-actions">
        <Button
          size="small"
          text={`Show its ${formatCount(alert.rows)} requests`}
          disabled={alert.rows === 0}
          onClick={() => {
            set({ alert: alert.id, span: { fromMs: alert.onsetMs, toMs: alert.windowEndMs } });
          }}
        />
        {incident ? (
          <span className="bz-quiet">in the incident “{incident.title}”</span>
        ) : (
          <Button
            size="small"
            text="Open an incident"
            onClick={() => {
              const title = `${alert.subject}, ${shortTime(alert.onsetMs)}`;
              ask('incident/open', { title, alerts: [alert.id] });
            }}
          />
        )}
        {incident
          ? null
          : incidents
              .filter(({ closedAtMs }) => closedAtMs === null)
              .slice(0, 3)
              .map((one) => (
                <Button
                  key={one.id}
                  size="small"
                  text={`Add to “${one.title}”`}
                  onClick={() => {
                    ask('incident/link', { incident: one.id, alerts: [alert.id], requests: [] });
                  }}
                />
              ))}
      </div>
      <div className="bz-alert-columns">
        <Reasons alert={alert} />
        {detail ? <Response detail={detail} /> : null}
      </div>
      {error ? <Problem error={error} /> : null}
      {detail ? <Logbook detail={detail} /> : null}
    </>
  );
}
