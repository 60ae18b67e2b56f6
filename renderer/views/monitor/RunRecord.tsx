import type { MonitorRunDetail } from '../../../electron/contract/monitor.ts';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatShare,
  plural,
} from '../../components/number-format.ts';

/** What ran, with what, and what was not judged and why. */
export function RunRecord(props: { readonly run: MonitorRunDetail }) {
  const { run } = props;
  const left = run.monitors.filter(({ notJudged }) => notJudged !== null);
  return (
    <details className="bz-agreement">
      <summary>
        {plural(run.monitors.length, 'monitor')}{' '}
        <span className="bz-quiet">
          {left.length > 0 ? `${plural(left.length, 'was', 'were')} not judged` : 'all of them judged'}
        </span>
      </summary>
      <table className="bz-table">
        <thead>
          <tr>
            <th>Monitor</th>
            <th>Alarms</th>
            <th>Not judged</th>
            <th className="bz-right">Time</th>
          </tr>
        </thead>
        <tbody>
          {run.monitors.map((monitor) => (
            <tr key={monitor.id} title={monitor.reference}>
              <td className="bz-nowrap">{monitor.title}</td>
              <td className="bz-nowrap">{monitor.inBudget ? 'inside the budget' : 'warns at most'}</td>
              <td className="bz-quiet">{monitor.notJudged ?? ''}</td>
              <td className="bz-number bz-right">{formatDuration(monitor.milliseconds)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {run.floors.length > 0 ? (
        <>
          <h3>What could be seen</h3>
          <table className="bz-table bz-table-narrow">
            <thead>
              <tr>
                <th>Class</th>
                <th className="bz-right">Share</th>
                <th className="bz-right">A rise by</th>
                <th className="bz-right">takes at least</th>
              </tr>
            </thead>
            <tbody>
              {run.floors.map((floor) => (
                <tr key={`${floor.className} ${floor.rise}`}>
                  <td>{floor.className}</td>
                  <td className="bz-number bz-right">{formatShare(floor.share)}</td>
                  <td className="bz-number bz-right">{formatShare(floor.rise)}</td>
                  <td className="bz-number bz-right">
                    {floor.days === null ? 'never' : `${formatNumber(floor.days)} days`}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      ) : null}
      <p className="bz-quiet bz-number">
        Bezoar {run.version}, engine {run.engine}, seed {run.seed}, {formatDuration(run.milliseconds)},{' '}
        {formatBytes(run.peakRssBytes)} at most.
      </p>
    </details>
  );
}
