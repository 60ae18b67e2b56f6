import { expect, it } from 'vitest';
import {
  BURST_AT,
  burstLog,
  madeRequests,
  quietLog,
  type MadeRequest,
} from '../../test/fixtures/made-requests.ts';
import { tableOf } from '../../test/fixtures/made-requests-table.ts';
import { uncancelled } from '../task.ts';
import { defaultBehaviourAlarm } from './behaviour-alarm.ts';
import { judgeFollowed, settleFollowed } from './follow-tasks.ts';
import { assembleTable, type FollowedChunk, type FollowedColumn } from './followed-table.ts';
import type { HourCounts } from './hour-counts.ts';
import { HOUR } from './log-windows.ts';
import { fitReference } from './reference.ts';

const requests = madeRequests(burstLog);
const whole = tableOf(requests);
const levels = whole.classes;
const agents = whole.categorical[0].levels;
const columns: FollowedColumn[] = [
  { kind: 'time' },
  { kind: 'predicted', levels },
  { kind: 'label', levels },
  { kind: 'number', name: 'confidence', role: 'confidence', factor: 1 },
  { kind: 'number', name: 'latency_ms', role: 'latency', factor: 1000 },
  { kind: 'number', name: 'brightness', role: 'feature', factor: 1 },
  { kind: 'category', name: 'user_agent', levels: agents },
];

/** A chunk of requests as they arrived, latencies in seconds. */
function chunkOf(arrived: readonly MadeRequest[]): FollowedChunk {
  const numbers = (of: (one: MadeRequest) => number): Float64Array => Float64Array.from(arrived, of);
  const codes = (of: (one: MadeRequest) => number): Int32Array => Int32Array.from(arrived, of);
  return {
    rows: arrived.length,
    columns: [
      numbers(({ time }) => Date.parse(time)),
      codes(({ prediction }) => levels.indexOf(prediction) + 1),
      codes(({ label }) => (label === null ? 0 : levels.indexOf(label) + 1)),
      numbers(({ confidence }) => confidence),
      numbers((one) => one.latency_ms / 1000),
      numbers(({ brightness }) => brightness),
      codes((one) => agents.indexOf(one.user_agent) + 1),
    ],
  };
}

const reference = fitReference([tableOf(madeRequests(quietLog))], () => undefined);
const end = Date.parse(requests.at(-1)?.time ?? '') + 1;
const judge = (earlier: HourCounts | null, chunks: readonly FollowedChunk[]) =>
  judgeFollowed(
    { reference, earlier, chunks, columns, until: end, options: defaultBehaviourAlarm },
    uncancelled(),
  );

it('chunks become the table of the same requests in order of time, without what is not known yet', () => {
  const shuffled = [...requests.slice(0, 60).reverse(), ...requests.slice(60)];
  const { table, arrival } = assembleTable(
    [chunkOf(shuffled.slice(0, 400)), chunkOf(shuffled.slice(400))],
    columns,
    Infinity,
  );
  expect(table.time).toEqual(whole.time);
  expect(table.predicted).toEqual(whole.predicted);
  expect(table.label).toEqual(whole.label);
  expect(table.categorical).toEqual(whole.categorical);
  table.numeric.forEach(({ name, values }, at) => {
    expect(name).toBe(whole.numeric[at].name);
    values.forEach((value, row) => {
      expect(value).toBeCloseTo(whole.numeric[at].values[row], 9);
    });
  });
  expect([...arrival.slice(0, 3), arrival[60]]).toEqual([59, 58, 57, 60]);
  const cut = whole.time[100];
  expect(assembleTable([chunkOf(shuffled)], columns, cut).table.rows).toBe(100);
});

it('hours that are only counted any more raise the same alerts at the same time, with the requests that are left', () => {
  const all = judge(null, [chunkOf(requests)]);
  const attack = all.alerts.find(({ alert }) => alert.kind === 'attack-like');
  expect(attack?.alert).toMatchObject({ subject: 'dress' });
  const split = requests.findIndex(({ time }) => Date.parse(time) >= BURST_AT - 5.5 * HOUR);
  const settle = (earlier: HourCounts | null, part: readonly MadeRequest[]): HourCounts =>
    settleFollowed({ reference, earlier, chunk: chunkOf(part), columns }, uncancelled());
  const third = Math.floor(split / 3);
  const earlier = settle(settle(null, requests.slice(0, third)), requests.slice(third, split));
  const later = judge(earlier, [chunkOf(requests.slice(split))]);
  const facts = ({ alert, found }: (typeof all.alerts)[number]) => ({
    subject: alert.subject,
    kind: alert.kind,
    time: alert.time,
    onset: alert.onset,
    effect: alert.effect.value,
    lnE: alert.lnE,
    found,
  });
  const again = later.alerts.find(({ alert }) => alert.kind === 'attack-like');
  expect(again && facts(again)).toEqual(attack && facts(attack));
  const ids = (arrival: Int32Array | undefined, from: number): string[] =>
    Array.from(arrival ?? [], (at) => requests[at + from].request_id);
  expect(ids(again?.arrival, split)).toEqual(ids(attack?.arrival, 0));
});
