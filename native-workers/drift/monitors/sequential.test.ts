import { describe, expect, it } from 'vitest';
import { uniformDraws } from '../tests/monte-carlo.ts';
import { adwinAlarms } from './adwin.ts';
import { thresholdFor } from './cusum.ts';
import { ddmAlarms } from './ddm.ts';
import { eddmAlarms } from './eddm.ts';
import { pageHinkleyAlarms } from './page-hinkley.ts';

const check = (): void => undefined;

/** n values that are 1 with chance `before`, then as many with chance `after`. */
function coins(n: number, before: number, after: number, seed: number): Float64Array {
  const uniform = uniformDraws(seed, 11, 0);
  return Float64Array.from({ length: 2 * n }, (_, i) => (uniform() < (i < n ? before : after) ? 1 : 0));
}

const pageHinkley = { delta: 0.005, lambda: 50, alpha: 0.9999, leastValues: 30 };
const adwin = { delta: 0.002, every: 32, leastSide: 5 };
const ddm = { deviations: 3, leastValues: 30 };
const eddm = { beta: 0.9, leastErrors: 30 };

describe('the threshold of CUSUM', () => {
  it('is that of the formula: k = .5 and h = 5 is 938 windows, not a year', () => {
    expect(thresholdFor(938, 0.5)).toBeCloseTo(5, 3);
    // Ten classes and ten years.
    expect(thresholdFor(3650 * 10, 0.5)).toBeCloseTo(8.65, 2);
  });
});

describe('Page-Hinkley', () => {
  it('finds a rise and a fall, and puts them where its sum was least', () => {
    for (const [before, after] of [
      [0.1, 0.4],
      [0.9, 0.5],
    ]) {
      const [alarm] = pageHinkleyAlarms(coins(2000, before, after, 1), pageHinkley, check);
      expect(alarm.at).toBeGreaterThan(2000);
      expect(alarm.at).toBeLessThan(2400);
      expect(alarm.since).toBeLessThan(2060);
      expect(Math.sign(alarm.after - alarm.before)).toBe(Math.sign(after - before));
    }
  });

  it('is the sum of its definition', () => {
    const values = Float64Array.of(0, 0, 1, 1, 1);
    // Means 0, 0, 1/3, 1/2, 3/5: differences 0, 0, 2/3, 1/2, 2/5.
    const settings = { delta: 0, lambda: 1.5, alpha: 1, leastValues: 1 };
    expect(pageHinkleyAlarms(values, settings, check)).toMatchObject([
      { at: 4, since: 2, before: 0, after: 1 },
    ]);
    expect(pageHinkleyAlarms(values, settings, check)[0].statistic).toBeCloseTo(2 / 3 + 1 / 2 + 2 / 5, 12);
  });

  it('has nothing to say before it has seen enough', () => {
    expect(pageHinkleyAlarms(Float64Array.of(0, 1000), pageHinkley, check)).toEqual([]);
  });
});

describe('ADWIN', () => {
  it('cuts its window where the mean changed and is quiet where it did not', () => {
    const [alarm] = adwinAlarms(coins(3000, 0.2, 0.5, 2), adwin, check);
    expect(alarm.at).toBeGreaterThan(3000);
    expect(alarm.at).toBeLessThan(3300);
    expect(alarm.since).toBeGreaterThan(2500);
    expect(alarm.after).toBeGreaterThan(alarm.before);
    for (let seed = 0; seed < 10; seed++)
      expect(adwinAlarms(coins(3000, 0.2, 0.2, 100 + seed), adwin, check)).toEqual([]);
  });

  it('takes a constant stream and a short one', () => {
    expect(adwinAlarms(new Float64Array(5000).fill(0.5), adwin, check)).toEqual([]);
    expect(adwinAlarms(Float64Array.of(1), { ...adwin, every: 1 }, check)).toEqual([]);
  });

  it('puts the change at the widest cut', () => {
    const values = Float64Array.from({ length: 64 }, (_, i) => (i < 32 ? 0 : 1));
    const alarms = adwinAlarms(values, adwin, check);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatchObject({ at: 63, before: 0, after: 1, since: 32 });
  });
});

describe('DDM', () => {
  it('finds a rise of the error rate, not a fall', () => {
    const [alarm] = ddmAlarms(coins(1000, 0.1, 0.4, 3), ddm, check);
    expect(alarm.at).toBeGreaterThan(1000);
    expect(alarm.at).toBeLessThan(1200);
    expect(alarm.after).toBeGreaterThan(alarm.before);
    expect(ddmAlarms(coins(1000, 0.4, 0.05, 4), ddm, check)).toEqual([]);
  });

  it('does not fire at the first error after none', () => {
    const errors = new Float64Array(200);
    errors[150] = 1;
    expect(ddmAlarms(errors, ddm, check)).toEqual([]);
    expect(ddmAlarms(new Float64Array(500).fill(1), ddm, check)).toEqual([]);
  });
});

describe('EDDM', () => {
  it('finds errors that come closer together', () => {
    // One error in 20 values, then one in 4.
    const errors = Float64Array.from({ length: 3000 }, (_, i) => (i % (i < 2000 ? 20 : 4) === 0 ? 1 : 0));
    const [alarm] = eddmAlarms(errors, eddm, check);
    expect(alarm.at).toBeGreaterThan(2000);
    expect(alarm.after).toBeGreaterThan(alarm.before);
  });

  it('fires often by chance: it is no alarm', () => {
    let fired = 0;
    for (let seed = 0; seed < 20; seed++)
      fired += eddmAlarms(coins(5000, 0.1, 0.1, 200 + seed), eddm, check).length;
    expect(fired).toBeGreaterThan(20);
  });
});
