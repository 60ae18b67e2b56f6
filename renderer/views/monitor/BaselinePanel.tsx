import { Button } from '@blueprintjs/core';
import { useState } from 'react';
import type { Baseline } from '../../../electron/contract/baselines.ts';
import { formatCount, formatNumber, formatShare, formatTime } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { currentHost } from '../../state/host-context.ts';
import { useCall } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { BaselineForm } from './BaselineForm.tsx';

async function importBaseline(): Promise<void> {
  try {
    const [file] = await currentHost().acquireFiles('evidence');
    if (file) await currentHost().call('baseline/import', { file: file.token });
  } catch (error) {
    sayFailure(error);
  }
}

async function exportBaseline(baseline: Baseline): Promise<void> {
  const host = currentHost();
  try {
    const target = await host.saveFile('export', `${baseline.name}-v${baseline.version}.json`);
    if (target === null) return;
    await host.call('export/monitoring', {
      kind: 'baseline-json',
      of: baseline.id,
      target: target.token,
    });
    await host.delivered(target);
  } catch (error) {
    sayFailure(error);
  }
}

const nameOf = (one: Baseline): string => `${one.name} v${one.version}`;

function measured(value: number | null, unit: string): string {
  if (value === null) return '–';
  return unit === '1' ? formatShare(value) : `${formatNumber(value)}${unit === '' ? '' : ` ${unit}`}`;
}

function Comparison(props: { readonly a: Baseline; readonly b: Baseline }) {
  const { a, b } = props;
  const { data, error } = useCall('baseline/compare', { a: a.id, b: b.id });
  if (error) return <Problem error={error} />;
  if (!data) return null;
  return (
    <div className="bz-scroll-x bz-requests" tabIndex={0} role="region" aria-label="Two baselines">
      {data.notes.map((note) => (
        <p key={note} className="bz-quiet">
          {note}
        </p>
      ))}
      <table className="bz-table bz-table-dense">
        <thead>
          <tr>
            <th>Of</th>
            <th>Measure</th>
            <th className="bz-right">{nameOf(a)}</th>
            <th className="bz-right">{nameOf(b)}</th>
            <th className="bz-right">Effect</th>
            <th className="bz-right" title="Benjamini-Hochberg over all lines">
              p, adjusted
            </th>
          </tr>
        </thead>
        <tbody>
          {data.lines.map((line) => (
            <tr key={`${line.group} ${line.subject} ${line.measure}`}>
              <td className="bz-nowrap">
                {line.subject} <span className="bz-quiet">{line.group}</span>
              </td>
              <td>{line.measure}</td>
              <td className="bz-number bz-right">{measured(line.a, line.unit)}</td>
              <td className="bz-number bz-right">{measured(line.b, line.unit)}</td>
              <td className="bz-number bz-right" title={line.effect?.name}>
                {line.effect ? formatNumber(line.effect.value) : '–'}
              </td>
              <td className="bz-number bz-right">{formatNumber(line.adjustedPValue)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The baselines of the case: what each is of and what it promises; two beside each other; new ones. */
export function BaselinePanel(props: { readonly onDone: () => void }) {
  const baselines = useCall('baseline/list', {}).data ?? [];
  const [compared, setCompared] = useState<readonly number[]>([]);
  const [making, setMaking] = useState(false);
  const pair = compared.flatMap((id) => baselines.filter((one) => one.id === id));
  return (
    <>
      {baselines.length > 0 ? (
        <div className="bz-scroll-x">
          <table className="bz-table">
            <thead>
              <tr>
                <th aria-label="Compare" />
                <th>Baseline</th>
                <th className="bz-right">Requests</th>
                <th className="bz-right">Days</th>
                <th>Promises</th>
                <th>Against itself</th>
                <th>Made</th>
                <th aria-label="Acts" />
              </tr>
            </thead>
            <tbody>
              {baselines.map((one) => (
                <tr key={one.id}>
                  <td>
                    <input
                      type="checkbox"
                      aria-label={`Compare ${nameOf(one)}`}
                      checked={compared.includes(one.id)}
                      onChange={(event) => {
                        setCompared(
                          event.target.checked
                            ? [...compared, one.id].slice(-2)
                            : compared.filter((id) => id !== one.id),
                        );
                      }}
                    />
                  </td>
                  <td title={one.notes.join(' ')}>
                    {nameOf(one)}
                    {one.exact ? null : (
                      <span className="bz-quiet"> summary, rank error {formatShare(one.rankError)}</span>
                    )}
                  </td>
                  <td className="bz-number bz-right">{formatCount(one.rows)}</td>
                  <td className="bz-number bz-right">{formatCount(one.days)}</td>
                  <td className="bz-quiet">{one.promise}</td>
                  <td className="bz-quiet">{one.selfCheck}</td>
                  <td className="bz-number bz-quiet bz-nowrap">{formatTime(one.createdAtMs)}</td>
                  <td>
                    <Button size="small" text="Export…" onClick={() => void exportBaseline(one)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
      <div className="bz-actions">
        <Button
          size="small"
          text="New baseline…"
          aria-expanded={making}
          onClick={() => {
            setMaking(!making);
          }}
        />
        <Button size="small" text="Read one from a file…" onClick={() => void importBaseline()} />
        <span className="bz-quiet">
          {baselines.length > 1 && pair.length < 2 ? 'Tick two to see them beside each other.' : ''}
        </span>
      </div>
      {making ? (
        <BaselineForm
          onDone={() => {
            setMaking(false);
            props.onDone();
          }}
        />
      ) : null}
      {pair.length === 2 ? <Comparison a={pair[0]} b={pair[1]} /> : null}
    </>
  );
}
