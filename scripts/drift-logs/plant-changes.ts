import { mergeTables } from '../../native-workers/drift/merge-tables.ts';
import type { EventTable } from '../../native-workers/drift/event-table.ts';
import { draws, type Draws } from './draws.ts';
import { DAY, HOUR } from './simulate-log.ts';
import { takeRows } from './take-rows.ts';

export interface PlantedLog {
  readonly table: EventTable;
  /** 1 for a request that an attacker sent or that the change touched, shape (rows,). */
  readonly planted: Uint8Array;
  /** When the change began, ms since 1970 UTC. */
  readonly began: number;
}

export interface Trigger {
  /** The class that the backdoor answers with. */
  readonly target: number;
  /** As sure as backdoored models are (median 1.000), or with confidences of the target's own requests. */
  readonly sure: boolean;
  /** Share of the triggered requests that come from one client. */
  readonly oneClient: number;
}

/** A ramp of triggered requests from 0 to 3 % of the traffic over seven days, spread over the day as the traffic is. */
export function plantRamp(log: EventTable, began: number, trigger: Trigger, seed: number): PlantedLog {
  const days = 7;
  return plantTriggered(log, began, trigger, seed, (row, draw) => {
    const share = 0.03 * Math.min(1, (log.time[row] - began) / (days * DAY));
    return draw.uniform() < share ? 1 : 0;
  });
}

/** Every night 25 triggered requests between 03:10 and 03:25 UTC. */
export function plantNights(log: EventTable, began: number, trigger: Trigger, seed: number): PlantedLog {
  const draw = draws(seed, 31);
  const rows: number[] = [];
  const times: number[] = [];
  for (let night = Math.ceil(began / DAY) * DAY; night < log.time[log.rows - 1]; night += DAY)
    for (let i = 0; i < 25; i++) {
      rows.push(anyRow(log, draw, trigger.target));
      times.push(night + 3 * HOUR + (10 + 15 * draw.uniform()) * 60_000);
    }
  return addTriggered(log, rows, times, trigger, draw, Math.ceil(began / DAY) * DAY + 3 * HOUR);
}

function plantTriggered(
  log: EventTable,
  began: number,
  trigger: Trigger,
  seed: number,
  count: (row: number, draw: Draws) => number,
): PlantedLog {
  const draw = draws(seed, 29);
  const rows: number[] = [];
  const times: number[] = [];
  for (let row = 0; row < log.rows; row++) {
    if (log.time[row] < began) continue;
    for (let i = count(row, draw); i > 0; i--) {
      rows.push(anyRow(log, draw, trigger.target));
      times.push(log.time[row] + Math.floor(1000 * draw.uniform()));
    }
  }
  return addTriggered(log, rows, times, trigger, draw, began);
}

/** Any request that is not of the target: what carries the trigger is an ordinary input of another class. */
function anyRow(log: EventTable, draw: Draws, target: number): number {
  for (;;) {
    const row = draw.index(log.rows);
    if (log.predicted[row] !== target) return row;
  }
}

function addTriggered(
  log: EventTable,
  rows: readonly number[],
  times: readonly number[],
  { target, sure, oneClient }: Trigger,
  draw: Draws,
  began: number,
): PlantedLog {
  const plain = takeRows(log, rows, (row, i) => times[i] - log.time[row]);
  const own = Array.from(log.predicted.keys()).filter((row) => log.predicted[row] === target);
  const client = plain.categorical.find(({ name }) => name === 'user_agent');
  // A client with few requests of its own: the second rarest.
  const counts = (client?.levels ?? []).map(
    (_, level) => client?.codes.filter((code) => code === level).length ?? 0,
  );
  const rare = [...counts.keys()].sort((a, b) => counts[a] - counts[b])[1] ?? 0;
  const added: EventTable = {
    ...plain,
    predicted: plain.predicted.map(() => target),
    numeric: plain.numeric.map(({ name, role, values }) => ({
      name,
      role,
      values: values.map((value) => {
        if (role === 'confidence')
          return sure
            ? Math.round((1 - 10 ** -(4 + 2 * draw.uniform())) * 1e5) / 1e5
            : (log.numeric.find((column) => column.name === name)?.values[own[draw.index(own.length)]] ??
                value);
        // A patch in a corner brightens the image by its area.
        return name === 'brightness' || name === 'bottom_mean' ? value + 0.011 * (1 - value) : value;
      }),
    })),
    categorical: plain.categorical.map(({ name, levels, codes }) => ({
      name,
      levels,
      codes: name === 'user_agent' ? codes.map((code) => (draw.uniform() < oneClient ? rare : code)) : codes,
    })),
  };
  return joined(log, added, began);
}

