import { Button } from '@blueprintjs/core';
import type { FlipMatrix as Flips, ScanDetail } from '../../../electron/contract/scan.ts';
import { formatCount, formatP, formatShare, plural } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { useSelection } from '../../state/selection.ts';
import { sayFailure } from '../../state/toasts.ts';
import { useViewState } from '../../state/view-state.ts';

const MOST_PAIRS = 8;

function useShowFlips(scan: number) {
  const select = useSelection((s) => s.select);
  const set = useViewState((s) => s.set);
  return (from: number, to: number): void => {
    currentHost()
      .call('scan/flip-rows', { scan, from, to })
      .then(({ rows }) => {
        select(rows, 'replace');
        set({ view: 'map' });
      }, sayFailure);
  };
}

function Matrix(props: {
  readonly scan: ScanDetail;
  readonly flips: Flips;
  readonly counts: readonly number[];
  readonly show: (from: number, to: number) => void;
}) {
  const { scan, flips, counts, show } = props;
  const names = scan.classNames;
  const shown = names.flatMap((_, c) => (flips.judged[c] ? [c] : []));
  const at = (from: number, to: number): number => counts[from * names.length + to];
  return (
    <table className="bz-flips" aria-label="Given labels and what they look like">
      <thead>
        <tr>
          <th className="bz-quiet">given ↓ looks like →</th>
          {shown.map((to) => (
            <th key={to} className="bz-flips-name" title={names[to]}>
              <span>{names[to]}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((from) => {
          const given = scan.classes.find(({ classIndex }) => classIndex === from)?.n ?? 0;
          return (
            <tr key={from}>
              <th>{names[from]}</th>
              {shown.map((to) => {
                const count = at(from, to);
                if (from === to || count === 0)
                  return (
                    <td key={to} className="bz-number bz-quiet">
                      {count === 0 ? '' : formatCount(count)}
                    </td>
                  );
                const lopsided = flips.pairs.find((pair) => pair.from === from && pair.to === to);
                const share = formatShare(count / Math.max(1, given));
                return (
                  <td key={to} className={lopsided ? 'bz-flips-lopsided' : undefined}>
                    <button
                      type="button"
                      className="bz-number"
                      title={`${plural(count, 'sample')} given ${names[from]} ${count === 1 ? 'looks' : 'look'} like ${names[to]} (${share} of the class), ${formatCount(at(to, from))} the other way${lopsided ? `; lopsided beyond chance, ${formatP(Math.exp(lopsided.lnP), lopsided.lnP)}` : ''}. Click selects them on the map.`}
                      onClick={() => {
                        show(from, to);
                      }}
                    >
                      {lopsided ? '◆ ' : ''}
                      {formatCount(count)}
                    </button>
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Which given labels look like which others, and the pairs that are lopsided beyond chance. */
export function FlipMatrix(props: { readonly scan: ScanDetail }) {
  const { scan } = props;
  const asked = scan.detectors.includes('label-errors');
  const { data: flips } = useCall('scan/flips', asked ? { scan: scan.id } : null);
  const show = useShowFlips(scan.id);
  if (!flips) return null;
  return (
    <details className="bz-agreement">
      <summary>
        Flip matrix{' '}
        <span className="bz-quiet">
          which labels look like which others; {plural(flips.pairs.length, 'pair is', 'pairs are')} lopsided
          beyond chance
        </span>
      </summary>
      {flips.counts ? <Matrix scan={scan} flips={flips} counts={flips.counts} show={show} /> : null}
      {flips.pairs.length > 0 ? (
        <table className="bz-table" aria-label="Lopsided pairs">
          <thead>
            <tr>
              <th>Given</th>
              <th>Looks like</th>
              <th className="bz-right">Samples</th>
              <th className="bz-right">The other way</th>
              <th className="bz-right" title={`Exact test of symmetry, for ${flips.tested} pairs tested`}>
                By chance
              </th>
              <th />
            </tr>
          </thead>
          <tbody>
            {flips.pairs.slice(0, MOST_PAIRS).map(({ from, to, count, reverse, lnP }) => (
              <tr key={`${from} ${to}`}>
                <td>{scan.classNames[from]}</td>
                <td>{scan.classNames[to]}</td>
                <td className="bz-number bz-right">{formatCount(count)}</td>
                <td className="bz-number bz-right">{formatCount(reverse)}</td>
                <td className="bz-number bz-right bz-nowrap">{formatP(Math.exp(lnP), lnP)}</td>
                <td className="bz-right">
                  <Button
                    size="small"
                    className="bz-nowrap"
                    text="Select on the map"
                    onClick={() => {
                      show(from, to);
                    }}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <p className="bz-quiet">
        By label errors (confident learning). Natural confusions are lopsided too, so this raises no alarm: a
        large count between labels that have no business looking alike is worth opening.
      </p>
    </details>
  );
}
