import { wilsonInterval } from '../numeric/wilson-interval.ts';
import { lnBinomialTail } from '../numeric/distributions.ts';
import type { Alert } from './alert.ts';
import { BEHAVIOUR_ALARM } from './alert-of-change.ts';
import { joinSpans, type HourSpan } from './episodes.ts';
import type { HeldLog } from './held-log.ts';
import { countInWords, numberInWords, windowInWords } from './in-words.ts';
import { HOUR } from './log-windows.ts';
import type { LaneSeries } from './run-lanes.ts';

/** These classes have a tenth of the budget (explorers 2.6, step 1). */
const PART = 10;
/** What the reference has never seen counts as half a request. */
const HALF = 0.5;

/**
 * Classes that the reference has never or hardly predicted: a window alarms where the binomial tail of its count, against the reference's
 * count and half a request, is below a tenth of the budget's chance. One alert a class.
 *
 * @param series of the lanes, for their windows and thresholds
 */
export function newClassAlerts(log: HeldLog, series: readonly LaneSeries[]): Alert[] {
  const { table, reference, counts } = log;
  const { classes, rare } = reference.layout;
  const watched = new Set(classes);
  const rowsOf = new Map<number, number[]>();
  for (let row = 0; row < table.rows; row++) {
    const code = table.predicted[row];
    if (code < 0 || watched.has(table.classes[code])) continue;
    const known = rowsOf.get(code);
    if (known === undefined) rowsOf.set(code, [row]);
    else known.push(row);
  }
  return [...rowsOf].flatMap(([code, rows]): Alert[] => {
    log.check();
    const name = table.classes[code];
    const seen = rare.find((one) => one.name === name)?.rows ?? 0;
    const rate = (seen + HALF) / reference.rows;
    let spans: HourSpan[] = [];
    let first: { time: number; lnP: number; start: number } | null = null;
    for (const { windows, lnThreshold } of series) {
      let at = 0;
      for (const { from, to, start, end } of windows) {
        const begin = counts.rowFrom[from];
        const stop = counts.rowFrom[to];
        while (at < rows.length && rows[at] < begin) at++;
        let x = 0;
        while (at < rows.length && rows[at] < stop) {
          x++;
          at++;
        }
        const lnP = x === 0 ? 0 : lnBinomialTail(x, stop - begin, rate);
        if (lnP > -lnThreshold - Math.log(PART)) continue;
        spans = joinSpans([...spans, { from, to }]);
        if (first === null || end < first.time) first = { time: end, lnP, start };
      }
    }
    if (first === null) return [];
    const inside = Int32Array.from(rows).filter((row) =>
      spans.some(({ from, to }) => row >= counts.rowFrom[from] && row < counts.rowFrom[to]),
    );
    const requests = spans.reduce((sum, { from, to }) => sum + counts.rowFrom[to] - counts.rowFrom[from], 0);
    const [low, high] = wilsonInterval(inside.length, requests);
    const last = spans[spans.length - 1].to;
    const start = counts.hours[spans[0].from] * HOUR;
    const end = (counts.hours[last - 1] + 1) * HOUR;
    const onset = table.time[inside[0]];
    const expected = rate * requests;
    return [
      {
        monitor: BEHAVIOUR_ALARM,
        subject: name,
        subjectKind: 'class',
        kind: 'drift',
        severity: 'error',
        time: first.time,
        windowStart: start,
        windowEnd: end,
        onset,
        onsetFrom: onset,
        onsetTo: onset,
        ongoing: last === counts.hours.length,
        effect: {
          name: `rise of the share of class ${name}`,
          value: inside.length / expected - 1,
          low: low / rate - 1,
          high: high / rate - 1,
        },
        lnE: null,
        pValue: Math.max(Number.MIN_VALUE, Math.exp(first.lnP)),
        explanation: `${windowInWords({ start, end })}, ${countInWords(inside.length, 'request')} were answered with ${name}, which ${seen === 0 ? 'the reference has never predicted' : `the reference has predicted ${seen} times`}: ${numberInWords(expected)} would be expected. A new version of the model, a renamed class, or an output that was out of reach.`,
        reasons: [],
        subgroup: null,
        rows: inside,
        scores: new Float64Array(inside.length),
      },
    ];
  });
}