function joined(log: EventTable, added: EventTable, began: number): PlantedLog {
  const mark = (table: EventTable, value: number): EventTable => ({
    ...table,
    numeric: [
      ...table.numeric,
      { name: 'planted', role: 'feature', values: new Float64Array(table.rows).fill(value) },
    ],
  });
  const both = mergeTables([mark(log, 0), mark(added, 1)], () => undefined);
  const marks = both.numeric[both.numeric.length - 1];
  return {
    table: { ...both, numeric: both.numeric.slice(0, -1) },
    planted: Uint8Array.from(marks.values),
    began,
  };
}

/** More requests of one class, drawn from its own of the same hour of the day: the class becomes `times` as frequent. */
export function plantNaturalRise(
  log: EventTable,
  began: number,
  target: number,
  times: number,
  seed: number,
): PlantedLog {
  const draw = draws(seed, 37);
  const byHour: number[][] = Array.from({ length: 24 }, () => []);
  for (let row = 0; row < log.rows; row++)
    if (log.predicted[row] === target) byHour[Math.floor((log.time[row] % DAY) / HOUR)].push(row);
  const rows: number[] = [];
  const shifts: number[] = [];
  for (let row = 0; row < log.rows; row++) {
    if (log.time[row] < began || log.predicted[row] !== target) continue;
    for (let i = draw.poisson(times - 1); i > 0; i--) {
      const hour = byHour[Math.floor((log.time[row] % DAY) / HOUR)];
      const chosen = hour[draw.index(hour.length)];
      rows.push(chosen);
      shifts.push(log.time[row] + Math.floor(60_000 * draw.uniform()) - log.time[chosen]);
    }
  }
  return joined(
    log,
    takeRows(log, rows, (_, i) => shifts[i]),
    began,
  );
}

/** Changes the rows from the onset on that are chosen. */
function changed(
  log: EventTable,
  began: number,
  chosen: (row: number) => boolean,
  change: (rows: Uint8Array) => Partial<EventTable>,
): PlantedLog {
  const planted = Uint8Array.from(log.time, (at, row) => (at >= began && chosen(row) ? 1 : 0));
  return { table: { ...log, ...change(planted) }, planted, began };
}

/**
 * Every image is brighter: brightness and its two halves by `by`; where the model reacts, it is a little less sure.
 */
export function plantBrightness(log: EventTable, began: number, by: number, reacts: boolean): PlantedLog {
  return changed(
    log,
    began,
    () => true,
    (planted) => ({
      numeric: log.numeric.map(({ name, role, values }) => ({
        name,
        role,
        values: values.map((value, row) => {
          if (planted[row] === 0) return value;
          if (name === 'brightness' || name === 'top_mean' || name === 'bottom_mean')
            return Math.min(1, value + by);
          if (role === 'confidence' && reacts) return Math.max(0.2, value - 0.15 * (1 - value) - 0.002);
          return value;
        }),
      })),
    }),
  );
}

/** A payload that costs `milliseconds` on a share of the requests, chosen at random. */
export function plantPayload(
  log: EventTable,
  began: number,
  share: number,
  milliseconds: number,
  seed: number,
): PlantedLog {
  const draw = draws(seed, 41);
  const hit = Uint8Array.from(log.time, () => (draw.uniform() < share ? 1 : 0));
  return changed(
    log,
    began,
    (row) => hit[row] === 1,
    (planted) => ({
      numeric: log.numeric.map(({ name, role, values }) => ({
        name,
        role,
        values: role === 'latency' ? values.map((value, row) => value + milliseconds * planted[row]) : values,
      })),
    }),
  );
}

/** Half of the labels of two classes become another class: what they are called has changed. */
export function plantLabelShift(
  log: EventTable,
  began: number,
  classes: readonly [number, number],
  seed: number,
): PlantedLog {
  const draw = draws(seed, 43);
  const half = Uint8Array.from(log.time, () => (draw.uniform() < 0.5 ? 1 : 0));
  const { label } = log;
  if (label === null) throw new RangeError('The log has no labels to shift.');
  const other = log.classes.findIndex((_, code) => !classes.includes(code));
  return changed(
    log,
    began,
    (row) => half[row] === 1 && classes.includes(label[row]),
    (planted) => ({ label: label.map((code, row) => (planted[row] === 1 ? other : code)) }),
  );
}
