import { z } from 'zod';
import { defineMonitor } from '../define-monitor.ts';
import type { StreamAlarm } from '../stream-findings.ts';
import { inOrderOfTime, streamFindings } from '../stream-findings.ts';
import { classStreams, confidenceStream, errorStream } from '../value-streams.ts';

const params = z.object({
  /** Change of the mean that is not looked for. */
  delta: z.number().min(0).default(0.005),
  /** Sum that fires. */
  lambda: z.number().gt(0).default(50),
  /** What is kept of the sum at each value. */
  alpha: z.number().gt(0).max(1).default(0.9999),
  leastValues: z.int().min(1).default(30),
});

const BLOCK = 65_536;

/**
 * Page-Hinkley on wrong predictions, confidence and each class, value by value, both ways. Its threshold is not a rate: on a busy
 * service it fires by chance now and then, and a class that rises by the change it does not look for stays unseen.
 */
export const pageHinkley = defineMonitor({
  id: 'page-hinkley',
  version: 1,
  title: 'Page-Hinkley',
  family: 'sequential',
  reference: 'Page 1954, Continuous inspection schemes; Hinkley 1971; Mouss et al. 2004',
  needs: ['predictions'],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const streams = [errorStream(input), confidenceStream(input), ...classStreams(input)].filter(
      (stream) => stream !== null,
    );
    const findings = streams.flatMap((stream, i) => {
      const alarms = pageHinkleyAlarms(stream.values, settings, () => {
        ctx.check();
      });
      ctx.progress((i + 1) / streams.length);
      return streamFindings(stream, alarms, { statistic: 'Page-Hinkley sum', fires: 'warning' });
    });
    return { findings: inOrderOfTime(findings), skipped: null, notes: [] };
  },
});

/**
 * Sums of (x - mean - delta) and of (mean - x - delta), each less its least so far; one beyond lambda is an alarm, after which
 * all starts anew. The change is put at the last least.
 *
 * @throws whatever `check` throws
 */
export function pageHinkleyAlarms(
  values: Float64Array,
  { delta, lambda, alpha, leastValues }: z.output<typeof params>,
  check: () => void,
): StreamAlarm[] {
  const alarms: StreamAlarm[] = [];
  let state = freshState(0);
  for (let i = 0; i < values.length; i++) {
    if (i % BLOCK === 0) check();
    state.n++;
    state.mean += (values[i] - state.mean) / state.n;
    const away = values[i] - state.mean;
    state.up = alpha * state.up + away - delta;
    state.down = alpha * state.down - away - delta;
    if (state.up <= state.leastUp) {
      state.leastUp = state.up;
      state.sinceUp = i + 1;
    }
    if (state.down <= state.leastDown) {
      state.leastDown = state.down;
      state.sinceDown = i + 1;
    }
    const rise = state.up - state.leastUp;
    const fall = state.down - state.leastDown;
    if (state.n < leastValues || Math.max(rise, fall) <= lambda) continue;
    const since = Math.min(i, rise >= fall ? state.sinceUp : state.sinceDown);
    alarms.push({
      at: i,
      since,
      before: meanOf(values, state.from, since),
      after: meanOf(values, since, i + 1),
      statistic: Math.max(rise, fall),
    });
    state = freshState(i + 1);
  }
  return alarms;
}

function freshState(
  from: number,
): Record<'from' | 'n' | 'mean' | 'up' | 'down' | 'leastUp' | 'leastDown' | 'sinceUp' | 'sinceDown', number> {
  return { from, n: 0, mean: 0, up: 0, down: 0, leastUp: 0, leastDown: 0, sinceUp: from, sinceDown: from };
}

/** The mean of values `from` to `to - 1`; of the first one where there is none. */
function meanOf(values: Float64Array, from: number, to: number): number {
  if (to <= from) return values[from];
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i];
  return sum / (to - from);
}
