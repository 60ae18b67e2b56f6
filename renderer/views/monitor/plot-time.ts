/**
 * Time on a date axis of plotly.js. It draws dates as they are written and knows no zones: they are handed over in the
 * analyst's zone, without an offset, and read back the same way.
 */

const two = (n: number): string => String(n).padStart(2, '0');

/** Milliseconds since 1970 UTC as '2026-03-18 14:00:00' in the analyst's zone. */
export function toPlot(ms: number): string {
  const at = new Date(ms);
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** What {@link toPlot} wrote, or plotly's own '2026-03-18 14:30:12.3456', as milliseconds since 1970 UTC. */
export function fromPlot(text: string): number {
  const [date, time = '00:00'] = text.split(/[ T]/);
  const [year, month, day] = date.split('-').map(Number);
  const [hour, minute = 0, second = 0] = time.split(':').map(Number);
  return new Date(year, month - 1, day, hour, minute, 0, Math.round(second * 1000)).getTime();
}
