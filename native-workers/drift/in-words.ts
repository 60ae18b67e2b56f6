/** '2026-03-18 14:00' of milliseconds since 1970 UTC; with seconds where they are not 0. */
export function timeInWords(time: number): string {
  if (!Number.isFinite(time)) return 'an unknown time';
  const iso = new Date(time).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, iso.slice(17, 19) === '00' ? 16 : 19)}`;
}

/** 'From 2026-03-18 14:00 to 15:00 UTC'; the day is said again where it is another one. */
export function windowInWords({ start, end }: { readonly start: number; readonly end: number }): string {
  const from = timeInWords(start);
  const to = timeInWords(end);
  return `From ${from} to ${to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to} UTC`;
}

/** Three digits that count: '0.213', '12.5', '4,130', '1.2e-7'. */
export function numberInWords(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(1);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

export function percentInWords(share: number): string {
  return `${numberInWords(100 * share)} %`;
}

/** 'p = 0.03', 'p < 0.0001'; a Monte Carlo p-value at its floor is said to be below it, none is said to be 0. */
export function pInWords(p: number, leastP: number | null): string {
  if (leastP !== null && p <= leastP) return `p < ${numberInWords(Number((2 * leastP).toPrecision(1)) / 2)}`;
  return p < 1e-4 ? 'p < 0.0001' : `p = ${numberInWords(p)}`;
}

/** '1 row', '2,000 rows'. */
export function countInWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
