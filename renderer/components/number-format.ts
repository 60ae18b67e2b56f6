const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const three = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const times = new Intl.DateTimeFormat('en-GB', {
  year: 'numeric',
  month: 'short',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'shortOffset',
});

/** '60,000'. */
export function formatCount(n: number): string {
  return counts.format(n);
}

/** Three significant digits: '0.0123', '1.2e-9'; an en dash for null and NaN. */
export function formatNumber(x: number | null | undefined): string {
  if (x === null || x === undefined || Number.isNaN(x)) return '–';
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return Number.isFinite(x) ? x.toExponential(2).replace(/\.?0+e/, 'e') : String(x);
  }
  return size >= 1000 ? counts.format(x) : three.format(x);
}

/** A share from 0 to 1: '0.4 %'. */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return '–';
  return `${three.format(share * 100)} %`;
}

/** A number from its natural logarithm, also outside the range of a double: '3.2e-411'. */
export function formatExp(ln: number): string {
  if (ln >= -690 && ln < Math.log(1e5)) return formatNumber(Math.exp(ln));
  const log10 = ln / Math.LN10;
  const exponent = Math.floor(log10);
  return `${three.format(10 ** (log10 - exponent))}e${exponent < 0 ? '' : '+'}${exponent}`;
}

/** A p-value from its natural logarithm, also below the smallest double: 'p = 3.2e-411'. */
export function formatP(p: number | null, lnP: number | null): string {
  if (lnP !== null && lnP < -690) return `p = ${formatExp(lnP)}`;
  return p === null ? 'no p-value' : `p = ${formatNumber(p)}`;
}

/** '12.3 MB'; powers of 1000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${three.format(size)} ${units[unit]}`;
}

/** The analyst's zone with its offset. */
export function formatTime(ms: number): string {
  return times.format(ms);
}

/** '420 ms', '3.2 s', '4 min 10 s', '2 h 5 min'. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** 'A', 'A and B', 'A, B and C'. */
export function formatList(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** '1 sample', '12 samples'. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`;
}
