import type { BadRow } from '../../electron/contract/evidence.ts';
import { formatCount, plural } from './number-format.ts';

/** Records that cannot be taken: where the first of them stand, and why. */
export function BadRows(props: { readonly rows: readonly BadRow[]; readonly count: number }) {
  const { rows, count } = props;
  const more = count - rows.length;
  return (
    <>
      <table className="bz-table bz-table-dense bz-bad-rows">
        <tbody>
          {rows.map(({ row, line, reason, text }) => (
            <tr key={row}>
              <td className="bz-number bz-nowrap">
                {line === null ? `record ${formatCount(row)}` : `line ${formatCount(line)}`}
              </td>
              <td>{reason}</td>
              <td className="bz-mono bz-examples">{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className="bz-quiet">and {plural(more, 'more record')}.</p> : null}
    </>
  );
}
