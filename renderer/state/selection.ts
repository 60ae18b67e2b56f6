import { create } from 'zustand';
import type { SelectMode } from '../scatter/selection.ts';
import { combineRows, rowSet, sameRows } from './row-set.ts';

const HISTORY = 100;
const NONE = new Int32Array(0);

interface SelectionState {
  /** Rows of the investigated set, ascending, each once. The same on the map, in the table, in the gallery. */
  readonly rows: Int32Array;
  /** The row that keys act on and the inspector shows. */
  readonly cursor: number | null;
  readonly past: readonly Int32Array[];
  readonly future: readonly Int32Array[];
  /** Any order, repeats allowed; what changes can be undone. */
  select(this: void, rows: Iterable<number>, mode: SelectMode): void;
  setCursor(this: void, row: number | null): void;
  clear(this: void): void;
  undo(this: void): void;
  redo(this: void): void;
  /** Another case or another set: nothing of the old one stays, history included. */
  restart(this: void, rows?: Iterable<number>, cursor?: number | null): void;
}

export const useSelection = create<SelectionState>()((set, get) => ({
  rows: NONE,
  cursor: null,
  past: [],
  future: [],
  select: (rows, mode) => {
    const { rows: present, past } = get();
    const next = combineRows(present, rowSet(rows), mode);
    if (sameRows(present, next)) return;
    set({ rows: next, past: [...past, present].slice(-HISTORY), future: [] });
  },
  setCursor: (row) => {
    set({ cursor: row });
  },
  clear: () => {
    get().select([], 'replace');
  },
  undo: () => {
    const { rows, past, future } = get();
    const before = past.at(-1);
    if (before) set({ rows: before, past: past.slice(0, -1), future: [...future, rows] });
  },
  redo: () => {
    const { rows, past, future } = get();
    const after = future.at(-1);
    if (after) set({ rows: after, past: [...past, rows], future: future.slice(0, -1) });
  },
  restart: (rows = [], cursor = null) => {
    set({ rows: rowSet(rows), cursor, past: [], future: [] });
  },
}));
