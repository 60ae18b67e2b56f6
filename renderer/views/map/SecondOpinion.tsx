import { Button, PopoverNext } from '@blueprintjs/core';
import { useState } from 'react';
import type { Corroboration, MapInfo } from '../../../electron/contract/maps.ts';
import { formatCount, formatNumber, formatTime } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { useActiveScanId, useCall } from '../../state/queries.ts';
import { useScanOrder } from '../../state/scan-order.ts';
import { useStartedJob } from '../../state/started-job.ts';
import { JobLine } from './JobLine.tsx';
import { ScopeField, scopeOf } from './ScopeField.tsx';

function Opinion(props: { readonly opinion: Corroboration }) {
  const { opinion } = props;
  const components = opinion.pcaVarianceOurs.map((ours, k) => ({
    ours,
    reference: opinion.pcaVarianceReference[k],
    cosine: opinion.pcaCosines[k],
  }));
  const of =
    opinion.shown === opinion.total
      ? formatCount(opinion.shown)
      : `${formatCount(opinion.shown)} of ${formatCount(opinion.total)}`;
  return (
    <article className="bz-opinion">
      <h3>
        {opinion.scopeName} <span className="bz-quiet">· {of} samples</span>
      </h3>
      <p>{opinion.sentence}</p>
      <table className="bz-table">
        <thead>
          <tr>
            <th>Component</th>
            <th className="bz-right">Variance, Bezoar</th>
            <th className="bz-right">Variance, ml-pca</th>
            <th className="bz-right" title="Cosine of the principal angle between the two leading subspaces">
              Cosine
            </th>
          </tr>
        </thead>
        <tbody>
          {components.map(({ ours, reference, cosine }, k) => (
            <tr key={k}>
              <td>{k + 1}</td>
              <td className="bz-number bz-right">{formatNumber(ours)}</td>
              <td className="bz-number bz-right">{formatNumber(reference)}</td>
              <td className="bz-number bz-right">{cosine === undefined ? '–' : cosine.toFixed(6)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="bz-quiet">{formatTime(opinion.createdAtMs)}</p>
    </article>
  );
}

/** The reference engines on a subset: what they find, what ours finds, and how far they agree. */
export function SecondOpinion(props: { readonly map: MapInfo }) {
  const scan = useActiveScanId();
  const seed = useScanOrder((s) => s.seed);
  const opinions = useCall('corroborate/list', {}).data ?? [];
  const newest = [...opinions].sort((a, b) => b.id - a.id);
  const [picked, setPicked] = useState<string | null>(null);
  const [wanted, setWanted] = useState<number | null>(null);
  const started = useStartedJob(setWanted);
  const choice = picked ?? (props.map.classIndex === null ? 'all' : String(props.map.classIndex));
  const opinion = newest.find(({ id }) => id === wanted) ?? newest.at(0);
  return (
    <PopoverNext
      placement="bottom-end"
      content={
        <div className="bz-map-popover bz-map-popover-wide" role="dialog" aria-label="Second opinion">
          <p className="bz-quiet">
            Independent implementations (ml-pca, density-clustering) look at the same rows. Up to 8,000; above
            that a seeded sample that holds every suspect.
          </p>
          <div className="bz-map-fields">
            <ScopeField value={choice} onChange={setPicked} />
            {started.job ? (
              <JobLine started={started} />
            ) : (
              <Button
                intent="primary"
                text="Corroborate"
                disabled={scan === null}
                title={scan === null ? 'Scan the case first (S)' : undefined}
                onClick={() => {
                  if (scan !== null)
                    started.start(
                      currentHost().call('corroborate/start', { scope: scopeOf(choice), scan, seed }),
                    );
                }}
              />
            )}
          </div>
          {newest.length > 1 ? (
            <label className="bz-field">
              <span>Opinion shown</span>
              <select
                value={opinion?.id}
                onChange={(event) => {
                  setWanted(Number(event.target.value));
                }}
              >
                {newest.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.scopeName}, {formatTime(one.createdAtMs)}
                  </option>
                ))}
              </select>
            </label>
          ) : null}
          {opinion ? <Opinion opinion={opinion} /> : null}
        </div>
      }
    >
      <Button size="small" text="Second opinion…" title="Corroborate with the reference engines" />
    </PopoverNext>
  );
}
