import { Button, Classes, PopoverNext } from '@blueprintjs/core';
import { useMemo } from 'react';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { methodInitials, methodTitle } from '../../components/method-title.ts';
import { formatCount, plural } from '../../components/number-format.ts';
import { useSelection } from '../../state/selection.ts';
import { methodOverlap, methodsOfMask } from './suspect-rows.ts';

const IN_LINE = 2;

/** Which detectors put the listed rows forward together, and which alone; a combination selects its rows. */
export function MethodOverlap(props: {
  readonly scan: ScanDetail;
  readonly order: Int32Array;
  readonly methods: Uint32Array;
}) {
  const { scan, order, methods } = props;
  // Bits beyond the detectors are the ways of the decision, which are no opinions of their own.
  const among = 2 ** scan.detectors.length - 1;
  const overlap = useMemo(() => methodOverlap(order, methods, among), [order, methods, among]);
  const used = scan.methodIds.filter((_, bit) => overlap.some(({ mask }) => ((mask >>> bit) & 1) === 1));
  const { select } = useSelection.getState();
  const choose = (mask: number): void => {
    select(
      Array.from(order).filter((row) => (methods[row] & among) === mask),
      'replace',
    );
  };
  const titlesOf = (mask: number): string[] =>
    methodsOfMask(mask, scan.methodIds).map((id) => methodTitle(scan, id));
  const nameOf = (mask: number): string => {
    const titles = titlesOf(mask);
    if (titles.length === 0) return 'no detector';
    if (titles.length === 1) return `only ${titles[0].replace(/,.*/, '')}`;
    if (titles.length === used.length) return used.length === 2 ? 'both' : `all ${used.length}`;
    return titles.length > 3 ? `${titles.length} methods` : titles.map(methodInitials).join(' + ');
  };
  if (overlap.length === 0) return null;
  return (
    <div className="bz-overlap">
      <span className="bz-quiet">Put forward by</span>
      {overlap.slice(0, IN_LINE).map(({ mask, count }) => (
        <button
          key={mask}
          type="button"
          className="bz-overlap-part"
          title={`${titlesOf(mask).join(', ') || 'no detector on its own: by the decision about the class'}. Click selects ${plural(count, 'sample')}.`}
          onClick={() => {
            choose(mask);
          }}
        >
          {nameOf(mask)} <strong className="bz-number">{formatCount(count)}</strong>
        </button>
      ))}
      {used.length > 0 ? (
        <PopoverNext
          placement="bottom-start"
          content={
            <div className="bz-overlap-popover" role="dialog" aria-label="Overlap of methods">
              <table className="bz-table">
                <thead>
                  <tr>
                    {used.map((id) => (
                      <th key={id} title={methodTitle(scan, id)}>
                        {methodInitials(methodTitle(scan, id))}
                      </th>
                    ))}
                    <th className="bz-right">Samples</th>
                    <th />
                  </tr>
                </thead>
                <tbody>
                  {overlap.map(({ mask, count }) => (
                    <tr key={mask}>
                      {used.map((id) => (
                        <td key={id}>{methodsOfMask(mask, scan.methodIds).includes(id) ? '●' : ''}</td>
                      ))}
                      <td className="bz-number bz-right">{formatCount(count)}</td>
                      <td>
                        <Button
                          className={Classes.POPOVER_DISMISS}
                          size="small"
                          variant="minimal"
                          text="Select"
                          onClick={() => {
                            choose(mask);
                          }}
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          }
        >
          <Button
            size="small"
            variant="minimal"
            text={overlap.length > IN_LINE ? `${overlap.length - IN_LINE} more…` : 'Overlap…'}
          />
        </PopoverNext>
      ) : null}
    </div>
  );
}
