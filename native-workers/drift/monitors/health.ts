import { z } from 'zod';
import { median } from '../../numeric/order-statistics.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { CategoricalColumn, EventTable } from '../event-table.ts';
import {
  countInWords,
  numberInWords,
  percentInWords,
  pInWords,
  timeInWords,
  windowInWords,
} from '../in-words.ts';
import { DAY, HOUR } from '../log-windows.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { LogCounts, LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { inOrderOfTime } from '../stream-findings.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import { pOf } from '../tests/test-result.ts';
import { expectedRequests, trafficRates } from '../traffic-rates.ts';

const ID = 'health';
const LOG: Subject = { kind: 'log', name: '' };
/** Columns of more levels are not searched for a heartbeat. */
const MOST_LEVELS = 50;
/** A column that says how a request ended, and its levels that mean it failed. */
const STATUS_COLUMN = /status|error|outcome|result_code|http_code/i;
const FAILED = /^[45]\d\d$|error|fail|timeout|exception|refused|unavailable/i;

const params = z.object({
  level: z.number().gt(0).lt(1).default(0.01),
  /** Rise of the error rate from which it fires. */
  leastRise: z.number().min(0).max(1).default(0.01),
  leastRows: z.int().min(1).default(50),
  /** A heartbeat is late after this many of its usual intervals. */
  beats: z.number().gt(1).default(3),
  /** Deviation of the intervals by their mean up to which they count as a heartbeat. */
  regular: z.number().gt(0).max(1).default(0.3),
});
type Params = z.output<typeof params>;

/**
 * Whether the log itself is well: silences that the baseline's traffic makes unlikely, regular senders that stopped, failing
 * requests, and what the import counted (unreadable lines, ids met twice, a clock that went back).
 */
export const health = defineMonitor({
  id: ID,
  version: 1,
  title: 'Health of the log',
  family: 'health',
  reference:
    'Poisson process with hourly rates, widened by its dispersion; Pearson 1900 (chi-squared of homogeneity)',
  needs: [],
  budgeted: false,
  falseAlarms: null,
  params,
  run({ reference, current, windows, counts }, settings, ctx) {
    const notes: string[] = [];
    const table = reference.kind === 'rows' ? reference.table : null;
    const findings: MonitorFinding[] = [...countedFindings(current, counts)];
    if (current.rows === 0)
      return { findings, skipped: null, notes: ['The log holds no request: nothing else was judged.'] };
    if (table === null) notes.push('The baseline is a summary: silences and heartbeats were not judged.');
    else {
      findings.push(...silences(current, table, settings, notes));
      ctx.progress(0.3);
      for (const column of current.categorical) {
        ctx.check();
        findings.push(...heartbeats(current, table, column, settings));
      }
      ctx.progress(0.6);
      const kinds = failureKinds(current, table);
      for (const window of windows)
        for (const kind of kinds)
          findings.push(
            errorRate(kind, window, settings, ctx.seed, () => {
              ctx.check();
            }),
          );
    }
    return { findings: inOrderOfTime(findings), skipped: null, notes };
  },
});

function wholeLog({ time, rows }: EventTable): { start: number; end: number } {
  return rows === 0 ? { start: 0, end: 0 } : { start: time[0], end: time[rows - 1] + 1 };
}

function countedFindings(table: EventTable, counts: LogCounts | null): MonitorFinding[] {
  if (counts === null) return [];
  const say = (
    name: string,
    value: number,
    fires: MonitorFinding['severity'],
    sentence: string,
  ): MonitorFinding =>
    judged(wholeLog(table), LOG, 'quality', {
      statistic: { name, value, unit: 'lines' },
      effect: {
        name: `share of lines: ${name}`,
        value: counts.lines > 0 ? value / counts.lines : 0,
        unit: '',
      },
      fires: value > 0 ? fires : null,
      facts: [{ name: 'lines', value: counts.lines, unit: '' }],
      sentence,
    });
  const { lines, unreadable, duplicateIds, backwards, largestStepBack } = counts;
  const of = `of ${countInWords(lines, 'line')}`;
  return [
    say(
      'unreadable',
      unreadable,
      unreadable > lines / 100 ? 'warning' : 'info',
      `${countInWords(unreadable, 'line')} ${of} could not be read.`,
    ),
    say(
      'request ids met before',
      duplicateIds,
      duplicateIds > lines / 100 ? 'warning' : 'info',
      `${countInWords(duplicateIds, 'line')} ${of} ${duplicateIds === 1 ? 'has' : 'have'} a request id that stood above: the same requests may be counted twice.`,
    ),
    say(
      'clock going back',
      backwards,
      largestStepBack >= HOUR ? 'warning' : 'info',
      `${countInWords(backwards, 'line')} ${of} ${backwards === 1 ? 'lies' : 'lie'} before the line above, by ${numberInWords(largestStepBack / 1000)} s at most: rows were put in order of their times.`,
    ),
  ];
}

