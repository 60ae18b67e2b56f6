import { useEffect, useEffectEvent, useRef } from 'react';
import type { RefObject } from 'react';
import type { View } from '../../scatter/camera.ts';
import type { Emphasis } from '../../scatter/draw-list.ts';
import type { Tool } from '../../scatter/gestures.ts';
import type { RendererNotice } from '../../scatter/point-layer.ts';
import type { ScatterTheme } from '../../scatter/point-renderer.ts';
import { createScatter } from '../../scatter/scatter.ts';
import type { Scatter } from '../../scatter/scatter.ts';
import type { Modifiers, SelectMode } from '../../scatter/selection.ts';

export interface MapCanvasProps {
  readonly label: string;
  readonly points: { readonly x: Float32Array; readonly y: Float32Array };
  /** Where the map was left; read when the points change. */
  readonly camera: View | undefined;
  readonly index: Uint8Array | undefined;
  readonly palette: Uint32Array | undefined;
  readonly emphasis: Emphasis;
  /** Index of the point under the cursor, -1 none. */
  readonly current: number;
  readonly tool: Tool;
  readonly theme: ScatterTheme;
  readonly scatter: RefObject<Scatter | null>;
  readonly onHover: (index: number, xCss: number, yCss: number) => void;
  readonly onClick: (index: number, modifiers: Modifiers) => void;
  readonly onSelect: (indices: Uint32Array, mode: SelectMode) => void;
  /** The analyst moved the view. */
  readonly onCamera: (view: View) => void;
  readonly onRenderer: (notice: RendererNotice) => void;
}

const CAMERA_REST_MS = 250;

/** The point map inside React: each prop goes to the scatter when it changes, nothing is drawn by React. */
export function MapCanvas(props: MapCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const moved = useRef(false);
  const { scatter, points, index, palette, emphasis, current, tool, theme } = props;

  const hover = useEffectEvent(props.onHover);
  const click = useEffectEvent(props.onClick);
  const select = useEffectEvent(props.onSelect);
  const camera = useEffectEvent(props.onCamera);
  const renderer = useEffectEvent(props.onRenderer);
  const create = useEffectEvent((container: HTMLElement): (() => void) => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const created = createScatter(container, {
      theme: props.theme,
      label: props.label,
      onHover: (i, x, y) => {
        hover(i, x, y);
      },
      onClick: (i, modifiers) => {
        click(i, modifiers);
      },
      onSelect: (indices, mode) => {
        select(indices, mode);
      },
      onViewChange: (view) => {
        // A fitted map stays fitted when the window is resized, so only a view of the analyst's own is kept.
        if (!moved.current) return;
        if (timer !== null) clearTimeout(timer);
        timer = setTimeout(() => {
          camera(view);
        }, CAMERA_REST_MS);
      },
      onRenderer: (notice) => {
        renderer(notice);
      },
    });
    scatter.current = created;
    return () => {
      if (timer !== null) clearTimeout(timer);
      created.dispose();
      scatter.current = null;
    };
  });

  useEffect(() => (place.current ? create(place.current) : undefined), []);

  const showPoints = useEffectEvent((next: MapCanvasProps['points']) => {
    moved.current = false;
    scatter.current?.setPoints(next, props.camera);
  });
  useEffect(() => {
    showPoints(points);
  }, [points]);
  useEffect(() => {
    if (index && palette) scatter.current?.setColours(index, palette);
  }, [scatter, points, index, palette]);
  useEffect(() => {
    scatter.current?.setEmphasis(emphasis);
  }, [scatter, points, emphasis]);
  useEffect(() => {
    scatter.current?.setCurrent(current);
    if (current >= 0) scatter.current?.reveal(current);
  }, [scatter, points, current]);
  useEffect(() => {
    scatter.current?.setTool(tool);
  }, [scatter, tool]);
  useEffect(() => {
    scatter.current?.setTheme(theme);
  }, [scatter, theme]);

  const touch = (): void => {
    moved.current = true;
  };
  return (
    <div
      ref={place}
      className="bz-map-canvas"
      onWheel={touch}
      onPointerDown={touch}
      onKeyDownCapture={touch}
    />
  );
}
