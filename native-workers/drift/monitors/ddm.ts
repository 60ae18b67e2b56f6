import { z } from 'zod';
import { defineMonitor } from '../define-monitor.ts';
import type { StreamAlarm } from '../stream-findings.ts';
import { streamFindings } from '../stream-findings.ts';
import { errorStream } from '../value-streams.ts';

const params = z.object({
  /** Deviations above the least error rate that fire. */
  deviations: z.number().gt(0).default(3),
  leastValues: z.int().min(2).default(30),
});

const BLOCK = 65_536;

/** The drift detection method on wrong predictions in the order in which labels arrive; it sees rises alone. */
export const ddm = defineMonitor({
  id: 'ddm',
  version: 1,
  title: 'DDM (error rate)',
  family: 'sequential',
  reference: 'Gama, Medas, Castillo, Rodrigues 2004, Learning with drift detection',
  needs: ['predictions', 'labels'],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const stream = errorStream(input);
    if (stream === null)
      return { findings: [], skipped: 'Left out: no row has a label and a prediction.', notes: [] };
    const alarms = ddmAlarms(stream.values, settings, () => {
      ctx.check();
    });
    return {
      findings: streamFindings(stream, alarms, { statistic: 'deviations above the least', fires: 'warning' }),
      skipped: null,
      notes: [],
    };
  },
});

/**
 * With p the share of errors so far and s = sqrt(p (1 - p) / n): an alarm where p + s > p_min + 3 s_min, p_min and s_min those of
 * the least p + s so far; then all starts anew. The change is put where the least was.
 *
 * @param errors 0 or 1
 * @throws whatever `check` throws
 */
export function ddmAlarms(
  errors: Float64Array,
  { deviations, leastValues }: z.output<typeof params>,
  check: () => void,
): StreamAlarm[] {
  const alarms: StreamAlarm[] = [];
  let [n, sum, from] = [0, 0, 0];
  let [leastP, leastS, leastAt, leastSum] = [Infinity, 0, 0, 0];
  for (let i = 0; i < errors.length; i++) {
    if (i % BLOCK === 0) check();
    n++;
    sum += errors[i];
    if (n < leastValues) continue;
    const p = sum / n;
    const s = Math.sqrt((p * (1 - p)) / n);
    if (p + s <= leastP + leastS) [leastP, leastS, leastAt, leastSum] = [p, s, i + 1, sum];
    // Without an error so far the deviation is 0: the first error would fire.
    if (!(leastS > 0) || p + s <= leastP + deviations * leastS) continue;
    const since = Math.min(leastAt, i);
    alarms.push({
      at: i,
      since,
      before: leastSum / (leastAt - from),
      after: since === leastAt ? (sum - leastSum) / (i + 1 - since) : errors[i],
      statistic: (p + s - leastP) / leastS,
    });
    [n, sum, from, leastP, leastS] = [0, 0, i + 1, Infinity, 0];
  }
  return alarms;
}