/** Gaps between two requests that traffic like the baseline's would hardly leave. */
function silences(
  current: EventTable,
  table: EventTable,
  settings: Params,
  notes: string[],
): MonitorFinding[] {
  const rates = trafficRates(table);
  if (rates === null) {
    notes.push('The baseline has under 24 whole hours: silences were not judged.');
    return [];
  }
  if (!rates.byWeekday)
    notes.push('The baseline has under 14 days: silences were judged by hour of the day, not of the week.');
  const { time, rows } = current;
  const found: MonitorFinding[] = [];
  let longest = 0;
  const least = Math.log(rows / settings.level) * rates.dispersion;
  const busiest = Math.max(...rates.hourly);
  for (let i = 1; i < rows; i++) {
    const [start, end] = [time[i - 1], time[i]];
    longest = Math.max(longest, end - start);
    // The busiest hour's rate bounds what any gap can miss.
    if ((busiest * (end - start)) / HOUR < least || end - start > 1000 * DAY) continue;
    const expected = expectedRequests(rates, start, end);
    if (expected < least) continue;
    const lnP = Math.min(0, -expected / rates.dispersion + Math.log(rows));
    found.push(
      judged({ start, end }, LOG, 'quality', {
        statistic: { name: 'silence', value: (end - start) / 1000, unit: 's' },
        effect: { name: 'requests to expect in it', value: expected, unit: 'rows' },
        pValue: pOf(lnP),
        lnP,
        fires: 'warning',
        onset: start,
        facts: [{ name: 'dispersion of the baseline', value: rates.dispersion, unit: '' }],
        sentence: `${windowInWords({ start, end })} there is no request; traffic like the baseline's lets expect ${numberInWords(expected)}.`,
      }),
    );
  }
  if (found.length > 0) return found;
  return [
    judged(wholeLog(current), LOG, 'quality', {
      statistic: { name: 'longest silence', value: longest / 1000, unit: 's' },
      effect: null,
      fires: null,
      facts: [],
      sentence: `No silence stands out; the longest is ${numberInWords(longest / 1000)} s.`,
    }),
  ];
}

/** Levels of a column that came at regular intervals in the baseline and then did not. */
function heartbeats(
  current: EventTable,
  table: EventTable,
  column: CategoricalColumn,
  settings: Params,
): MonitorFinding[] {
  const before = table.categorical.find(({ name }) => name === column.name);
  if (before === undefined || before.levels.length > MOST_LEVELS) return [];
  const found: MonitorFinding[] = [];
  before.levels.forEach((level, code) => {
    const usual = intervals(table, before.codes, code);
    if (usual.length < 50) return;
    const mean = usual.reduce((sum, gap) => sum + gap, 0) / usual.length;
    const variance = usual.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / usual.length;
    if (!(mean > 0) || Math.sqrt(variance) / mean > settings.regular) return;
    const interval = median(usual);
    const subject: Subject = { kind: 'cell', name: `${column.name} = ${level}` };
    const times = timesOf(current, column.codes, column.levels.indexOf(level));
    const edges = [current.time[0], ...times, current.time[current.rows - 1]];
    for (let i = 1; i < edges.length; i++) {
      const [start, end] = [edges[i - 1], edges[i]];
      if (end - start <= settings.beats * interval) continue;
      found.push(
        judged({ start, end }, subject, 'quality', {
          statistic: { name: 'gap', value: (end - start) / 1000, unit: 's' },
          effect: { name: 'usual intervals', value: (end - start) / interval, unit: '' },
          fires: 'warning',
          onset: start,
          facts: [{ name: 'usual interval', value: interval / 1000, unit: 's' }],
          sentence: `From ${timeInWords(start)} to ${timeInWords(end)} UTC nothing came from ${column.name} ${level}, which usually sends every ${numberInWords(interval / 1000)} s.`,
        }),
      );
    }
  });
  return found;
}

