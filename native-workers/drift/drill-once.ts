import type { TaskContext } from '../task.ts';
import { BEHAVIOUR_ALARM } from './alert-of-change.ts';
import { behaviourAlarm, type BehaviourAlarmOptions } from './behaviour-alarm.ts';
import { runMonitor } from './define-monitor.ts';
import { drillLog, type DrillPlan } from './drill-log.ts';
import type { EventTable } from './event-table.ts';
import { DAY, HOUR, tumblingWindows } from './log-windows.ts';
import type { Reference } from './monitor.ts';
import type { BehaviourReference } from './reference.ts';
import { monitorById } from './registry.ts';

/** What one monitor made of one drilled log. */
export interface DrillOutcome {
  readonly monitor: string;
  /** Hours from the first injected request to the alarm; null where it raised none after it. */
  readonly hours: number | null;
  /** Read as an attack; null for monitors that read nothing. */
  readonly asAttack: boolean | null;
  /** Alarms before the attack, all of them in a log without one. */
  readonly falseAlarms: number;
}

/**
 * Simulates one log and holds it against the baseline by the default alarm (severity error and above counts) and some monitors of the
 * registry.
 *
 * @throws Cancelled
 */
export function drillOnce(
  {
    table,
    plan,
    reference,
    options,
    held,
    monitors,
  }: {
    readonly table: EventTable;
    readonly plan: DrillPlan;
    readonly reference: BehaviourReference;
    readonly options: BehaviourAlarmOptions;
    readonly held: Reference;
    readonly monitors: readonly string[];
  },
  ctx: TaskContext,
): DrillOutcome[] {
  const drilled = drillLog(table, plan);
  const began = drilled.beganMs;
  const outcome = (
    monitor: string,
    raised: readonly { at: number; attack: boolean | null }[],
  ): DrillOutcome => {
    // Without an attack there is no time after it: every alarm is false.
    const after = raised.filter(({ at }) => at > began);
    const first = after.length === 0 ? null : after.reduce((a, b) => (b.at < a.at ? b : a));
    return {
      monitor,
      hours: first === null ? null : (first.at - began) / HOUR,
      asAttack: first === null ? null : after.some(({ attack }) => attack === true) || first.attack,
      falseAlarms: raised.length - after.length,
    };
  };
  const { alerts } = behaviourAlarm(reference, [drilled.table], options, ctx);
  const grave = alerts.filter(({ severity }) => severity === 'error' || severity === 'critical');
  const outcomes = [
    outcome(
      BEHAVIOUR_ALARM,
      grave.map(({ time, kind }) => ({ at: time, attack: kind === 'attack-like' })),
    ),
  ];
  const windows = tumblingWindows(drilled.table, DAY);
  for (const id of monitors) {
    ctx.check();
    const input = { reference: held, current: drilled.table, windows, counts: null };
    const { findings } = runMonitor(monitorById(id), input, {}, ctx);
    const fired = findings.filter(({ decision }) => decision === 'fires');
    outcomes.push(
      outcome(
        id,
        fired.map(({ windowEnd }) => ({ at: windowEnd, attack: null })),
      ),
    );
  }
  return outcomes;
}
