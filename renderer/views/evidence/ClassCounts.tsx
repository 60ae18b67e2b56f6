import type { Dataset } from '../../../electron/contract/evidence.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { formatCount } from '../../components/number-format.ts';

/** Samples per class of each set. */
export function ClassCounts(props: { readonly datasets: readonly Dataset[] }) {
  const investigated = props.datasets.find(({ role }) => role === 'investigated');
  const trusted = props.datasets.find(({ role }) => role === 'trusted');
  if (!investigated) return null;
  const most = Math.max(1, ...investigated.classCounts);
  return (
    <section className="bz-section">
      <h2>Samples by label</h2>
      <table className="bz-table bz-table-narrow">
        <thead>
          <tr>
            <th>Class</th>
            <th className="bz-right">Investigated</th>
            <th aria-label="Share" />
            <th className="bz-right">Trusted</th>
          </tr>
        </thead>
        <tbody>
          {investigated.classes.map((name, k) => (
            <tr key={name}>
              <td>
                <ClassName classIndex={k} />
              </td>
              <td className="bz-number bz-right">{formatCount(investigated.classCounts[k])}</td>
              <td className="bz-bar-cell">
                <span
                  className="bz-bar"
                  style={{ width: `${(100 * investigated.classCounts[k]) / most}%` }}
                />
              </td>
              <td className="bz-number bz-right">
                {trusted ? formatCount(trusted.classCounts[k] ?? 0) : '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
