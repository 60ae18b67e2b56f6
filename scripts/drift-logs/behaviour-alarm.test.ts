import { describe, expect, it } from 'vitest';
import { behaviourAlarm, defaultBehaviourAlarm } from '../../native-workers/drift/behaviour-alarm.ts';
import { fitReference } from '../../native-workers/drift/reference.ts';
import { Cancelled, uncancelled } from '../../native-workers/task.ts';
import { beginIn, judge, scenariosOn } from './scenarios.ts';
import { DAY, ordinaryTraffic, simulateLog } from './simulate-log.ts';

const check = (): void => undefined;
const SEED = 7;
const reference = fitReference(
  [simulateLog({ ...ordinaryTraffic, seed: SEED, purpose: 1, days: 28 })],
  check,
);
const start = ordinaryTraffic.start + 28 * DAY;
const week = (purpose: number, days = 7) =>
  simulateLog({ ...ordinaryTraffic, seed: SEED, purpose, days, start });
const alarm = (table: ReturnType<typeof week>) =>
  behaviourAlarm(reference, [table], defaultBehaviourAlarm, uncancelled(SEED));
const clean = week(2, 10);

describe('behaviour alarm on simulated traffic with planted changes', () => {
  it.each(scenariosOn(5, [2, 7]))('$id: $title', (scenario) => {
    const planted = scenario.plant(clean, beginIn(start), SEED);
    const judged = judge(alarm(planted.table).alerts, planted, scenario);
    expect(judged.days).not.toBeNull();
    expect(judged.days).toBeLessThanOrEqual(scenario.withinDays);
    if (scenario.noAttack) expect(judged.calledAttack).toBe(false);
    if (scenario.kinds.includes('attack-like')) expect(judged.subject).toBe('gown');
  });

  it('stays quiet in ordinary weeks whose days differ', () => {
    for (let purpose = 10; purpose < 16; purpose++)
      expect(alarm(week(purpose)).alerts.map(({ subject, kind }) => ({ subject, kind }))).toEqual([]);
  });

  it('gives the same for the same seed, and for a log in two parts', () => {
    const { table } = scenariosOn(5, [2, 7])[0].plant(clean, beginIn(start), SEED);
    const cut = table.time.findIndex((at) => at >= start + 5 * DAY);
    const part = (from: number, to: number) => ({
      ...table,
      rows: to - from,
      time: table.time.slice(from, to),
      predicted: table.predicted.slice(from, to),
      label: table.label?.slice(from, to) ?? null,
      labelTime: table.labelTime?.slice(from, to) ?? null,
      numeric: table.numeric.map((one) => ({ ...one, values: one.values.slice(from, to) })),
      categorical: table.categorical.map((one) => ({ ...one, codes: one.codes.slice(from, to) })),
    });
    const whole = alarm(table).alerts;
    const parts = behaviourAlarm(
      reference,
      [part(cut, table.rows), part(0, cut)],
      defaultBehaviourAlarm,
      uncancelled(SEED),
    ).alerts;
    expect(parts).toEqual(whole);
  });

  it('survives the way through JSON', () => {
    const read = JSON.parse(JSON.stringify(reference)) as typeof reference;
    const { table } = scenariosOn(5, [2, 7])[0].plant(clean, beginIn(start), SEED);
    expect(behaviourAlarm(read, [table], defaultBehaviourAlarm, uncancelled(SEED)).alerts).toEqual(
      alarm(table).alerts,
    );
  });

  it('refuses a reference that drifts against itself', () => {
    const bad = simulateLog({ ...ordinaryTraffic, seed: SEED, purpose: 3, days: 28 });
    const step = scenariosOn(5, [2, 7]).find(({ id }) => id === 'brightness');
    const planted = step?.plant(bad, ordinaryTraffic.start + 14 * DAY, SEED);
    const drifting = fitReference([planted?.table ?? bad], check);
    expect(drifting.selfCheck.drifts).toBe(true);
    const result = behaviourAlarm(drifting, [clean], defaultBehaviourAlarm, uncancelled(SEED));
    expect(result.alerts).toEqual([]);
    expect(result.notJudged[0]).toContain('drifts against itself');
  });

  it('says what it did not judge, and alarms on a class that was never predicted', () => {
    const own = clean.predicted.map((code, row) => (code === 3 && row % 40 === 0 ? 10 : code));
    const { alerts, notJudged } = alarm({
      ...clean,
      classes: [...clean.classes, 'zeppelin'],
      predicted: own,
      label: null,
      labelTime: null,
      numeric: clean.numeric.filter(({ name }) => name !== 'cpu_ms'),
    });
    expect(alerts.find(({ subject }) => subject === 'zeppelin')?.kind).toBe('drift');
    expect(alerts.find(({ kind }) => kind === 'quality')?.subject).toBe('cpu_ms');
    expect(notJudged.join(' ')).toContain('the log has no labels');
    expect(notJudged.join(' ')).toContain('cpu_ms');
  });

  it('ends when it is cancelled', () => {
    const cancelled = {
      ...uncancelled(),
      check: () => {
        throw new Cancelled();
      },
    };
    expect(() => behaviourAlarm(reference, [clean], defaultBehaviourAlarm, cancelled)).toThrow(Cancelled);
  });
});
