import { formatShare, formatTime, plural } from '../../components/number-format.ts';
import { useCall } from '../../state/queries.ts';

/** What was looked at how often, and what the looks at the present samples may cost together. */
export function Ledger() {
  const { data } = useCall('scan/ledger', {});
  if (!data || data.looks.length === 0) return null;
  const counted = data.looks.filter(({ cost }) => cost > 0).length;
  return (
    <details className="bz-agreement">
      <summary>
        Looks taken{' '}
        <span className="bz-quiet">
          {plural(counted, 'look')} at the present samples; on clean data any of them would raise an alarm
          with a chance of at most {formatShare(data.spent)}
        </span>
      </summary>
      <table className="bz-table bz-table-narrow">
        <thead>
          <tr>
            <th>Scan</th>
            <th>When</th>
            <th>By</th>
            <th className="bz-right">Level</th>
            <th className="bz-right">Alarms</th>
            <th className="bz-right">Structures</th>
            <th className="bz-right">Cost</th>
          </tr>
        </thead>
        <tbody>
          {data.looks.map((look) => (
            <tr key={look.scan}>
              <td className="bz-number">#{look.scan}</td>
              <td className="bz-nowrap">{formatTime(look.startedAtMs)}</td>
              <td>{look.by}</td>
              <td className="bz-number bz-right">{formatShare(look.alpha)}</td>
              <td className="bz-number bz-right">{look.alarms}</td>
              <td className="bz-number bz-right">{look.structures}</td>
              <td className="bz-number bz-right bz-nowrap">
                {look.otherSamples
                  ? 'none: other samples'
                  : look.sameAs === null
                    ? formatShare(look.cost)
                    : `none: as #${look.sameAs}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="bz-quiet">
        Each new trusted set, file of logits or level is a look of its own; the same scan again is not. A
        level that was chosen after many looks means less than it says.
      </p>
    </details>
  );
}
