import { Button, ButtonGroup } from '@blueprintjs/core';
import { useEffect, useRef, useState } from 'react';
import type { PlotlyModule, PlotlyRoot } from 'plotly.js-cartesian-dist-min';
import { useTheme } from '../state/theme.ts';
import './chart.css';

/** A colour or font of the theme, as it stands now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** What is common to every axis. */
export function axis(title: string) {
  return {
    title: { text: title, standoff: 8, font: { size: 12 } },
    gridcolor: token('--bz-line-faint'),
    zerolinecolor: token('--bz-line-strong'),
    linecolor: token('--bz-line-strong'),
    tickfont: { size: 12 },
    automargin: true,
  };
}

/** What is common to every layout. */
export function ground() {
  return {
    paper_bgcolor: token('--bz-ground'),
    plot_bgcolor: token('--bz-ground'),
    font: { family: token('--bz-sans'), size: 12, color: token('--bz-ink-2') },
    hoverlabel: {
      bgcolor: token('--bz-raised'),
      bordercolor: token('--bz-line-strong'),
      font: { color: token('--bz-ink') },
    },
  };
}

/** A drawing in the words of plotly.js. Made anew when the theme changes, so that its colours are read then. */
export interface Drawing {
  readonly data: unknown[];
  readonly layout: unknown;
}

const config = {
  displayModeBar: false,
  displaylogo: false,
  responsive: false,
  doubleClick: 'reset',
  scrollZoom: false,
};

/**
 * A drawing with its title, and PNG and SVG out. Drag zooms and double click resets, unless `onBrush` is given: a drag then
 * brushes a span of the x axis, and a double click lets it go (null).
 *
 * @param props.draw kept by the caller while nothing of it changes
 */
export function Plot(props: {
  readonly title: string;
  readonly draw: () => Drawing;
  readonly tools?: React.ReactNode;
  readonly onBrush?: (span: readonly [string, string] | null) => void;
  /** Told where on the x axis was clicked. */
  readonly onPick?: (x: string, y: string) => void;
}) {
  const { title, draw, onBrush, onPick } = props;
  const place = useRef<PlotlyRoot>(null);
  const told = useRef({ onBrush, onPick });
  const [plotly, setPlotly] = useState<PlotlyModule | null>(null);
  const theme = useTheme();

  useEffect(() => {
    told.current = { onBrush, onPick };
  }, [onBrush, onPick]);

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
    const { data, layout } = draw();
    void plotly.react(root, data, layout, config);
  }, [plotly, draw, theme]);

  useEffect(() => {
    const root = place.current;
    if (!plotly || !root) return;
    const observer = new ResizeObserver(() => {
      if (root.clientWidth > 0 && root.clientHeight > 0) void plotly.Plots.resize(root);
    });
    observer.observe(root);
    root.on?.('plotly_selected', (event) => {
      const x = event?.range?.x;
      if (x) told.current.onBrush?.([String(x[0]), String(x[1])]);
    });
    root.on?.('plotly_deselect', () => told.current.onBrush?.(null));
    root.on?.('plotly_click', (event) => {
      const [point] = event?.points ?? [];
      if (point) told.current.onPick?.(String(point.x), String(point.y));
    });
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
        {props.tools}
        <ButtonGroup minimal>
          <Button small text="PNG" onClick={() => void save('png')} aria-label={`Save ${title} as PNG`} />
          <Button small text="SVG" onClick={() => void save('svg')} aria-label={`Save ${title} as SVG`} />
        </ButtonGroup>
      </figcaption>
      <div ref={place} className="bz-chart-drawing" />
    </figure>
  );
}
