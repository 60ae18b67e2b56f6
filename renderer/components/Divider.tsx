import { useRef } from 'react';
import type { PointerEvent } from 'react';

const STEP = 16;

/**
 * The line between two panels: dragged, moved by arrow keys, put back by a double click.
 * `sign` is 1 when dragging right or down makes the panel larger.
 */
export function Divider(props: {
  readonly axis: 'x' | 'y';
  readonly sign: 1 | -1;
  readonly size: number;
  readonly least: number;
  readonly most: number;
  readonly usual: number;
  readonly name: string;
  readonly onSize: (size: number) => void;
}) {
  const start = useRef<{ readonly at: number; readonly size: number } | null>(null);
  const clamp = (size: number): number => Math.round(Math.min(props.most, Math.max(props.least, size)));
  const positionOf = (event: PointerEvent): number => (props.axis === 'x' ? event.clientX : event.clientY);
  return (
    <div
      className={`bz-divider bz-divider-${props.axis}`}
      role="separator"
      tabIndex={0}
      aria-orientation={props.axis === 'x' ? 'vertical' : 'horizontal'}
      aria-label={`Size of ${props.name}`}
      aria-valuenow={props.size}
      aria-valuemin={props.least}
      aria-valuemax={props.most}
      title="Drag to resize, double click to reset"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { at: positionOf(event), size: props.size };
      }}
      onPointerMove={(event) => {
        if (start.current) {
          props.onSize(clamp(start.current.size + props.sign * (positionOf(event) - start.current.at)));
        }
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
      onDoubleClick={() => {
        props.onSize(props.usual);
      }}
      onKeyDown={(event) => {
        const larger = props.axis === 'x' ? 'ArrowRight' : 'ArrowDown';
        const smaller = props.axis === 'x' ? 'ArrowLeft' : 'ArrowUp';
        if (event.key !== larger && event.key !== smaller) return;
        event.preventDefault();
        props.onSize(clamp(props.size + props.sign * (event.key === larger ? STEP : -STEP)));
      }}
    />
  );
}
