import type { Alert } from '../../native-workers/drift/alert.ts';
import type { EventTable } from '../../native-workers/drift/event-table.ts';
import {
  plantBrightness,
  plantLabelShift,
  plantNaturalRise,
  plantNights,
  plantPayload,
  plantRamp,
  type PlantedLog,
} from './plant-changes.ts';
import { DAY, HOUR } from './simulate-log.ts';

/** What is planted in a clean log, and what an alarm should make of it. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  plant(log: EventTable, began: number, seed: number): PlantedLog;
  /** The kinds that name it rightly. */
  readonly kinds: readonly Alert['kind'][];
  /** Only alerts of severity error or above count. */
  readonly alarm: boolean;
  /** It should be known so many days after it began. */
  readonly withinDays: number;
  /** No alert may call it an attack. */
  readonly noAttack: boolean;
}

/** Hours of the day at which changes begin, so that no window is favoured. */
const BEGIN_HOUR = 7;

const attack = { kinds: ['attack-like'] as const, alarm: true, noAttack: false };
const weather = { kinds: ['drift'] as const, alarm: false, noAttack: true };

/**
 * @param target index of the class that is attacked or rises
 * @param shifted indices of the two classes whose labels shift
 */
export function scenariosOn(target: number, shifted: readonly [number, number]): Scenario[] {
  const sure = { target, sure: true };
  const calibrated = { target, sure: false };
  return [
    {
      id: 'ramp-sure',
      title: 'triggered requests from 0 to 3 % in seven days, as sure as backdoored models are, any client',
      plant: (log, began, seed) => plantRamp(log, began, { ...sure, oneClient: 0 }, seed),
      ...attack,
      withinDays: 3,
    },
    {
      id: 'ramp-sure-client',
      title: 'the same, nine in ten from one client',
      plant: (log, began, seed) => plantRamp(log, began, { ...sure, oneClient: 0.9 }, seed),
      ...attack,
      withinDays: 3,
    },
    {
      id: 'ramp-calibrated',
      title: 'the same ramp with confidences of the class, any client',
      plant: (log, began, seed) => plantRamp(log, began, { ...calibrated, oneClient: 0 }, seed),
      ...attack,
      withinDays: 7,
    },
    {
      id: 'ramp-calibrated-client',
      title: 'the same, nine in ten from one client',
      plant: (log, began, seed) => plantRamp(log, began, { ...calibrated, oneClient: 0.9 }, seed),
      ...attack,
      withinDays: 7,
    },
    {
      id: 'nights',
      title: '25 triggered requests in a quarter of an hour every night',
      plant: (log, began, seed) => plantNights(log, began, { ...sure, oneClient: 0 }, seed),
      ...attack,
      withinDays: 3,
    },
    {
      id: 'brightness',
      title: 'all inputs brighter by 0.05',
      plant: (log, began) => plantBrightness(log, began, 0.05, false),
      ...weather,
      withinDays: 2,
    },
    {
      id: 'brightness-reacts',
      title: 'all inputs brighter by 0.05, and the model a little less sure',
      plant: (log, began) => plantBrightness(log, began, 0.05, true),
      ...weather,
      withinDays: 2,
    },
    {
      id: 'natural-rise',
      title: 'one class half as frequent again, with requests of its own',
      plant: (log, began, seed) => plantNaturalRise(log, began, target, 1.5, seed),
      ...weather,
      withinDays: 2,
    },
    {
      id: 'payload',
      title: '40 ms more on 0.6 % of the requests',
      plant: (log, began, seed) => plantPayload(log, began, 0.006, 40, seed),
      kinds: ['performance'],
      alarm: true,
      withinDays: 2,
      noAttack: true,
    },
    {
      id: 'label-shift',
      title: 'half of the labels of two classes become another one',
      plant: (log, began, seed) => plantLabelShift(log, began, shifted, seed),
      kinds: ['performance'],
      alarm: true,
      withinDays: 2,
      noAttack: true,
    },
  ];
}

export interface Judged {
  /** Days from the onset to the first alert that names it rightly; null where there is none. */
  readonly days: number | null;
  readonly severity: Alert['severity'] | null;
  readonly subject: string | null;
  /** Share of planted requests among as many of its first rows as were planted. */
  readonly precision: number | null;
  /** Alerts of other kinds, or from before the onset. */
  readonly others: readonly string[];
  readonly calledAttack: boolean;
}

export function judge(alerts: readonly Alert[], { planted, began }: PlantedLog, scenario: Scenario): Judged {
  const alarms = (alert: Alert): boolean => alert.severity === 'error' || alert.severity === 'critical';
  const right = alerts.filter(
    (alert) =>
      alert.time > began && scenario.kinds.includes(alert.kind) && (!scenario.alarm || alarms(alert)),
  );
  const first = right.at(0) ?? null;
  return {
    days: first === null ? null : (first.time - began) / DAY,
    severity: first?.severity ?? null,
    subject: first?.subject ?? null,
    precision: first === null || first.rows.length === 0 ? null : precisionOf(first.rows, planted),
    others: alerts
      .filter((alert) => !right.includes(alert))
      .map(
        ({ kind, severity, subject, time }) =>
          `${kind} ${severity} ${subject} ${((time - began) / DAY).toFixed(1)} d`,
      ),
    calledAttack: alerts.some(({ kind }) => kind === 'attack-like'),
  };
}

function precisionOf(rows: Int32Array, planted: Uint8Array): number {
  const among = rows.reduce((sum, row) => sum + planted[row], 0);
  const first = rows.subarray(0, Math.max(1, among));
  return first.reduce((sum, row) => sum + planted[row], 0) / first.length;
}

/** When changes begin in a log that starts at `start`: the morning of its fourth day. */
export function beginIn(start: number): number {
  return start + 3 * DAY + BEGIN_HOUR * HOUR;
}
