import { z } from 'zod';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { numberInWords, percentInWords, timeInWords } from '../in-words.ts';
import { DAY, HOUR, tumblingWindows } from '../log-windows.ts';
import type { LogWindow, MonitorFinding, MonitorInput, Subject } from '../monitor.ts';
import { referencePredictions } from '../reference-columns.ts';
import { inOrderOfTime } from '../stream-findings.ts';

const params = z.object({
  /** Hours of a window. */
  hours: z.number().gt(0).max(168).default(24),
  /** Half the shift that is looked for, in deviations of a window. */
  slack: z.number().gt(0).default(0.5),
  /** Days to a false alarm over all classes, if the baseline's shares were exact. */
  days: z.number().min(1).max(36_500).default(365),
  leastRows: z.int().min(1).default(200),
});
type Params = z.output<typeof params>;

/**
 * Two cumulative sums for each predicted class, up and down, of the window's deviation from the baseline's fixed share. A running mean
 * would follow a slow attack; a fixed one does not. Deviations are widened by the baseline's own dispersion over such
 * windows where its rows are there.
 */
export const cusum = defineMonitor({
  id: 'cusum',
  version: 1,
  title: 'CUSUM of class shares',
  family: 'sequential',
  reference: 'Page 1954, Continuous inspection schemes; Siegmund 1985, Sequential Analysis (threshold)',
  needs: ['predictions'],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const { current } = input;
    const before = referencePredictions(input.reference);
    const m = before.counts.reduce((sum, count) => sum + count, 0);
    if (m === 0) return { findings: [], skipped: 'Left out: the baseline has no prediction.', notes: [] };
    const length = settings.hours * HOUR;
    const windows = tumblingWindows(current, length);
    const shares = new Map(before.names.map((name, k) => [name, before.counts[k] / m]));
    const dispersion = dispersionOf(input, shares, length, settings.leastRows);
    const streams = 2 * [...shares.values()].filter((share) => share > 0 && share < 1).length;
    const threshold = thresholdFor((settings.days * DAY * Math.max(1, streams)) / length, settings.slack);
    const findings = current.classes.flatMap((name, code) => {
      ctx.check();
      ctx.progress((code + 1) / current.classes.length);
      return judgeClass(name, code, shares.get(name) ?? 0, {
        current,
        windows,
        dispersion,
        threshold,
        settings,
      });
    });
    const notes = [
      `Threshold ${numberInWords(threshold)} for one false alarm in ${numberInWords(settings.days)} days over ${streams} sums if the baseline's shares were exact; with shares estimated from 56 days about 3.5 deviations more would be needed. Dispersion ${numberInWords(dispersion)}.`,
    ];
    return { findings: inOrderOfTime(findings), skipped: null, notes };
  },
});

interface Lane {
  readonly current: EventTable;
  readonly windows: readonly LogWindow[];
  readonly dispersion: number;
  readonly threshold: number;
  readonly settings: Params;
}

function judgeClass(name: string, code: number, share: number, lane: Lane): MonitorFinding[] {
  const { current, windows, dispersion, threshold, settings } = lane;
  const subject: Subject = { kind: 'class', name };
  if (windows.length === 0) return [];
  const whole = { start: windows[0].start, end: windows[windows.length - 1].end };
  if (!(share > 0 && share < 1)) {
    const reason = `Class ${name} makes up ${percentInWords(share)} of the baseline: a sum of deviations has no scale there.`;
    return [notJudged(whole, subject, 'drift', reason)];
  }
  const findings: MonitorFinding[] = [];
  const sums = { up: 0, down: 0 };
  const since = { up: 0, down: 0 };
  let judgedWindows = 0;
  for (const [w, window] of windows.entries()) {
    const { n, x } = countClass(current, window, code);
    if (n < settings.leastRows) continue;
    judgedWindows++;
    const z = (x - n * share) / Math.sqrt(n * share * (1 - share) * dispersion);
    for (const way of ['up', 'down'] as const) {
      if (sums[way] === 0) since[way] = w;
      sums[way] = Math.max(0, sums[way] + (way === 'up' ? z : -z) - settings.slack);
      if (sums[way] <= threshold) continue;
      findings.push(alarm(subject, code, share, way, sums[way], since[way], w, lane));
      sums[way] = 0;
    }
  }
  if (judgedWindows === 0)
    return [
      notJudged(
        whole,
        subject,
        'drift',
        `No window has ${settings.leastRows} predictions: the sum was not begun for class ${name}.`,
      ),
    ];
  if (findings.length > 0) return findings;
  return [
    judged(whole, subject, 'drift', {
      statistic: { name: 'CUSUM at the end', value: Math.max(sums.up, sums.down), unit: 'deviations' },
      effect: null,
      fires: null,
      facts: [
        { name: 'threshold', value: threshold, unit: 'deviations' },
        { name: 'windows', value: judgedWindows, unit: '' },
      ],
      sentence: `The sums of class ${name} stayed below ${numberInWords(threshold)} deviations in all ${judgedWindows} windows.`,
    }),
  ];
}

