import type { Modifiers } from './selection.ts';

/** What the left button does on the map. */
export type Tool = 'lasso' | 'rectangle' | 'pan';

/** What people do on the map, in CSS pixels from its top left corner. */
export interface GestureHandlers {
  tool(): Tool;
  onPan(dxCss: number, dyCss: number): void;
  /** factor > 1 magnifies; without a place, the middle of the map stays. */
  onZoom(factor: number, xCss?: number, yCss?: number): void;
  onFit(): void;
  onPointer(xCss: number, yCss: number): void;
  onPointerGone(): void;
  onClick(xCss: number, yCss: number, modifiers: Modifiers): void;
  onOutlineStart(xCss: number, yCss: number, modifiers: Modifiers): void;
  onOutlineMove(xCss: number, yCss: number, modifiers: Modifiers): void;
  onOutlineEnd(modifiers: Modifiers): void;
  onOutlineCancel(): void;
}

const CLICK_SLACK_CSS = 4;
const WHEEL_LINE_CSS = 16;
const WHEEL_PAGE_CSS = 400;
const WHEEL_ZOOM_PER_CSS = 0.0015;
const PINCH_ZOOM_PER_CSS = 0.01;
const KEY_PAN_CSS = 40;
const KEY_PAN_FAR_CSS = 200;
const KEY_ZOOM = 1.25;

const LEFT_BUTTON = 0;
const MIDDLE_BUTTON = 1;

/**
 * Reads pointer, wheel and keys on the map's element.
 *
 * @returns a function that stops listening
 */
export function listenForGestures(element: HTMLElement, handlers: GestureHandlers): () => void {
  const stop = new AbortController();
  const options = { signal: stop.signal };
  let spaceHeld = false;
  let drag: { kind: 'pan' | 'press' | 'outline'; xCss: number; yCss: number } | null = null;

  const place = (event: MouseEvent): [xCss: number, yCss: number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const showCursor = (): void => {
    const panning = spaceHeld || handlers.tool() === 'pan';
    element.style.cursor = drag?.kind === 'pan' ? 'grabbing' : panning ? 'grab' : 'crosshair';
  };
  const endDrag = (): void => {
    drag = null;
    showCursor();
  };
  const abandon = (): void => {
    if (drag?.kind === 'outline') handlers.onOutlineCancel();
    endDrag();
  };

  element.addEventListener(
    'pointerdown',
    (event) => {
      if (drag || (event.button !== LEFT_BUTTON && event.button !== MIDDLE_BUTTON)) return;
      // Keeps the middle button from starting the browser's own scrolling.
      event.preventDefault();
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      const [xCss, yCss] = place(event);
      const pans = event.button === MIDDLE_BUTTON || spaceHeld;
      drag = { kind: pans ? 'pan' : 'press', xCss, yCss };
      showCursor();
    },
    options,
  );

  element.addEventListener(
    'pointermove',
    (event) => {
      const [xCss, yCss] = place(event);
      if (!drag) {
        showCursor();
        handlers.onPointer(xCss, yCss);
        return;
      }
      const modifiers = modifiersOf(event);
      if (drag.kind === 'press') {
        if (Math.hypot(xCss - drag.xCss, yCss - drag.yCss) < CLICK_SLACK_CSS) return;
        handlers.onPointerGone();
        if (handlers.tool() === 'pan') drag.kind = 'pan';
        else {
          drag.kind = 'outline';
          handlers.onOutlineStart(drag.xCss, drag.yCss, modifiers);
        }
        showCursor();
      }
      if (drag.kind === 'pan') {
        handlers.onPan(xCss - drag.xCss, yCss - drag.yCss);
        drag = { kind: 'pan', xCss, yCss };
      } else handlers.onOutlineMove(xCss, yCss, modifiers);
    },
    options,
  );

  element.addEventListener(
    'pointerup',
    (event) => {
      if (!drag) return;
      const { kind } = drag;
      endDrag();
      const modifiers = modifiersOf(event);
      if (kind === 'outline') handlers.onOutlineEnd(modifiers);
      else if (kind === 'press') handlers.onClick(...place(event), modifiers);
    },
    options,
  );

  element.addEventListener('pointercancel', abandon, options);
  element.addEventListener(
    'pointerleave',
    () => {
      if (!drag) handlers.onPointerGone();
    },
    options,
  );

  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? WHEEL_LINE_CSS : event.deltaMode === 2 ? WHEEL_PAGE_CSS : 1;
      // Pinching on a touchpad arrives as a wheel with Ctrl, in much smaller steps.
      const perCss = event.ctrlKey ? PINCH_ZOOM_PER_CSS : WHEEL_ZOOM_PER_CSS;
      handlers.onZoom(Math.exp(-event.deltaY * unit * perCss), ...place(event));
    },
    { ...options, passive: false },
  );

  element.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') {
        if (drag?.kind !== 'outline') return;
        abandon();
      } else if (event.key === ' ') {
        spaceHeld = true;
        showCursor();
      } else if (!viewKey(event, handlers)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    options,
  );

  const releaseSpace = (): void => {
    spaceHeld = false;
    showCursor();
  };
  element.addEventListener(
    'keyup',
    (event) => {
      if (event.key === ' ') releaseSpace();
    },
    options,
  );
  element.addEventListener('blur', releaseSpace, options);
  showCursor();

  return () => stop.abort();
}

/** Arrows pan, + and - zoom, 0 fits; false for any other key. */
function viewKey(event: KeyboardEvent, handlers: GestureHandlers): boolean {
  const step = event.shiftKey ? KEY_PAN_FAR_CSS : KEY_PAN_CSS;
  switch (event.key) {
    case 'ArrowLeft':
      handlers.onPan(step, 0);
      return true;
    case 'ArrowRight':
      handlers.onPan(-step, 0);
      return true;
    case 'ArrowUp':
      handlers.onPan(0, step);
      return true;
    case 'ArrowDown':
      handlers.onPan(0, -step);
      return true;
    case '+':
    case '=':
      handlers.onZoom(KEY_ZOOM);
      return true;
    case '-':
    case '_':
      handlers.onZoom(1 / KEY_ZOOM);
      return true;
    case '0':
      handlers.onFit();
      return true;
    default:
      return false;
  }
}

function modifiersOf(event: MouseEvent): Modifiers {
  return { shift: event.shiftKey, alt: event.altKey, ctrl: event.ctrlKey || event.metaKey };
}
