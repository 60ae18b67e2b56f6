import { create } from 'zustand';
import { useSelection } from './selection.ts';

interface SuspectOrderState {
  /** Dataset rows in the order that J and K walk: what the Suspects view shows, else the suspects by rank. */
  readonly order: Int32Array;
  setOrder(this: void, order: Int32Array): void;
}

export const useSuspectOrder = create<SuspectOrderState>()((set) => ({
  order: new Int32Array(0),
  setOrder: (order) => {
    set({ order });
  },
}));

/** Flagged rows by rank, 1 first. */
export function suspectsByRank(flagged: Uint8Array, rank: Int32Array): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < flagged.length; row++) if (flagged[row] !== 0) rows.push(row);
  return Int32Array.from(rows.sort((a, b) => rank[a] - rank[b] || a - b));
}

/** Moves the cursor along the order; from a row that is not in it, to its first or last. Returns the new row. */
export function stepCursor(delta: 1 | -1): number | null {
  const { order } = useSuspectOrder.getState();
  const { cursor, setCursor } = useSelection.getState();
  if (order.length === 0) return null;
  const at = cursor === null ? -1 : order.indexOf(cursor);
  const next =
    at < 0 ? (delta > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, at + delta));
  setCursor(order[next]);
  return order[next];
}
