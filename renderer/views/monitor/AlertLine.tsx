import { useId } from 'react';
import type { Alert } from '../../../electron/contract/alerts.ts';
import { plural } from '../../components/number-format.ts';
import { AlertBody } from './AlertBody.tsx';
import { kindWords, stateWords, timeSpan } from './alert-words.ts';
import { SeverityTag } from './SeverityTag.tsx';

/** One alert, an episode, in words; opened, its reasons, its requests and what is to be done. */
export function AlertLine(props: {
  readonly alert: Alert;
  readonly open: boolean;
  readonly onToggle: () => void;
}) {
  const { alert, open, onToggle } = props;
  const body = useId();
  const grave = alert.severity === 'error' || alert.severity === 'critical';
  return (
    <li className={`bz-finding ${grave ? 'bz-finding-alarm' : 'bz-finding-structure'}`}>
      <button
        type="button"
        className="bz-alert-head"
        aria-expanded={open}
        aria-controls={body}
        onClick={onToggle}
      >
        <span aria-hidden="true" className="bz-finding-fold">
          {open ? '▾' : '▸'}
        </span>
        <SeverityTag severity={alert.severity} />
        <span className="bz-alert-subject" title={alert.subject}>
          {alert.subject}
        </span>
        <span className="bz-finding-sentence">
          {kindWords[alert.kind]}, {timeSpan(alert.onsetMs, alert.windowEndMs)}
          {alert.ongoing ? ', not over where the log ends' : ''}
        </span>
        <span className="bz-finding-count bz-number bz-quiet">{plural(alert.rows, 'request')}</span>
        <span className="bz-finding-count bz-quiet">{stateWords[alert.state]}</span>
      </button>
      <div id={body} hidden={!open} className="bz-finding-body">
        {open ? <AlertBody alert={alert} /> : null}
      </div>
    </li>
  );
}
