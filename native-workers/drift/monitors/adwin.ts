import { z } from 'zod';
import { defineMonitor } from '../define-monitor.ts';
import type { StreamAlarm } from '../stream-findings.ts';
import { inOrderOfTime, streamFindings } from '../stream-findings.ts';
import { classStreams, confidenceStream, errorStream } from '../value-streams.ts';

const params = z.object({
  /** Chance of a cut at one look where nothing changed, as the bound has it; not a rate a year. */
  delta: z.number().gt(0).lt(1).default(0.002),
  /** Values between two looks. */
  every: z.int().min(1).default(32),
  /** Fewest values on either side of a cut. */
  leastSide: z.int().min(1).default(5),
});

/** Buckets of one size before the two oldest become one. */
const BUCKETS = 5;

/**
 * ADWIN on wrong predictions, confidence and each class: a window that drops its older part where its mean differs from the newer
 * part's by more than chance allows.
 */
export const adwin = defineMonitor({
  id: 'adwin',
  version: 1,
  title: 'ADWIN',
  family: 'sequential',
  reference: 'Bifet, Gavaldà 2007, Learning from time-changing data with adaptive windowing',
  needs: ['predictions'],
  budgeted: false,
  falseAlarms: null,
  params,
  run(input, settings, ctx) {
    const streams = [errorStream(input), confidenceStream(input), ...classStreams(input)].filter(
      (stream) => stream !== null,
    );
    const findings = streams.flatMap((stream, i) => {
      const alarms = adwinAlarms(stream.values, settings, () => {
        ctx.check();
      });
      ctx.progress((i + 1) / streams.length);
      return streamFindings(stream, alarms, { statistic: 'difference by its bound', fires: 'warning' });
    });
    return { findings: inOrderOfTime(findings), skipped: null, notes: [] };
  },
});

/** Neighbouring values of the window together. */
interface Bucket {
  readonly n: number;
  readonly sum: number;
  /** Sum of squared differences from the bucket's mean. */
  readonly m2: number;
}

/**
 * A cut is made where |mean0 - mean1| > sqrt(2 v L / m) + 2 L / (3 m) with v the window's variance, L = ln(2 ln n / delta) and
 * 1 / m = 1 / n0 + 1 / n1; the oldest bucket is dropped until none is left to make, and the change is put at the widest one. Buckets of 1, 2, 4 ... values, five of a
 * size.
 *
 * @param values from 0 to 1
 * @throws whatever `check` throws
 */
export function adwinAlarms(
  values: Float64Array,
  { delta, every, leastSide }: z.output<typeof params>,
  check: () => void,
): StreamAlarm[] {
  const alarms: StreamAlarm[] = [];
  // Oldest first.
  let buckets: Bucket[] = [];
  for (let i = 0; i < values.length; i++) {
    buckets.push({ n: 1, sum: values[i], m2: 0 });
    compress(buckets);
    if ((i + 1) % every !== 0) continue;
    check();
    let cut: Cut | null = null;
    for (;;) {
      const found = widestCut(buckets, delta, leastSide);
      if (found === null) break;
      // The first cut says what changed; later ones only shorten the window.
      cut ??= found;
      buckets = buckets.slice(1);
    }
    if (cut === null) continue;
    alarms.push({
      at: i,
      since: i + 1 - cut.left,
      before: cut.before,
      after: cut.after,
      statistic: cut.ratio,
    });
  }
  return alarms;
}

/** Makes the two oldest buckets of a size one wherever there are more than five of it. */
function compress(buckets: Bucket[]): void {
  let end = buckets.length;
  for (let size = 1; end > 0; size *= 2) {
    let from = end;
    while (from > 0 && buckets[from - 1].n === size) from--;
    if (end - from <= BUCKETS) return;
    buckets.splice(from, 2, merged(buckets[from], buckets[from + 1]));
    end = from + 1;
  }
}

function merged(a: Bucket, b: Bucket): Bucket {
  const n = a.n + b.n;
  const apart = b.sum / b.n - a.sum / a.n;
  return { n, sum: a.sum + b.sum, m2: a.m2 + b.m2 + (apart * apart * a.n * b.n) / n };
}

/** Where a window falls into an older and a newer part. */
interface Cut {
  /** The difference of the means by its bound. */
  readonly ratio: number;
  readonly before: number;
  readonly after: number;
  /** Values of the newer part. */
  readonly left: number;
}

/** The cut at which the difference passes its bound by most; null where none passes it. */
function widestCut(buckets: readonly Bucket[], delta: number, leastSide: number): Cut | null {
  if (buckets.length < 2) return null;
  const whole = buckets.reduce(merged);
  const lnBound = Math.log((2 * Math.log(whole.n)) / delta);
  const variance = whole.m2 / whole.n;
  let best: Cut | null = null;
  let [n, sum] = [0, 0];
  for (const bucket of buckets.slice(0, -1)) {
    n += bucket.n;
    sum += bucket.sum;
    const left = whole.n - n;
    if (n < leastSide || left < leastSide) continue;
    const inverse = 1 / n + 1 / left;
    const bound = Math.sqrt(2 * variance * lnBound * inverse) + (2 / 3) * lnBound * inverse;
    const [before, after] = [sum / n, (whole.sum - sum) / left];
    const ratio = Math.abs(after - before) / bound;
    if (ratio > 1 && ratio > (best?.ratio ?? 0)) best = { ratio, before, after, left };
  }
  return best;
}
