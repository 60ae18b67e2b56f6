import { useCallback } from 'react';
import { axis, ground, Plot, token } from './Plot.tsx';

/** One drawn series in the chart's own words. */
export interface Series {
  readonly name: string;
  readonly kind: 'bars' | 'steps' | 'line';
  /** Positions; for bars and steps the left edges with one closing edge more than there are heights. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly colour: string;
}

/** A vertical line with its name, drawn over the series. */
interface Threshold {
  readonly at: number;
  readonly name: string;
}

interface ChartProps {
  /** Names the saved file and what a screen reader says. */
  readonly title: string;
  readonly series: readonly Series[];
  readonly threshold: Threshold | null;
  /** With the unit. */
  readonly xTitle: string;
  readonly yTitle: string;
  readonly logY: boolean;
}

function trace(series: Series): unknown {
  const hover = '%{x:.4~g}: %{y:,}<extra>%{fullData.name}</extra>';
  if (series.kind === 'bars') {
    const width = series.x.slice(1).map((edge, k) => edge - series.x[k]);
    return {
      type: 'bar',
      name: series.name,
      x: width.map((w, k) => series.x[k] + w / 2),
      y: series.y,
      width,
      marker: { color: series.colour, line: { width: 0 } },
      hovertemplate: hover,
    };
  }
  return {
    type: 'scatter',
    mode: series.kind === 'line' ? 'lines+markers' : 'lines',
    name: series.name,
    x: series.x,
    y: series.kind === 'steps' ? [...series.y, series.y.at(-1) ?? 0] : series.y,
    line: { color: series.colour, width: 1.5, shape: series.kind === 'steps' ? 'hv' : 'linear' },
    marker: { size: 5, color: series.colour },
    hovertemplate: hover,
  };
}

function layout(props: ChartProps): unknown {
  const cut = props.threshold;
  const counts = props.series.flatMap((one) => one.y);
  return {
    ...ground(),
    margin: { l: 56, r: 16, t: props.series.length > 1 ? 28 : 8, b: 40 },
    barmode: 'overlay',
    bargap: 0,
    showlegend: props.series.length > 1,
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { size: 12 } },
    xaxis: axis(props.xTitle),
    yaxis: {
      ...axis(props.yTitle),
      type: props.logY ? 'log' : 'linear',
      // From half a sample up, so that a bin of one sample shows its bar.
      range: props.logY ? [Math.log10(0.5), Math.log10(Math.max(2, ...counts) * 1.4)] : undefined,
      dtick: props.logY ? 1 : undefined,
    },
    shapes: cut
      ? [
          {
            type: 'line',
            x0: cut.at,
            x1: cut.at,
            yref: 'paper',
            y0: 0,
            y1: 1,
            line: { color: token('--bz-caution'), width: 1.5, dash: 'dash' },
          },
        ]
      : [],
    annotations: cut
      ? [
          {
            x: cut.at,
            yref: 'paper',
            y: 1,
            text: cut.name,
            showarrow: false,
            xanchor: 'left',
            xshift: 4,
            yanchor: 'top',
            font: { color: token('--bz-caution-ink'), size: 12 },
          },
        ]
      : [],
  };
}

/** A labelled chart with its threshold drawn and named; drag zooms, double click resets; PNG and SVG out. */
export function Chart(props: ChartProps) {
  const { title, series, threshold, xTitle, yTitle, logY } = props;
  const draw = useCallback(
    () => ({
      data: series.map(trace),
      layout: layout({ title, series, threshold, xTitle, yTitle, logY }),
    }),
    [title, series, threshold, xTitle, yTitle, logY],
  );
  return <Plot title={title} draw={draw} />;
}
