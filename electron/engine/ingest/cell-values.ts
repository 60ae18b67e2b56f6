import type { Cell } from './reader.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MISSING = /^(na|n\/a|nan|null|none)?$/i;

/** A cell of a number column: a finite number, null where it is missing, undefined where it is neither. */
export function numberOf(cell: Cell): number | null | undefined {
  if (cell === null) return null;
  if (typeof cell === 'number') {
    if (Number.isNaN(cell)) return null;
    return Number.isFinite(cell) ? cell : undefined;
  }
  const text = cell.trim();
  if (MISSING.test(text)) return null;
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether every cell is a number or missing, and at least one is a number. */
export function looksNumeric(cells: readonly Cell[]): boolean {
  let numbers = 0;
  for (const cell of cells) {
    const value = numberOf(cell);
    if (value === undefined) return false;
    if (value !== null) numbers += 1;
  }
  return numbers > 0;
}
