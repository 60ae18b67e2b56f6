import { useCallback } from 'react';
import type { Alert } from '../../../electron/contract/alerts.ts';
import type { MonitorRunDetail } from '../../../electron/contract/monitor.ts';
import { axis, ground, Plot, token } from '../../components/Plot.tsx';
import { formatNumber } from '../../components/number-format.ts';
import { useCall } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { zoneAt } from './alert-words.ts';
import { fromPlot, toPlot } from './plot-time.ts';

const ROW = 20;

/** Windows by subjects: how far each lies from the baseline. A click looks at that window, in that subject's metric. */
export function HeatMap(props: { readonly run: MonitorRunDetail; readonly alerts: readonly Alert[] }) {
  const { run } = props;
  const lane = useViewState((s) => s.lane);
  const set = useViewState((s) => s.set);
  const { data } = useCall('monitor/heat-map', { run: run.id, lane });
  const draw = useCallback(() => {
    const rows = data?.rows ?? [];
    const { windows } = data ?? { windows: { start: [] as number[], end: [] as number[] } };
    return {
      data: [
        {
          type: 'heatmap',
          x: windows.start.map(toPlot),
          y: rows.map(({ subject }) => subject),
          z: rows.map(({ values }) => values),
          customdata: rows.map(({ effect, pValues }) =>
            pValues.map((p) => `${effect}, p ${p === null ? '–' : p.toPrecision(3)}`),
          ),
          xgap: lane === 'day' ? 1 : 0,
          ygap: 1,
          zmin: 0,
          colorscale: [
            [0, token('--bz-surface')],
            [0.5, token('--bz-caution')],
            [1, token('--bz-alarm')],
          ],
          // Its colour bar writes inline styles, which the content security policy does not admit.
          showscale: false,
          hovertemplate: '%{y}, %{x|%d %b %H:%M}: %{z:.3~g}<br>%{customdata}<extra></extra>',
        },
      ],
      layout: {
        ...ground(),
        margin: { l: 130, r: 16, t: 4, b: 40 },
        xaxis: { ...axis(`time, ${zoneAt(run.fromMs)}`), type: 'date' },
        yaxis: { ...axis(''), autorange: 'reversed', type: 'category' },
      },
    };
  }, [data, lane, run.fromMs]);
  if (!data || data.rows.length === 0) return null;
  const largest = Math.max(0, ...data.rows.flatMap(({ values }) => values.map((value) => value ?? 0)));
  return (
    <div className="bz-monitor-chart" style={{ height: 110 + ROW * data.rows.length }}>
      <Plot
        title="How far each window lies from the baseline"
        draw={draw}
        tools={
          <span className="bz-heat-scale bz-quiet">
            as before <span aria-hidden="true" className="bz-heat-ramp" /> {formatNumber(largest)}
          </span>
        }
        onPick={(x, y) => {
          const at = data.windows.start.indexOf(fromPlot(x));
          const metric = run.metrics.find(({ subject }) => subject === y);
          if (at >= 0)
            set({
              span: { fromMs: data.windows.start[at], toMs: data.windows.end[at] },
              alert: null,
              ...(metric ? { metrics: [metric.id] } : {}),
            });
        }}
      />
    </div>
  );
}
