import { Button, ButtonGroup } from '@blueprintjs/core';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { PlotlyModule } from 'plotly.js-cartesian-dist-min';
import { useTheme } from '../state/theme.ts';
import './chart.css';

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

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
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

function axis(title: string) {
  return {
    title: { text: title, standoff: 8, font: { size: 12 } },
    gridcolor: token('--bz-line-faint'),
    zerolinecolor: token('--bz-line-strong'),
    linecolor: token('--bz-line-strong'),
    tickfont: { size: 12 },
    automargin: true,
  };
}

function layout(props: ChartProps): unknown {
  const cut = props.threshold;
  const counts = props.series.flatMap((one) => one.y);
  return {
    paper_bgcolor: token('--bz-ground'),
    plot_bgcolor: token('--bz-ground'),
    font: { family: token('--bz-sans'), size: 12, color: token('--bz-ink-2') },
    margin: { l: 56, r: 16, t: props.series.length > 1 ? 28 : 8, b: 40 },
    barmode: 'overlay',
    bargap: 0,
    showlegend: props.series.length > 1,
    legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', font: { size: 12 } },
    hoverlabel: {
      bgcolor: token('--bz-raised'),
      bordercolor: token('--bz-line-strong'),
      font: { color: token('--bz-ink') },
    },
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

const config = {
  displayModeBar: false,
  displaylogo: false,
  responsive: false,
  doubleClick: 'reset',
  scrollZoom: false,
};

/** A labelled chart with its threshold drawn and named; drag zooms, double click resets; PNG and SVG out. */
export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [plotly, setPlotly] = useState<PlotlyModule | null>(null);
  const theme = useTheme();
  const { title, series, threshold, xTitle, yTitle, logY } = props;
  const drawing = useMemo(
    () => ({ title, series, threshold, xTitle, yTitle, logY }),
    [title, series, threshold, xTitle, yTitle, logY],
  );

  useEffect(() => {
    let wanted = true;
    void import('plotly.js-cartesian-dist-min').then((module) => {
      if (wanted) setPlotly(module.default);
    });
    return () => {
      wanted = false;
    };
  }, []);

  useEffect(() => {
    const root = place.current;
    if (!plotly || !root) return;
    void plotly.react(root, drawing.series.map(trace), layout(drawing), config);
  }, [plotly, drawing, theme]);

  useEffect(() => {
    const root = place.current;
    if (!plotly || !root) return;
    const observer = new ResizeObserver(() => {
      if (root.clientWidth > 0 && root.clientHeight > 0) void plotly.Plots.resize(root);
    });
    observer.observe(root);
    return () => {
      observer.disconnect();
      plotly.purge(root);
    };
  }, [plotly]);

  const save = async (format: 'png' | 'svg'): Promise<void> => {
    const root = place.current;
    if (!plotly || !root) return;
    const link = document.createElement('a');
    link.href = await plotly.toImage(root, {
      format,
      width: root.clientWidth,
      height: root.clientHeight,
      scale: format === 'png' ? 2 : 1,
    });
    link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, '-')}.${format}`;
    link.click();
  };

  return (
    <figure className="bz-chart" aria-label={title}>
      <figcaption className="bz-chart-caption">
        <span>{title}</span>
        <ButtonGroup minimal>
          <Button small text="PNG" onClick={() => void save('png')} aria-label={`Save ${title} as PNG`} />
          <Button small text="SVG" onClick={() => void save('svg')} aria-label={`Save ${title} as SVG`} />
        </ButtonGroup>
      </figcaption>
      <div ref={place} className="bz-chart-drawing" />
    </figure>
  );
}
