import { useCallback, useMemo } from 'react';
import type { Alert } from '../../../electron/contract/alerts.ts';
import type { Metric, MonitorRunDetail } from '../../../electron/contract/monitor.ts';
import { Choice } from '../../components/Choice.tsx';
import { axis, ground, Plot, token } from '../../components/Plot.tsx';
import { Problem } from '../../components/Problem.tsx';
import { useCall } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { zoneAt } from './alert-words.ts';
import { fromPlot, toPlot } from './plot-time.ts';

const LANES = [
  { value: 'hour', text: 'By hour' },
  { value: 'day', text: 'By day' },
] as const;

/** The metric that says most of a run: the evidence itself, else the share of what alarmed, else the first. */
function usual(metrics: readonly Metric[], alerts: readonly Alert[]): Metric | undefined {
  const [first] = alerts;
  return (
    metrics.find(({ group, subject }) => group === 'predictions' && subject === first?.subject) ??
    metrics.find(({ group }) => group === 'alarm') ??
    metrics[0]
  );
}

/** Any metric against the baseline's band, with the alerts on it; a drag brushes the time that is looked at everywhere. */
export function Timeline(props: { readonly run: MonitorRunDetail; readonly alerts: readonly Alert[] }) {
  const { run, alerts } = props;
  const lane = useViewState((s) => s.lane);
  const chosen = useViewState((s) => s.metrics);
  const span = useViewState((s) => s.span);
  const set = useViewState((s) => s.set);
  const metric = run.metrics.find(({ id }) => id === chosen[0]) ?? usual(run.metrics, alerts);
  const { data, error } = useCall(
    'monitor/series',
    metric ? { run: run.id, lane, metrics: [metric.id] } : null,
  );
  const groups = useMemo(() => Map.groupBy(run.metrics, ({ group }) => group), [run.metrics]);

  const draw = useCallback(() => {
    const found = data?.series[0];
    const { windows } = data ?? { windows: { start: [], end: [], rows: [] } };
    const x = windows.start.map(toPlot);
    const colour = token('--bz-selection');
    const band =
      found?.lower && found.upper
        ? [
            {
              type: 'scatter',
              mode: 'lines',
              name: 'baseline, lower',
              x,
              y: found.lower,
              line: { width: 0, shape: 'hv' },
              hoverinfo: 'skip',
              showlegend: false,
            },
            {
              type: 'scatter',
              mode: 'lines',
              name: 'baseline',
              x,
              y: found.upper,
              line: { width: 0, shape: 'hv' },
              fill: 'tonexty',
              fillcolor: token('--bz-selection-wash'),
              hovertemplate: 'up to %{y:.4~g}<extra>baseline</extra>',
            },
          ]
        : [];
    return {
      data: [
        ...band,
        {
          type: 'scatter',
          mode: 'lines',
          name: metric?.title ?? '',
          x,
          y: found?.values ?? [],
          customdata: windows.rows,
          line: { color: colour, width: 1.5, shape: 'hv' },
          hovertemplate: '%{x|%d %b %H:%M}: %{y:.5~g}<br>%{customdata:,} requests<extra></extra>',
        },
      ],
      layout: {
        ...ground(),
        margin: { l: 56, r: 16, t: 8, b: 40 },
        showlegend: false,
        dragmode: 'select',
        selectdirection: 'h',
        xaxis: { ...axis(`time, ${zoneAt(run.fromMs)}`), type: 'date' },
        yaxis: {
          ...axis(metric ? (metric.unit === '' ? metric.title : `${metric.title}, ${metric.unit}`) : ''),
        },
        shapes: [
          ...alerts.map((alert) => ({
            type: 'rect',
            xref: 'x',
            yref: 'paper',
            x0: toPlot(alert.onsetMs),
            x1: toPlot(alert.windowEndMs),
            y0: 0,
            y1: 1,
            line: { width: 0 },
            fillcolor: token(
              alert.severity === 'warning' || alert.severity === 'info'
                ? '--bz-caution-wash'
                : '--bz-alarm-wash',
            ),
          })),
          ...(span
            ? [span.fromMs, span.toMs].map((at) => ({
                type: 'line',
                xref: 'x',
                yref: 'paper',
                x0: toPlot(at),
                x1: toPlot(at),
                y0: 0,
                y1: 1,
                line: { color: token('--bz-ink-2'), width: 1, dash: 'dot' },
              }))
            : []),
        ],
        annotations: alerts.slice(0, 12).map((alert) => ({
          x: toPlot(alert.onsetMs),
          yref: 'paper',
          y: 1,
          text: alert.subject,
          showarrow: false,
          xanchor: 'left',
          xshift: 4,
          yanchor: 'top',
          font: { color: token('--bz-ink-2'), size: 12 },
        })),
      },
    };
  }, [data, metric, alerts, span, run.fromMs]);

  if (!metric) return null;
  return (
    <div className="bz-monitor-chart">
      {error ? <Problem error={error} /> : null}
      <Plot
        title={metric.title}
        draw={draw}
        onBrush={(brushed) => {
          set({
            span: brushed ? { fromMs: fromPlot(brushed[0]), toMs: fromPlot(brushed[1]) } : null,
            alert: null,
          });
        }}
        tools={
          <>
            <Choice
              name="Windows"
              options={LANES}
              value={lane}
              onChange={(value) => {
                set({ lane: value });
              }}
            />
            <select
              aria-label="Metric"
              value={metric.id}
              onChange={(event) => {
                set({ metrics: [event.target.value] });
              }}
            >
              {[...groups].map(([group, metrics]) => (
                <optgroup key={group} label={group}>
                  {metrics.map(({ id, title }) => (
                    <option key={id} value={id}>
                      {title}
                    </option>
                  ))}
                </optgroup>
              ))}
            </select>
          </>
        }
      />
    </div>
  );
}