function timesOf({ time }: EventTable, codes: Int32Array, code: number): number[] {
  const times: number[] = [];
  if (code >= 0) codes.forEach((own, i) => own === code && times.push(time[i]));
  return times;
}

function intervals(table: EventTable, codes: Int32Array, code: number): Float64Array {
  const times = timesOf(table, codes, code);
  return Float64Array.from({ length: Math.max(0, times.length - 1) }, (_, i) => times[i + 1] - times[i]);
}

/** A kind of failure: where the log has it, and how often the baseline had it. */
interface FailureKind {
  readonly subject: Subject;
  readonly what: string;
  /** Below 0 where the request failed, shape (rows,). */
  readonly codes: Int32Array;
  readonly badBefore: number;
  readonly rowsBefore: number;
}

/** Rows without a prediction, and rows whose status says that they failed. */
function failureKinds(current: EventTable, table: EventTable): FailureKind[] {
  const kind = (subject: Subject, what: string, codes: Int32Array, before: Int32Array): FailureKind => ({
    subject,
    what,
    codes,
    badBefore: countBad(before, 0, before.length),
    rowsBefore: before.length,
  });
  const kinds = [
    kind(
      { kind: 'predictions', name: '' },
      'requests without a prediction',
      current.predicted,
      table.predicted,
    ),
  ];
  for (const column of current.categorical) {
    const own = table.categorical.find(({ name }) => name === column.name);
    if (own === undefined || !STATUS_COLUMN.test(column.name)) continue;
    const subject: Subject = { kind: 'column', name: column.name };
    kinds.push(kind(subject, `requests that failed by ${column.name}`, failures(column), failures(own)));
  }
  return kinds;
}

function countBad(codes: Int32Array, from: number, to: number): number {
  let bad = 0;
  for (let i = from; i < to; i++) if (codes[i] < 0) bad++;
  return bad;
}

function errorRate(
  { subject, what, codes, badBefore, rowsBefore }: FailureKind,
  window: LogWindow,
  settings: Params,
  seed: number,
  check: () => void,
): MonitorFinding {
  const n = window.to - window.from;
  if (n < settings.leastRows || rowsBefore === 0)
    return notJudged(
      window,
      subject,
      'performance',
      rowsBefore === 0
        ? 'The baseline has no request: error rates were not compared.'
        : `${windowInWords(window)} there ${n === 1 ? 'is' : 'are'} ${countInWords(n, 'request')}: fewer than ${settings.leastRows} give no error rate.`,
    );
  const bad = countBad(codes, window.from, window.to);
  const counts = cellCounts(
    Float64Array.of(badBefore, rowsBefore - badBefore),
    Float64Array.of(bad, n - bad),
  );
  const rise = bad / n - badBefore / rowsBefore;
  const test = comparable(counts)
    ? chiSquaredTest(counts, drawsFor({ seed, monitor: ID, window, name: what }, 999, 20), check)
    : null;
  return judged(window, subject, 'performance', {
    statistic: { name: what, value: bad, unit: 'rows' },
    effect: { name: 'change of the share', value: rise, unit: '' },
    pValue: test?.p ?? null,
    lnP: test?.lnP ?? null,
    leastP: test?.leastP ?? null,
    fires: test !== null && test.p <= settings.level && rise >= settings.leastRise ? 'warning' : null,
    facts: [{ name: 'requests', value: n, unit: 'rows' }],
    sentence: `${windowInWords(window)} ${countInWords(bad, 'request')} of ${n.toLocaleString('en-US')} (${percentInWords(bad / n)}) are ${what}, ${percentInWords(badBefore / rowsBefore)} in the baseline${test === null ? '' : `; ${pInWords(test.p, test.leastP)}`}.`,
  });
}

/** -1 where the level says that the request failed, 0 elsewhere: as `predicted` has it. */
function failures({ levels, codes }: CategoricalColumn): Int32Array {
  const failed = levels.map((level) => FAILED.test(level));
  return codes.map((code) => (code >= 0 && failed[code] ? -1 : 0));
}
