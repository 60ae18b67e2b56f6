import { useRef } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';
import { hasRow } from '../../state/row-set.ts';
import { useSelection } from '../../state/selection.ts';

interface RowPicking {
  onRowClick(this: void, event: MouseEvent, position: number): void;
  /** Arrows, Page, Home and End walk; Shift with them selects; Space picks; Ctrl+A selects all. */
  onKeyDown(this: void, event: KeyboardEvent): void;
}

/**
 * Picking rows of a list as on any desktop.
 *
 * @param order dataset rows in the order shown
 * @param perLine how far an arrow up or down goes
 * @param perPage how far Page up and Page down go
 */
export function useRowPicking(order: Int32Array, perLine: number, perPage: number): RowPicking {
  const anchor = useRef<number | null>(null);
  const { select, setCursor } = useSelection.getState();
  const isSelected = (row: number): boolean => hasRow(useSelection.getState().rows, row);

  const rangeTo = (position: number): Int32Array => {
    const from = anchor.current === null ? -1 : order.indexOf(anchor.current);
    const start = from < 0 ? position : from;
    return order.subarray(Math.min(start, position), Math.max(start, position) + 1);
  };

  return {
    onRowClick: (event, position) => {
      const row = order[position];
      if (event.shiftKey) select(rangeTo(position), event.ctrlKey || event.metaKey ? 'add' : 'replace');
      else {
        if (event.ctrlKey || event.metaKey) select([row], isSelected(row) ? 'subtract' : 'add');
        else select([row], 'replace');
        anchor.current = row;
      }
      setCursor(row);
    },
    onKeyDown: (event) => {
      const { cursor } = useSelection.getState();
      const at = cursor === null ? -1 : order.indexOf(cursor);
      const last = order.length - 1;
      if (last < 0) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'a') {
        event.preventDefault();
        select(order, 'replace');
        return;
      }
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const targets: Readonly<Record<string, number | undefined>> = {
        ArrowDown: at + perLine,
        ArrowUp: at - perLine,
        ArrowRight: perLine > 1 ? at + 1 : undefined,
        ArrowLeft: perLine > 1 ? at - 1 : undefined,
        PageDown: at + perPage,
        PageUp: at - perPage,
        Home: 0,
        End: last,
      };
      const target = targets[event.key];
      if (target !== undefined) {
        event.preventDefault();
        const position = Math.min(last, Math.max(0, at < 0 ? 0 : target));
        if (event.shiftKey) {
          anchor.current ??= at < 0 ? order[position] : order[at];
          select(rangeTo(position), 'replace');
        } else anchor.current = order[position];
        setCursor(order[position]);
      } else if (event.key === ' ' && at >= 0) {
        event.preventDefault();
        select([order[at]], isSelected(order[at]) ? 'subtract' : 'add');
        anchor.current = order[at];
      }
    },
  };
}
