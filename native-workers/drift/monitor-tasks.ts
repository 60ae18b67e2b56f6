import type { TaskContext } from '../task.ts';
import { behaviourAlarm, type BehaviourAlarmOptions, type BehaviourResult } from './behaviour-alarm.ts';
import { runMonitor } from './define-monitor.ts';
import type { EventTable } from './event-table.ts';
import type { MonitorInput, MonitorResult } from './monitor.ts';
import { fitReference, type BehaviourReference } from './reference.ts';
import { monitorById } from './registry.ts';

/** @throws RangeError without a request; Cancelled */
export function fitBehaviour(
  { tables }: { readonly tables: readonly EventTable[] },
  ctx: TaskContext,
): BehaviourReference {
  return fitReference(tables, () => {
    ctx.check();
  });
}

/** The default alarm over one log. */
export function judgeBehaviour(
  {
    reference,
    table,
    options,
  }: {
    readonly reference: BehaviourReference;
    readonly table: EventTable;
    readonly options: BehaviourAlarmOptions;
  },
  ctx: TaskContext,
): BehaviourResult {
  return behaviourAlarm(reference, [table], options, ctx);
}

/** One monitor of the registry over one log. */
export function runRegistered(
  {
    id,
    params,
    input,
  }: {
    readonly id: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly input: MonitorInput;
  },
  ctx: TaskContext,
): MonitorResult {
  return runMonitor(monitorById(id), input, params, ctx);
}
