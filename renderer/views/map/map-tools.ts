import { Hand, PolygonFilter, SelectionBox } from '@blueprintjs/icons';
import { useEffect, useEffectEvent } from 'react';
import type { Tool } from '../../scatter/gestures.ts';

export const ZOOM_STEP = 1.4;

export const tools: readonly {
  readonly tool: Tool;
  readonly key: string;
  readonly text: string;
  readonly Icon: typeof Hand;
}[] = [
  { tool: 'pan', key: 'H', text: 'Move', Icon: Hand },
  { tool: 'lasso', key: 'L', text: 'Lasso', Icon: PolygonFilter },
  { tool: 'rectangle', key: 'R', text: 'Rectangle', Icon: SelectionBox },
];

/** Keys of the map while it is on the screen: L, R and H take a tool, +, - and 0 zoom. */
export function useMapKeys(onTool: (tool: Tool) => void, zoom: (factor: number | null) => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const { target } = event;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (
      target instanceof Element &&
      target.closest('input, select, textarea, [role="dialog"], [role="menu"]')
    )
      return;
    const tool = tools.find(({ key }) => key.toLowerCase() === event.key.toLowerCase());
    if (tool) onTool(tool.tool);
    else if (event.key === '+' || event.key === '=') zoom(ZOOM_STEP);
    else if (event.key === '-') zoom(1 / ZOOM_STEP);
    else if (event.key === '0') zoom(null);
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      press(event);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
    };
  }, []);
}
