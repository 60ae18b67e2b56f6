import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { ScanSummary } from '../../../electron/contract/scan.ts';
import { formatCount, formatTime, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';

function ScanSelect(props: {
  readonly label: string;
  readonly scans: readonly ScanSummary[];
  readonly value: number;
  readonly onValue: (id: number) => void;
}) {
  return (
    <label className="bz-field bz-field-inline">
      <span>{props.label}</span>
      <select
        value={props.value}
        onChange={(event) => {
          props.onValue(Number(event.target.value));
        }}
      >
        {props.scans.map((scan) => (
          <option key={scan.id} value={scan.id}>
            {`#${scan.id}, ${formatTime(scan.startedAtMs)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a newer scan puts forward beyond an older one, and what it drops. `scans`: at least two, newest first. */
export function CompareScans(props: { readonly scans: readonly ScanSummary[] }) {
  const [a, setA] = useState(props.scans[1].id);
  const [b, setB] = useState(props.scans[0].id);
  const { data, error } = useCall('scan/compare', a === b ? null : { a, b });
  const select = useSelection((s) => s.select);
  const set = useViewState((s) => s.set);
  const setSuspectFilter = useViewState((s) => s.setSuspectFilter);
  const show = (rows: readonly number[]): void => {
    select(rows, 'replace');
    setSuspectFilter({ rows: 'selection', classIndex: null, verdict: 'any', method: null });
    set({ view: 'suspects' });
  };
  return (
    <section className="bz-section bz-compare">
      <h2>Two scans beside each other</h2>
      <div className="bz-actions">
        <ScanSelect label="From" scans={props.scans} value={a} onValue={setA} />
        <ScanSelect label="to" scans={props.scans} value={b} onValue={setB} />
      </div>
      {a === b ? <p className="bz-quiet">Choose two different scans.</p> : null}
      {error ? <Problem error={error} /> : null}
      {data ? (
        <>
          <p>
            {plural(data.both, 'sample is', 'samples are')} put forward by both,{' '}
            {formatCount(data.added.length)} only by #{b}, {formatCount(data.dropped.length)} only by #{a}.
          </p>
          <div className="bz-actions">
            <Button
              size="small"
              text={`Look at the ${formatCount(data.added.length)} added`}
              disabled={data.added.length === 0}
              onClick={() => {
                show(data.added);
              }}
            />
            <Button
              size="small"
              text={`Look at the ${formatCount(data.dropped.length)} dropped`}
              disabled={data.dropped.length === 0}
              onClick={() => {
                show(data.dropped);
              }}
            />
          </div>
          {data.classes.length > 0 ? (
            <table className="bz-table bz-table-narrow">
              <thead>
                <tr>
                  <th>Class</th>
                  <th className="bz-right">#{a}</th>
                  <th className="bz-right">#{b}</th>
                  <th className="bz-right">Added</th>
                  <th className="bz-right">Dropped</th>
                </tr>
              </thead>
              <tbody>
                {data.classes.map((one) => (
                  <tr key={one.name}>
                    <td>{one.name}</td>
                    <td className="bz-number bz-right">{formatCount(one.inA)}</td>
                    <td className="bz-number bz-right">{formatCount(one.inB)}</td>
                    <td className="bz-number bz-right">{formatCount(one.added)}</td>
                    <td className="bz-number bz-right">{formatCount(one.dropped)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
        </>
      ) : null}
    </section>
  );
}
