import { describe, expect, it } from 'vitest';
import { attackRequests, DRILL_ATTACKS, drillLog, type DrillPlan } from './drill-log.ts';
import type { EventTable } from './event-table.ts';
import { DAY, HOUR } from './log-windows.ts';

const PER_DAY = 480;
const DAYS = 14;

/** 14 days from a Monday, 480 requests a day of classes a, b, c in turn; each day has a feature of its own. */
function evenLog(): EventTable {
  const rows = PER_DAY * DAYS;
  const start = Date.UTC(2026, 2, 2);
  const column = (of: (row: number) => number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => of(row));
  return {
    rows,
    time: column((row) => start + row * (DAY / PER_DAY)),
    classes: ['a', 'b', 'c'],
    predicted: Int32Array.from({ length: rows }, (_, row) => row % 3),
    label: Int32Array.from({ length: rows }, (_, row) => row % 3),
    labelTime: column((row) => start + row * (DAY / PER_DAY) + HOUR),
    numeric: [
      { name: 'confidence', role: 'confidence', values: column((row) => 0.5 + ((row * 7) % 100) / 200) },
      { name: 'latency', role: 'latency', values: column((row) => 10 + (row % 50)) },
      { name: 'day', role: 'feature', values: column((row) => Math.floor(row / PER_DAY)) },
    ],
    categorical: [
      { name: 'model', levels: ['m'], codes: new Int32Array(rows) },
      {
        name: 'agent',
        levels: ['x', 'y', 'z'],
        codes: Int32Array.from({ length: rows }, (_, row) => (row % 10 < 6 ? 0 : row % 10 < 9 ? 1 : 2)),
      },
    ],
  };
}

const plan = (change: Partial<DrillPlan>): DrillPlan => ({
  attack: 'burst',
  target: 1,
  days: 10,
  quietDays: 2,
  seed: 5,
  repeat: 0,
  ...change,
});
const source = evenLog();

describe('a drilled log', () => {
  it('is whole days of the same weekday after the log, in order of time, and the same for the same seed', () => {
    const { table, attacked, beganMs } = drillLog(source, plan({ attack: null }));
    expect(table.rows).toBe(10 * PER_DAY);
    expect(attacked.includes(1)).toBe(false);
    expect(beganMs).toBeNaN();
    expect(table.time.every((time, row) => row === 0 || time >= table.time[row - 1])).toBe(true);
    expect(table.time[0]).toBe(source.time[0] + DAYS * DAY);
    const dayOf = table.numeric[2].values;
    for (let row = 0; row < table.rows; row++) {
      expect(dayOf[row]).toBe(dayOf[Math.floor(row / PER_DAY) * PER_DAY]);
      expect(dayOf[row] % 7).toBe(Math.floor(row / PER_DAY) % 7);
    }
    expect(table.labelTime?.[7]).toBe(table.time[7] + HOUR);
    expect(drillLog(source, plan({ attack: null }))).toEqual(drillLog(source, plan({ attack: null })));
    const other = drillLog(source, plan({ attack: null, repeat: 1 })).table.numeric[2].values;
    expect(other).not.toEqual(dayOf);
  });

  it.each(DRILL_ATTACKS)(
    'with %s has its requests, all predicted as the target and none labelled',
    (attack) => {
      const { table, attacked, beganMs } = drillLog(source, plan({ attack }));
      const injected = [...attacked.keys()].filter((row) => attacked[row] === 1);
      const height = attackRequests(attack, PER_DAY);
      const ramp = [1, 2, 3, 4, 5, 6, 7, 7].reduce((sum, day) => sum + Math.round((height * day) / 7), 0);
      const twoHours = attack === 'burst' || attack === 'cheap-latency';
      expect(injected).toHaveLength(twoHours ? height : ramp);
      expect(injected.every((row) => table.predicted[row] === 1 && table.label?.[row] === -1)).toBe(true);
      expect(table.time[injected[0]]).toBe(beganMs);
      const quietUntil = source.time[0] + (DAYS + 2) * DAY;
      expect(beganMs).toBeGreaterThanOrEqual(quietUntil);
      if (twoHours) expect(table.time[injected.at(-1) ?? 0] - beganMs).toBeLessThanOrEqual(2 * HOUR);
      const [confidence, latency, day] = table.numeric.map(({ values }) =>
        injected.map((row) => values[row]),
      );
      if (attack === 'calibrated-confidence') expect(Math.min(...confidence)).toBeLessThan(0.9);
      else expect(Math.min(...confidence)).toBeGreaterThan(0.9);
      if (attack === 'cheap-latency') expect(Math.max(...latency)).toBeLessThanOrEqual(35);
      const agents = injected.map((row) => table.categorical[1].codes[row]);
      const share = (level: number): number => agents.filter((code) => code === level).length / agents.length;
      if (attack === 'common-feature') {
        expect(share(0)).toBe(1);
        expect(Math.min(...day)).toBeGreaterThanOrEqual(3);
        expect(Math.max(...day)).toBeLessThanOrEqual(10);
      } else expect(share(1)).toBeGreaterThan(0.8);
      expect(table.categorical[0].codes.every((code) => code === 0)).toBe(true);
    },
  );

  it('leaves parts of days at the ends of the log out, and needs a request', () => {
    const late = drillLog(
      { ...source, time: source.time.map((time) => time + 12 * HOUR) },
      plan({ attack: null, days: 7 }),
    );
    expect(late.table.rows).toBe(7 * PER_DAY);
    const empty = { ...source, rows: 0, time: new Float64Array(0) };
    expect(() => drillLog(empty, plan({}))).toThrow('No drill was made');
  });
});
