import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Alert, AlertRow } from '../../../electron/contract/alerts.ts';
import type { Log, LogRow } from '../../../electron/contract/logs.ts';
import type { MonitorRun } from '../../../electron/contract/monitor.ts';
import { formatCount, formatNumber, formatTime } from '../../components/number-format.ts';
import { useCall } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { timeSpan } from './alert-words.ts';

const PAGE = 50;

function Cell(props: { readonly value: string | number | null }) {
  if (props.value === null) return <td className="bz-quiet">–</td>;
  return typeof props.value === 'number' ? (
    <td className="bz-number bz-right">{formatNumber(props.value)}</td>
  ) : (
    <td>{props.value}</td>
  );
}

function RequestTable(props: {
  readonly log: Log;
  readonly rows: readonly { readonly rank: number | null; readonly row: LogRow }[];
}) {
  const shown = props.log.columns
    .map((column, at) => ({ column, at }))
    .filter(
      ({ column }) => column.role !== 'ignored' && column.role !== 'time' && column.role !== 'request-id',
    );
  return (
    <div className="bz-scroll-x bz-requests" tabIndex={0} role="region" aria-label="Requests">
      <table className="bz-table bz-table-dense">
        <thead>
          <tr>
            <th className="bz-right">#</th>
            <th>Time</th>
            <th>Request</th>
            {shown.map(({ column }) => (
              <th key={column.name} className={column.type === 'number' ? 'bz-right' : undefined}>
                {column.name}
              </th>
            ))}
            <th>Source</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map(({ rank, row }) => (
            <tr key={`${rank ?? ''} ${row.row}`}>
              <td className="bz-number bz-right">{rank === null ? '' : formatCount(rank + 1)}</td>
              <td className="bz-number bz-nowrap">{formatTime(row.timeMs)}</td>
              <td className="bz-mono">{row.requestId ?? '–'}</td>
              {shown.map(({ column, at }) => (
                <Cell key={column.name} value={row.values[at]} />
              ))}
              <td className="bz-quiet bz-nowrap">
                {row.file}:{row.line}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pages(props: {
  readonly offset: number;
  readonly total: number;
  readonly onOffset: (offset: number) => void;
}) {
  const { offset, total, onOffset } = props;
  return (
    <div className="bz-actions">
      <Button
        size="small"
        text="Before"
        disabled={offset === 0}
        onClick={() => {
          onOffset(Math.max(0, offset - PAGE));
        }}
      />
      <span className="bz-number bz-quiet">
        {formatCount(Math.min(total, offset + 1))} to {formatCount(Math.min(total, offset + PAGE))} of{' '}
        {formatCount(total)}
      </span>
      <Button
        size="small"
        text="After"
        disabled={offset + PAGE >= total}
        onClick={() => {
          onOffset(offset + PAGE);
        }}
      />
    </div>
  );
}

/** The requests of an alert by rank, most suspicious first, as they stand in the log. */
function OfAlert(props: { readonly run: number; readonly alert: Alert; readonly logs: readonly Log[] }) {
  const { run, alert, logs } = props;
  const [offset, setOffset] = useState(0);
  const { data } = useCall('alert/rows', { alert: alert.id, run, offset, limit: PAGE });
  const [first] = data?.rows ?? [];
  const log = logs.find(({ id }) => id === first?.request?.log);
  const wanted = (data?.rows ?? []).filter(({ request }) => request?.log === log?.id);
  const { data: rows } = useCall(
    'log/rows-at',
    log ? { log: log.id, rows: wanted.map(({ request }) => request?.row ?? 0) } : null,
  );
  if (!data) return null;
  const byRow = new Map((rows ?? []).map((row) => [row.row, row]));
  return (
    <>
      <p className="bz-quiet">
        Most suspicious first: how much more likely under the episode than under the class before.
      </p>
      {log ? (
        <RequestTable
          log={log}
          rows={wanted.flatMap(({ rank, request }) => {
            const row = byRow.get(request?.row ?? -1);
            return row ? [{ rank, row }] : [];
          })}
        />
      ) : (
        <IdsOnly rows={data.rows} />
      )}
      <Pages offset={offset} total={data.total} onOffset={setOffset} />
    </>
  );
}

/** Requests of a log that was followed are not in the case: their ids are. */
function IdsOnly(props: { readonly rows: readonly AlertRow[] }) {
  return (
    <ul className="bz-logbook">
      {props.rows.map(({ rank, requestId, timeMs }) => (
        <li key={rank}>
          <span className="bz-number bz-quiet">{formatTime(timeMs)}</span>{' '}
          <span className="bz-mono">{requestId ?? 'without an id'}</span>
        </li>
      ))}
    </ul>
  );
}

/** The requests of the time that is looked at, in its order. */
function OfSpan(props: {
  readonly log: Log;
  readonly span: { readonly fromMs: number; readonly toMs: number };
}) {
  const { log, span } = props;
  const [offset, setOffset] = useState(0);
  const { data } = useCall('log/rows', {
    log: log.id,
    filter: { time: span, categories: [], ranges: [] },
    sort: null,
    offset,
    limit: PAGE,
  });
  if (!data) return null;
  return (
    <>
      <RequestTable log={log} rows={data.rows.map((row) => ({ rank: null, row }))} />
      <Pages offset={offset} total={data.matched} onOffset={setOffset} />
    </>
  );
}

/** The requests behind what is looked at: an alert's by rank, else those of the brushed time. */
export function Requests(props: { readonly run: MonitorRun; readonly alerts: readonly Alert[] }) {
  const { run, alerts } = props;
  const span = useViewState((s) => s.span);
  const chosen = useViewState((s) => s.alert);
  const set = useViewState((s) => s.set);
  const logs = useCall('log/list', {}).data ?? [];
  const alert = alerts.find(({ id }) => id === chosen);
  const judged = run.source.kind === 'logs' ? run.source.logs : [];
  const log = logs.find(
    ({ id, firstTimeMs, lastTimeMs }) =>
      judged.includes(id) && span !== null && firstTimeMs < span.toMs && lastTimeMs >= span.fromMs,
  );
  if (!alert && span === null)
    return (
      <p className="bz-quiet bz-requests-hint">
        Drag over the timeline, or click into the squares, to see the requests of that time.
      </p>
    );
  return (
    <section aria-label="Requests of what is looked at">
      <h2>
        {alert ? `Requests of the alert on ${alert.subject}` : 'Requests'}{' '}
        <span className="bz-quiet">{span ? timeSpan(span.fromMs, span.toMs) : ''}</span>{' '}
        <Button
          size="small"
          text="Look at all of it"
          onClick={() => {
            set({ span: null, alert: null });
          }}
        />
      </h2>
      {alert ? (
        <OfAlert key={alert.id} run={run.id} alert={alert} logs={logs} />
      ) : log && span ? (
        <OfSpan key={`${log.id} ${span.fromMs} ${span.toMs}`} log={log} span={span} />
      ) : (
        <p className="bz-quiet">No log of this case holds requests of that time.</p>
      )}
    </section>
  );
}
