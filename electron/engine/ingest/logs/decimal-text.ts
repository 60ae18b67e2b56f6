const [ZERO, NINE, MINUS] = [48, 57, 45];
export const POINT = 46;
const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);

/**
 * The number that the bytes write with at most 15 digits and no exponent: an integer below 2^53 by a power of ten that
 * float64 holds, so the quotient is the nearest float64 (Clinger 1990). NaN for anything else.
 * @param sign the byte in front of decimals
 */
export function decimalAt(bytes: Uint8Array, start: number, end: number, sign: number): number {
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at += 1;
  if (end - at > 16) return Number.NaN;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at += 1) {
    const byte = bytes[at];
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + byte - ZERO;
      digits += 1;
    } else if (byte === sign && point < 0) point = digits;
    else return Number.NaN;
  }
  if (digits === 0 || digits > 15) return Number.NaN;
  const value = point < 0 ? mantissa : mantissa / powersOfTen[digits - point];
  return negative ? -value : value;
}

/** Whether the bytes are an integer as JavaScript would write it. */
export function plainInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start] === MINUS ? start + 1 : start;
  if (end - first > 15 || first === end) return false;
  if (bytes[first] === ZERO) return end - start === 1;
  for (let at = first; at < end; at += 1) if (bytes[at] < ZERO || bytes[at] > NINE) return false;
  return true;
}
