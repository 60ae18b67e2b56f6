import type { Cell } from './reader.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const MISSING = /^(|-?nan|na|n\/a|<na>|#n\/a|#na|null|none)$/i;
const INFINITE = /^[+-]?inf(inity)?$/i;
const WHOLE = /^[+-]?\d+$/;
const PADDED = /^[+-]?0\d/;

export type Decimal = '.' | ',';

const plainNumber = (text: string, decimal: Decimal): string | null => {
  if (decimal === '.') return NUMBER.test(text) ? text : null;
  if (text.includes('.')) return null;
  const plain = text.replace(',', '.');
  return NUMBER.test(plain) ? plain : null;
};

/**
 * A cell as a number, whatever its digits: null where it is missing, plus or minus infinity where it is infinite or
 * larger than float64, undefined where it is none.
 */
export function anyNumberOf(cell: Cell, decimal: Decimal = '.'): number | null | undefined {
  if (cell === null) return null;
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell;
  const text = cell.trim();
  if (MISSING.test(text)) return null;
  const plain = plainNumber(text, decimal);
  if (plain !== null) return Number(plain);
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
}

/** A cell of a number column: a finite number, null where it is missing, undefined where it is neither. */
export function numberOf(cell: Cell, decimal: Decimal = '.'): number | null | undefined {
  const value = anyNumberOf(cell, decimal);
  return value === Infinity || value === -Infinity ? undefined : value;
}

/** Why a column stays text though its cells look like numbers. */
export type KeptAsText = 'padded' | 'beyond-2^53';

/** Why this cell would lose something as a number, or null. */
export function losesAsNumber(cell: Cell): KeptAsText | null {
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  if (PADDED.test(text)) return 'padded';
  return WHOLE.test(text) && !Number.isSafeInteger(Number(text)) ? 'beyond-2^53' : null;
}
