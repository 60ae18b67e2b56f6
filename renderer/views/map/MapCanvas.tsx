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

interface MapCanvasProps {
  readonly label: string;
  readonly points: { readonly x: Float32Array; readonly y: Float32Array };
  /** Where the map was left; read when the points change. */
  readonly camera: View | undefined;
  /** The points are those of a map that is being drawn: the view stays when they move. */
  readonly moving: boolean;
  readonly index: Uint8Array | undefined;
  readonly palette: Uint32Array | undefined;
  readonly emphasis: Emphasis;
  /** Index of the point under the cursor, -1 none. */
  readonly current: number;
  readonly tool: Tool;
  readonly theme: ScatterTheme;
  readonly scatter: RefObject<Scatter | null>;
  /** Whether the view is the analyst's own; a fitted map is not, and stays fitted when the window is resized. */
  readonly moved: RefObject<boolean>;
  readonly onHover: (index: number, xCss: number, yCss: number) => void;
  readonly onClick: (index: number, modifiers: Modifiers) => void;
  readonly onSelect: (indices: Uint32Array, mode: SelectMode) => void;
  /** The analyst moved the view and let it rest. */
  readonly onCamera: (view: View) => void;
  readonly onFit: () => void;
  readonly onRenderer: (notice: RendererNotice) => void;
}

const CAMERA_REST_MS = 250;
const MIDDLE_BUTTON = 1;
const moveKeys: ReadonlySet<string> = new Set([
  'ArrowLeft',
  'ArrowRight',
  'ArrowUp',
  'ArrowDown',
  '+',
  '=',
  '-',
  '_',
  ' ',
]);

/** The point map inside React: each prop goes to the scatter when it changes, nothing is drawn by React. */
export function MapCanvas(props: MapCanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const { scatter, moved, points, index, palette, emphasis, current, tool, theme, label } = props;

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
        if (timer !== null) clearTimeout(timer);
        timer = setTimeout(() => {
          if (moved.current) camera(view);
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

  const wasMoving = useRef(false);
  const showPoints = useEffectEvent((next: MapCanvasProps['points']) => {
    const own = props.moving && wasMoving.current && moved.current ? scatter.current?.getView() : null;
    const view = own ?? props.camera;
    wasMoving.current = props.moving;
    moved.current = view !== undefined;
    scatter.current?.setPoints(next, view);
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
  }, [scatter, points, current]);
  // A map that has just been opened stays where it was left; it follows the cursor from then on.
  const revealed = useRef(current);
  useEffect(() => {
    if (revealed.current === current) return;
    revealed.current = current;
    if (current >= 0) scatter.current?.reveal(current);
  }, [scatter, current]);
  useEffect(() => {
    scatter.current?.setTool(tool);
  }, [scatter, tool]);
  useEffect(() => {
    scatter.current?.setLabel(label);
  }, [scatter, label]);
  useEffect(() => {
    scatter.current?.setTheme(theme);
  }, [scatter, theme]);

  return (
    <div
      ref={place}
      className="bz-map-canvas"
      onWheel={() => {
        moved.current = true;
      }}
      onPointerDown={(event) => {
        if (tool === 'pan' || event.button === MIDDLE_BUTTON) moved.current = true;
      }}
      onKeyDownCapture={({ key }) => {
        if (key === '0') props.onFit();
        else if (moveKeys.has(key)) moved.current = true;
      }}
    />
  );
}
