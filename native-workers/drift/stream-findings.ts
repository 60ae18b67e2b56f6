import type { Severity } from './monitor.ts';
import type { MonitorFinding } from './monitor.ts';
import { judged } from './define-monitor.ts';
import { countInWords, numberInWords, percentInWords, timeInWords } from './in-words.ts';
import type { ValueStream } from './value-streams.ts';

/** An alarm of a row-by-row detector. Places count from the first value of the stream. */
export interface StreamAlarm {
  /** The value at which it fired. */
  readonly at: number;
  /** The first value after the estimated change. */
  readonly since: number;
  readonly before: number;
  readonly after: number;
  readonly statistic: number;
}

/**
 * One finding for each alarm, from the estimated change to the value that fired, and one for the whole stream where none fired. Alarms
 * on the baseline's own values are left out.
 */
export function streamFindings(
  stream: ValueStream,
  alarms: readonly StreamAlarm[],
  args: { statistic: string; fires: Severity },
): MonitorFinding[] {
  const { subject, kind, what, learned, times } = stream;
  const shown = subject.name === '' || subject.kind === 'column' ? what : `${what} of ${subject.name}`;
  const inLog = alarms.filter(({ at }) => at >= learned);
  const n = times.length;
  if (n === 0) return [];
  if (inLog.length === 0)
    return [
      judged({ start: times[0], end: times[n - 1] + 1 }, subject, kind, {
        statistic: null,
        effect: null,
        fires: null,
        facts: [{ name: 'values', value: n, unit: '' }],
        sentence: `No change of the ${shown} in ${countInWords(n, 'value')}.`,
      }),
    ];
  return inLog.map(({ at, since, before, after, statistic }) => {
    const end = times[at - learned];
    const start = Math.min(end, times[Math.max(0, since - learned)]);
    return judged({ start, end: end + 1 }, subject, kind, {
      statistic: { name: args.statistic, value: statistic, unit: '' },
      effect: { name: `change of the ${what}`, value: after - before, unit: '' },
      fires: args.fires,
      onset: start,
      facts: [
        { name: `${what} before`, value: before, unit: '' },
        { name: `${what} since`, value: after, unit: '' },
        { name: 'values since the change', value: at - since + 1, unit: '' },
      ],
      sentence: `At ${timeInWords(end)} UTC the ${shown} had changed from ${what === 'confidence' ? numberInWords(before) : percentInWords(before)} to ${what === 'confidence' ? numberInWords(after) : percentInWords(after)}, as it seems since ${timeInWords(start)} UTC.`,
    });
  });
}

/** In order of windowStart, then windowEnd; equal ones keep their order. */
export function inOrderOfTime(findings: readonly MonitorFinding[]): MonitorFinding[] {
  return findings.toSorted((a, b) => a.windowStart - b.windowStart || a.windowEnd - b.windowEnd);
}
