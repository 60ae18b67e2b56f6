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
export function numberOf(cell: Cell, decimal: Decimal = '.'): number | null | undefined {
  if (cell === null) return null;
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell;
  const text = cell.trim();
  if (MISSING.test(text)) return null;
  const plain = plainNumber(text, decimal);
  if (plain !== null) return Number(plain);
  if (INFINITE.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return undefined;
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

/**
 * Whether a cell that stands as text in a text format may stand in a number column: missing, or a number that keeps all
 * of what is written. Identifiers with leading zeros and whole numbers beyond 2^53 do not.
 */
export function isPlainNumber(cell: Cell, decimal: Decimal): boolean {
  return numberOf(cell, decimal) !== undefined && losesAsNumber(cell) === null;
}
