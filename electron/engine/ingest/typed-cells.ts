import type { Cell } from './reader.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text; null where they are none: pictures, for one. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** A whole number; as text where float64 does not hold it. */
export function wholeCell(value: bigint): Cell {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** A decimal as a number where its digits are few enough for float64 to give them back, else as text. */
export function decimalCell(unscaled: bigint, scale: number): Cell {
  const number = Number(unscaled);
  if (Number.isSafeInteger(number) && scale <= 22) return number / 10 ** scale;
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const rest = scale === 0 ? '' : `.${digits.slice(digits.length - scale)}`;
  return `${unscaled < 0n ? '-' : ''}${whole}${rest}`;
}
