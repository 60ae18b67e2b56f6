import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { Hash } from '../../components/Hash.tsx';
import { formatBytes, formatDuration, formatShare } from '../../components/number-format.ts';

/** How a scan was made: enough to make it again. */
export function ScanRecord(props: { readonly scan: ScanDetail }) {
  const { scan } = props;
  return (
    <section className="bz-section">
      <h2>How this scan was made</h2>
      <table className="bz-table bz-table-narrow">
        <thead>
          <tr>
            <th>Method</th>
            <th>Gives</th>
            <th className="bz-right">Took</th>
            <th>After</th>
          </tr>
        </thead>
        <tbody>
          {scan.detectorRuns.map((run) => (
            <tr key={run.id}>
              <td>
                {run.title} <span className="bz-quiet">v{run.version}</span>
              </td>
              <td className="bz-nowrap">{run.certificate === 'exact' ? 'exact p-values' : 'a ranking'}</td>
              <td className="bz-number bz-right bz-nowrap">{formatDuration(run.milliseconds)}</td>
              <td className="bz-quiet">{run.reference}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="bz-pairs">
        <dt>Level</dt>
        <dd className="bz-number">{formatShare(scan.alpha)} over all classes together</dd>
        <dt>Seed</dt>
        <dd className="bz-number">{scan.seed}</dd>
        <dt>Engine</dt>
        <dd>
          {scan.engine}, Bezoar {scan.version}, {formatDuration(scan.milliseconds)}, peak{' '}
          {formatBytes(scan.peakRssBytes)}
        </dd>
        {scan.inputs.map((input) => (
          <div key={input.name} className="bz-pair">
            <dt>{input.name}</dt>
            <dd>
              <Hash value={input.sha256} what={`SHA-256 of ${input.name}`} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
