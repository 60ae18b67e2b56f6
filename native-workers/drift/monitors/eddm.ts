import { z } from 'zod';
import { defineMonitor } from '../define-monitor.ts';
import type { StreamAlarm } from '../stream-findings.ts';
import { streamFindings } from '../stream-findings.ts';
import { errorStream } from '../value-streams.ts';

const params = z.object({
  /** Share of the largest mean distance plus two deviations at which it fires. */
  beta: z.number().gt(0).lt(1).default(0.9),
  /** Errors before it may fire. */
  leastErrors: z.int().min(2).default(30),
});

const BLOCK = 65_536;

/** The early drift detection method: the distance between two wrong predictions shrinks. It fires often by chance. */
export const eddm = defineMonitor({
  id: 'eddm',
  version: 1,
  title: 'EDDM (distance between errors)',
  family: 'sequential',
  reference: 'Baena-García et al. 2006, Early drift detection method',
  needs: ['predictions', 'labels'],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const stream = errorStream(input);
    if (stream === null)
      return { findings: [], skipped: 'Left out: no row has a label and a prediction.', notes: [] };
    const alarms = eddmAlarms(stream.values, settings, () => {
      ctx.check();
    });
    return {
      findings: streamFindings(stream, alarms, { statistic: 'share of the largest distance', fires: 'info' }),
      skipped: null,
      notes: [],
    };
  },
});

/**
 * With d the mean number of values from one error to the next and s its deviation: an alarm where (d + 2 s) / max(d + 2 s) < beta,
 * the largest taken since the last alarm; then all starts anew. The change is put where the largest was.
 *
 * @param errors 0 or 1
 * @throws whatever `check` throws
 */
export function eddmAlarms(
  errors: Float64Array,
  { beta, leastErrors }: z.output<typeof params>,
  check: () => void,
): StreamAlarm[] {
  const alarms: StreamAlarm[] = [];
  let [from, lastError, count, mean, m2] = [0, -1, 0, 0, 0];
  let [largest, largestAt] = [0, 0];
  for (let i = 0; i < errors.length; i++) {
    if (i % BLOCK === 0) check();
    if (errors[i] !== 1) continue;
    const distance = i - lastError;
    lastError = i;
    count++;
    const delta = distance - mean;
    mean += delta / count;
    m2 += delta * (distance - mean);
    if (count < leastErrors) continue;
    const reach = mean + 2 * Math.sqrt(m2 / count);
    if (reach > largest) [largest, largestAt] = [reach, i + 1];
    if (reach / largest >= beta) continue;
    const rate = (a: number, b: number): number =>
      errors.subarray(a, b).reduce((sum, v) => sum + v, 0) / (b - a);
    const since = Math.min(largestAt, i);
    alarms.push({
      at: i,
      since,
      before: rate(from, since),
      after: rate(since, i + 1),
      statistic: reach / largest,
    });
    [from, count, mean, m2, largest] = [i + 1, 0, 0, 0, 0];
  }
  return alarms;
}
