import { Button } from '@blueprintjs/core';
import { useMemo, useState } from 'react';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { methodInitials, methodTitle } from '../../components/method-title.ts';
import { formatCount } from '../../components/number-format.ts';
import { useBulk } from '../../state/queries.ts';
import { useFlagged } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { intersections, marksOf, rowsOfIntersection } from './method-agreement.ts';

/** Longer tables are cut: what few samples share is not agreement. */
const MOST_LINES = 14;

/** Initials of the titles, numbered where two are the same. */
function distinctInitials(titles: readonly string[]): string[] {
  const plain = titles.map(methodInitials);
  return plain.map((own, at) => {
    const before = plain.slice(0, at).filter((other) => other === own).length;
    return before === 0 ? own : `${own}${before + 1}`;
  });
}

/** Which samples the methods agree on: choose methods, see their intersections, take one along to the map. */
export function Agreement(props: { readonly scan: ScanDetail }) {
  const { scan } = props;
  const { data } = useBulk({ array: 'methods', scan: scan.id });
  const methods = data?.dtype === 'uint32' ? data.data : undefined;
  const flagged = useFlagged();
  const select = useSelection((s) => s.select);
  const set = useViewState((s) => s.set);
  const titles = useMemo(() => scan.methodIds.map((id) => methodTitle(scan, id)), [scan]);
  const initials = useMemo(() => distinctInitials(titles), [titles]);
  const marks = useMemo(() => (methods ? marksOf(methods, titles.length) : []), [methods, titles]);
  const used = marks.flatMap((count, bit) => (count > 0 ? [bit] : []));
  const [dropped, setDropped] = useState<ReadonlySet<number>>(new Set());
  const chosen = used.filter((bit) => !dropped.has(bit));
  const found = useMemo(
    () => (methods ? intersections(methods, flagged, chosen) : []),
    // The chosen bits are new numbers at every render; their text is what they say.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [methods, flagged, chosen.join(' ')],
  );
  if (!methods || used.length === 0) return null;
  const shown = found.slice(0, MOST_LINES);
  return (
    <details className="bz-agreement">
      <summary>
        Methods’ agreement{' '}
        <span className="bz-quiet">
          which samples several methods single out; {formatCount(used.length)} of {formatCount(titles.length)}{' '}
          methods mark any
        </span>
      </summary>
      <div className="bz-agreement-methods" role="group" aria-label="Methods that are compared">
        {used.map((bit) => (
          <label key={bit}>
            <input
              type="checkbox"
              checked={!dropped.has(bit)}
              onChange={() => {
                const next = new Set(dropped);
                if (!next.delete(bit)) next.add(bit);
                setDropped(next);
              }}
            />{' '}
            <span className="bz-number">{initials[bit]}</span> {titles[bit]}{' '}
            <span className="bz-quiet bz-number">{formatCount(marks[bit])}</span>
          </label>
        ))}
      </div>
      <table className="bz-table">
        <thead>
          <tr>
            <th className="bz-right">Agree</th>
            {chosen.map((bit) => (
              <th key={bit} className="bz-agreement-dot" title={titles[bit]}>
                {initials[bit]}
              </th>
            ))}
            <th className="bz-right">Samples</th>
            <th className="bz-right">Put forward</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {shown.map((one) => (
            <tr key={one.mask}>
              <td className="bz-number bz-right">{one.bits.length}</td>
              {chosen.map((bit) => (
                <td key={bit} className="bz-agreement-dot" title={titles[bit]}>
                  {one.bits.includes(bit) ? '●' : ''}
                </td>
              ))}
              <td className="bz-number bz-right">{formatCount(one.count)}</td>
              <td className="bz-number bz-right">{formatCount(one.flagged)}</td>
              <td className="bz-right">
                <Button
                  size="small"
                  className="bz-nowrap"
                  text="Select on the map"
                  onClick={() => {
                    select(rowsOfIntersection(methods, chosen, one), 'replace');
                    set({ view: 'map' });
                  }}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > shown.length ? (
        <p className="bz-quiet">
          {formatCount(found.length - shown.length)} more combinations that fewer methods agree on. Leave
          methods out to see them.
        </p>
      ) : null}
    </details>
  );
}
