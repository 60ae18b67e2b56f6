import { Button, PopoverNext } from '@blueprintjs/core';
import { useState } from 'react';
import type { ClusteringInfo, MapInfo } from '../../../electron/contract/maps.ts';
import { formatCount, formatNumber, plural } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import type { StartedJob } from '../../state/started-job.ts';
import { JobLine } from './JobLine.tsx';

type Method = ClusteringInfo['method'];

const methods: readonly (readonly [Method, string])[] = [
  ['dbscan', 'DBSCAN'],
  ['hdbscan', 'HDBSCAN'],
  ['reference', 'DBSCAN, independent implementation'],
];

function parameters({ method, eps, minPoints }: ClusteringInfo): string {
  const name = method === 'reference' ? 'DBSCAN, independent' : method.toUpperCase();
  return `${name}, ${eps === null ? '' : `eps ${formatNumber(eps)}, `}${minPoints} points`;
}

const explained: Readonly<Record<Method, string>> = {
  dbscan:
    'DBSCAN on the coordinates of this map. An island is where every point has enough others within eps; points outside are noise.',
  hdbscan:
    'HDBSCAN on the coordinates of this map: islands of any density that last longest while the radius grows. Points that belong to none are noise.',
  reference:
    'DBSCAN by an independent implementation, to hold the other against. Above 8,000 points a seeded sample with every suspect is clustered.',
};

/** The islands of this map's points: method and parameters, and what former runs found. */
export function Islands(props: {
  readonly map: MapInfo;
  readonly clusterings: readonly ClusteringInfo[];
  readonly shown: number | null;
  readonly started: StartedJob;
  readonly onShow: (clustering: number) => void;
}) {
  const { map, clusterings, shown, started, onShow } = props;
  const [method, setMethod] = useState<Method>('dbscan');
  const [eps, setEps] = useState('');
  const [minPoints, setMinPoints] = useState('10');
  const epsValue = eps.trim() === '' ? null : Number(eps);
  const pointsValue = Number(minPoints);
  const epsRight = epsValue === null || (Number.isFinite(epsValue) && epsValue > 0);
  const pointsRight = Number.isInteger(pointsValue) && pointsValue >= 2 && pointsValue <= 500;
  return (
    <PopoverNext
      placement="bottom-end"
      content={
        <form
          className="bz-map-popover"
          role="dialog"
          aria-label="Islands"
          onSubmit={(event) => {
            event.preventDefault();
            started.start(
              currentHost().call('cluster/start', {
                map: map.id,
                method,
                eps: method === 'hdbscan' ? null : epsValue,
                minPoints: pointsValue,
              }),
            );
          }}
        >
          <label className="bz-field">
            <span>Method</span>
            <select
              value={method}
              onChange={(event) => {
                setMethod(event.target.value as Method);
              }}
            >
              {methods.map(([id, name]) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <p className="bz-quiet">{explained[method]}</p>
          <div className="bz-map-fields">
            <label className="bz-field">
              <span>Radius eps (map units)</span>
              <input
                type="number"
                min={0}
                step="any"
                value={eps}
                placeholder={method === 'hdbscan' ? 'none needed' : 'from the distances'}
                disabled={method === 'hdbscan'}
                aria-invalid={!epsRight}
                onChange={(event) => {
                  setEps(event.target.value);
                }}
              />
            </label>
            <label className="bz-field">
              <span>Points (2 to 500)</span>
              <input
                type="number"
                min={2}
                max={500}
                value={minPoints}
                aria-invalid={!pointsRight}
                onChange={(event) => {
                  setMinPoints(event.target.value);
                }}
              />
            </label>
          </div>
          {started.job ? (
            <JobLine started={started} />
          ) : (
            <Button type="submit" intent="primary" text="Find islands" disabled={!epsRight || !pointsRight} />
          )}
          {clusterings.length > 0 ? (
            <ul className="bz-map-results" aria-label="Clusterings of this map">
              {clusterings.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    aria-pressed={one.id === shown}
                    onClick={() => {
                      onShow(one.id);
                    }}
                  >
                    <span>
                      {plural(one.clusters, 'island')}, {formatCount(one.noise)} noise
                    </span>
                    <span className="bz-quiet">
                      {parameters(one)}
                      {one.shown < map.shown
                        ? `, ${formatCount(one.shown)} of ${formatCount(map.shown)} points`
                        : ''}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          ) : null}
        </form>
      }
    >
      <Button size="small" text="Islands…" title="Islands of this map" />
    </PopoverNext>
  );
}
