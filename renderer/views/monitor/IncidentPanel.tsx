import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Incident } from '../../../electron/contract/alerts.ts';
import { formatTime, plural } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';

function IncidentEntry(props: { readonly incident: Incident }) {
  const { incident } = props;
  const [text, setText] = useState('');
  const closed = incident.closedAtMs !== null;
  return (
    <li className="bz-incident">
      <h3>
        {incident.title}{' '}
        <span className="bz-quiet">
          {closed ? 'closed' : 'open'}, {plural(incident.alerts.length, 'alert')}, opened{' '}
          {formatTime(incident.openedAtMs)} by {incident.openedBy}
        </span>
      </h3>
      <ul className="bz-logbook">
        {incident.logbook.map((entry) => (
          <li key={`${entry.atMs} ${entry.action} ${entry.text}`}>
            <span className="bz-quiet bz-number">{formatTime(entry.atMs)}</span> {entry.who}: {entry.action}
            {entry.text === '' ? '' : `, ${entry.text}`}
          </li>
        ))}
      </ul>
      <form
        className="bz-actions"
        onSubmit={(event) => {
          event.preventDefault();
          currentHost().call('incident/note', { incident: incident.id, text }).catch(sayFailure);
          setText('');
        }}
      >
        <input
          type="text"
          className="bz-note-line"
          aria-label={`Note on ${incident.title}`}
          placeholder="Note"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <Button size="small" type="submit" text="Write" disabled={text.trim() === ''} />
        <Button
          size="small"
          text={closed ? 'Reopen' : 'Close'}
          onClick={() => {
            currentHost()
              .call(closed ? 'incident/reopen' : 'incident/close', { incident: incident.id, note: text })
              .catch(sayFailure);
            setText('');
          }}
        />
      </form>
    </li>
  );
}

/** Alerts that belong together, and what was done about them. */
export function IncidentPanel(props: { readonly onDone: () => void }) {
  const incidents = useCall('incident/list', {}).data ?? [];
  return (
    <>
      {incidents.length === 0 ? (
        <p className="bz-quiet">No incident yet. An alert opens one: unfold it, then ‘Open an incident’.</p>
      ) : (
        <ul className="bz-incidents">
          {incidents.map((incident) => (
            <IncidentEntry key={incident.id} incident={incident} />
          ))}
        </ul>
      )}
      <Button size="small" text="Done" onClick={props.onDone} />
    </>
  );
}