function alarm(
  subject: Subject,
  code: number,
  share: number,
  way: 'up' | 'down',
  sum: number,
  since: number,
  at: number,
  { current, windows, threshold }: Lane,
): MonitorFinding {
  const window = { ...windows[since], end: windows[at].end, to: windows[at].to };
  const { n, x } = countClass(current, window, code);
  return judged(window, subject, 'drift', {
    statistic: { name: `CUSUM ${way}`, value: sum, unit: 'deviations' },
    effect: { name: 'change of the share', value: x / n - share, unit: '' },
    fires: 'warning',
    onset: window.start,
    facts: [
      { name: 'threshold', value: threshold, unit: 'deviations' },
      { name: 'share', value: x / n, unit: '' },
      { name: 'share in the baseline', value: share, unit: '' },
    ],
    sentence: `By ${timeInWords(window.end)} UTC class ${subject.name} had made up ${percentInWords(x / n)} of the predictions since ${timeInWords(window.start)}, ${percentInWords(share)} in the baseline.`,
  });
}

function countClass(
  { predicted }: EventTable,
  { from, to }: LogWindow,
  code: number,
): { n: number; x: number } {
  let [n, x] = [0, 0];
  for (let i = from; i < to; i++) {
    if (predicted[i] >= 0) n++;
    if (predicted[i] === code) x++;
  }
  return { n, x };
}

/** Mean squared deviation of the baseline's own windows by what chance alone gives, at least 1; 1 for a summary. */
function dispersionOf(
  { reference }: MonitorInput,
  shares: ReadonlyMap<string, number>,
  length: number,
  leastRows: number,
): number {
  if (reference.kind !== 'rows') return 1;
  const { table } = reference;
  const present = table.classes.map((name) => shares.get(name) ?? 0);
  let [sum, freedom] = [0, 0];
  let used = 0;
  for (const { from, to } of tumblingWindows(table, length)) {
    const counts = new Float64Array(present.length);
    let n = 0;
    for (let i = from; i < to; i++)
      if (table.predicted[i] >= 0) {
        counts[table.predicted[i]]++;
        n++;
      }
    if (n < leastRows) continue;
    used++;
    present.forEach((share, k) => {
      if (share > 0) sum += (counts[k] - n * share) ** 2 / (n * share);
    });
    freedom += present.filter((share) => share > 0).length - 1;
  }
  if (used < 2 || freedom === 0) return 1;
  return Math.max(1, (sum / freedom) * (used / (used - 1)));
}

/** The h at which a sum of slack k has a mean of `windows` windows to a false alarm: (e^b - b - 1) / (2 k^2), b = 2 k (h + 1.166). */
export function thresholdFor(windows: number, slack: number): number {
  let low = 0;
  let high = 400 / slack;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    const b = 2 * slack * (middle + 1.166);
    if ((Math.exp(b) - b - 1) / (2 * slack * slack) < windows) low = middle;
    else high = middle;
  }
  return high;
}
