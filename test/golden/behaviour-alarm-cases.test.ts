import { describe, expect, it } from 'vitest';
import { behaviourAlarm, defaultBehaviourAlarm } from '../../native-workers/drift/behaviour-alarm.ts';
import { fitReference } from '../../native-workers/drift/reference.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { resampleDays } from '../../scripts/drift-logs/resample-days.ts';
import { caseLogsAreHere, readCaseLog, readTruth } from '../fixtures/case-logs.ts';

const check = (): void => undefined;
const HOUR = 3_600_000;

/** The measurement cases' logs, defaults only; without them these tests say plainly that they were skipped. */
describe.skipIf(!caseLogsAreHere)('behaviour alarm on the measurement cases', () => {
  const reference = caseLogsAreHere
    ? fitReference([readCaseLog('baseline_early').table, readCaseLog('baseline').table], check)
    : null;
  const alertsOf = (name: string) => {
    if (reference === null) throw new Error('The cases are missing.');
    const log = readCaseLog(name);
    return { log, ...behaviourAlarm(reference, [log.table], defaultBehaviourAlarm, uncancelled()) };
  };

  it('finds the burst on its class within the hour, with the requests that made it', () => {
    const { alerts, log } = alertsOf('h1_burst');
    const alarms = alerts.filter(({ severity }) => severity === 'error' || severity === 'critical');
    const alert = alarms.find(({ kind }) => kind === 'attack-like');
    expect(alert?.subject).toBe('dress');
    const began = Date.parse('2026-03-18T14:00Z');
    expect(Math.abs((alert?.onset ?? 0) - began)).toBeLessThanOrEqual(HOUR);
    expect(alert?.time).toBeLessThanOrEqual(Date.parse('2026-03-18T16:00Z'));
    const truth = readTruth('h1_burst');
    const hits = (most: number): number =>
      Array.from(alert?.rows.subarray(0, most) ?? []).filter((row) => truth.has(log.ids[row])).length;
    expect(hits(1000)).toBeGreaterThanOrEqual(0.9 * truth.size);
    expect(hits(500)).toBeGreaterThanOrEqual(475);
  });

  it('stays quiet in the ordinary week', () => {
    expect(
      alertsOf('h4_control').alerts.map(({ subject, kind, severity }) => ({ subject, kind, severity })),
    ).toEqual([]);
  });

  it('stays quiet in weeks of whole days drawn from the ordinary ones', () => {
    if (reference === null) throw new Error('The cases are missing.');
    const days = readCaseLog('baseline').table;
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const week = resampleDays(days, 7, seed);
      const { alerts } = behaviourAlarm(reference, [week], defaultBehaviourAlarm, uncancelled());
      expect(alerts.filter(({ severity, kind }) => severity !== 'warning' || kind === 'attack-like')).toEqual(
        [],
      );
    }
  });
});
