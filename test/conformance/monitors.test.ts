import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runMonitor, type Monitor } from '../../native-workers/drift/define-monitor.ts';
import type { EventTable } from '../../native-workers/drift/event-table.ts';
import { DAY, HOUR, tumblingWindows } from '../../native-workers/drift/log-windows.ts';
import type { MonitorFinding, MonitorInput, MonitorResult } from '../../native-workers/drift/monitor.ts';
import { indexById, monitorById, monitors } from '../../native-workers/drift/registry.ts';
import { mixHash } from '../../native-workers/numeric/hash.ts';
import type { TaskContext } from '../../native-workers/task.ts';
import { Cancelled, uncancelled } from '../../native-workers/task.ts';
import { madeLog, mapNumbers, summaryOf, takeRows } from '../fixtures/made-log.ts';

const reference = madeLog({ seed: 1, days: 14, perDay: 700 });
const quietLog = madeLog({ seed: 2, days: 2, perDay: 1200, firstDay: 14 });

/** Fewer draws than the defaults: what is held here does not turn on them. */
const quick: Readonly<Record<string, object>> = {
  'numeric-columns': { draws: 99 },
  'categorical-columns': { draws: 99 },
  predictions: { draws: 99 },
  'concept-drift': { rows: 300 },
  multivariate: { kernelSample: 100, permutations: 99, sample: 1000 },
};

function inputOf(before: EventTable, current: EventTable): MonitorInput {
  const windows = [...tumblingWindows(current, 6 * HOUR), ...tumblingWindows(current, DAY)];
  return {
    reference: { kind: 'rows', table: before },
    current,
    windows: windows.sort((a, b) => a.start - b.start || a.end - b.end),
    counts: { lines: current.rows, unreadable: 3, duplicateIds: 2, backwards: 1, largestStepBack: 500 },
  };
}

const run = (monitor: Monitor, input: MonitorInput, ctx: TaskContext = uncancelled(5)): MonitorResult =>
  runMonitor(monitor, input, quick[monitor.id] ?? {}, ctx);

/** No number that is not one, no p-value outside (0, 1], a reason wherever nothing was judged. */
function expectHonest({ findings, skipped, notes }: MonitorResult): void {
  for (const finding of findings) {
    expect(finding.sentence).toMatch(/\.$/);
    expect(finding.sentence).not.toMatch(/NaN|undefined|Infinity|null/);
    expect(finding.windowStart).toBeLessThanOrEqual(finding.windowEnd);
    const { statistic, effect, facts, pValue, leastP, decision } = finding;
    for (const number of [statistic, effect, ...facts])
      if (number !== null)
        expect(number.value, `${finding.sentence} ${number.name}`).toSatisfy(Number.isFinite);
    if (pValue !== null) expect(pValue > 0 && pValue <= 1).toBe(true);
    if (pValue !== null && leastP !== null) expect(pValue).toBeGreaterThanOrEqual(leastP);
    if (decision === 'not judged') expect([statistic, effect, pValue]).toEqual([null, null, null]);
    else expect(finding.severity === null).toBe(decision === 'quiet');
  }
  const inOrder = findings.map((f) => f.windowStart);
  expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
  for (const sentence of [...notes, ...(skipped === null ? [] : [skipped])]) expect(sentence).toMatch(/\.$/);
}

function expectSaysSomething(result: MonitorResult): void {
  expect(result.findings.length + result.notes.length > 0 || result.skipped !== null).toBe(true);
}

const decisions = ({ findings }: MonitorResult): string[] => findings.map(({ decision }) => decision);

function shuffledTies(table: EventTable, purpose: number): Int32Array {
  return Int32Array.from(table.time.keys()).sort(
    (a, b) => table.time[a] - table.time[b] || mixHash(a, purpose) - mixHash(b, purpose),
  );
}

describe('the registry of monitors', () => {
  it('knows every monitor by its id', () => {
    for (const monitor of monitors) expect(monitorById(monitor.id)).toBe(monitor);
    expect(() => monitorById('nothing')).toThrow('no monitor called nothing');
    expect(() => indexById([monitors[0], monitors[0]])).toThrow(monitors[0].id);
  });

  it('has a page for each monitor', () => {
    const pages = readdirSync(join(import.meta.dirname, '../../docs/monitors')).map((file) =>
      file.slice(0, -3),
    );
    expect(pages).toEqual(expect.arrayContaining(monitors.map(({ id }) => id)));
  });
});

describe.each(monitors.map((monitor) => [monitor.id, monitor] as const))('%s', (_, monitor) => {
  const input = inputOf(reference, quietLog);
  const found = run(monitor, input);

  it('judges an ordinary log, honestly', () => {
    expect(found.skipped).toBeNull();
    expectHonest(found);
    expect(decisions(found)).toContain('quiet');
  });

  it('gives the same bytes again', () => {
    expect(run(monitor, input)).toEqual(found);
  });

  it('says at most a warning outside the budget', () => {
    const loud = inputOf(
      reference,
      mapNumbers(quietLog, (value, { role }) => (role === 'confidence' ? value / 9 : value * 9 + 5)),
    );
    for (const { severity } of run(monitor, loud).findings)
      if (!monitor.budgeted) expect(['warning', 'info', null]).toContain(severity);
  });

  it('does not mind the order of requests of one time, unless it walks row by row', () => {
    const walks = ['sequential', 'performance', 'presets'].includes(monitor.family);
    const order = shuffledTies(quietLog, 3);
    const moved = run(
      monitor,
      inputOf(takeRows(reference, shuffledTies(reference, 4)), takeRows(quietLog, order)),
    );
    expect(moved.findings.length > 0).toBe(found.findings.length > 0);
    if (walks) return;
    expect(decisions(moved)).toEqual(decisions(found));
    moved.findings.forEach((finding, i) => {
      const before = found.findings[i];
      expect(finding.subject).toEqual(before.subject);
      for (const key of ['statistic', 'effect'] as const) {
        const [a, b] = [finding[key]?.value ?? 0, before[key]?.value ?? 0];
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(b)));
      }
      const rows = (own: Int32Array | null): number[] => [...(own ?? [])].sort((a, b) => a - b);
      expect(rows(finding.rows?.map((row) => order[row]) ?? null)).toEqual(rows(before.rows));
    });
  });

  it('judges a window alone as it does among others', () => {
    if (['sequential', 'performance', 'presets', 'health'].includes(monitor.family)) return;
    const one = input.windows[3];
    const alone = run(monitor, { ...input, windows: [one] });
    expect(alone.findings).toEqual(
      found.findings.filter((f) => f.windowStart === one.start && f.windowEnd === one.end),
    );
  });

  it('does not read class names', () => {
    const renamed = (table: EventTable): EventTable => ({
      ...table,
      classes: table.classes.map((name) => `x-${name}`),
    });
    expect(decisions(run(monitor, inputOf(renamed(reference), renamed(quietLog))))).toEqual(decisions(found));
  });

  it('matches classes and levels of the two logs by name', () => {
    const more: EventTable = {
      ...quietLog,
      classes: ['apron', ...quietLog.classes],
      predicted: quietLog.predicted.map((code) => code + 1),
      label: quietLog.label?.map((code) => (code < 0 ? code : code + 1)) ?? null,
      categorical: quietLog.categorical.map((column) => ({
        ...column,
        levels: ['aa', ...column.levels],
        codes: column.codes.map((code) => code + 1),
      })),
    };
    const result = run(monitor, inputOf(reference, more));
    expectHonest(result);
    const about = (findings: readonly MonitorFinding[]) =>
      findings
        .filter(({ subject }) => subject.name !== 'apron')
        .map(({ subject, effect, decision }) => ({ subject, effect, decision }));
    expect(about(result.findings)).toEqual(about(found.findings));
  });

  it.each([
    ['constant columns', (table: EventTable) => mapNumbers(table, () => 0.5)],
    ['nothing but missing numbers', (table: EventTable) => mapNumbers(table, () => NaN)],
    [
      'every third number missing',
      (table: EventTable) => mapNumbers(table, (v, _c, row) => (row % 3 === 0 ? NaN : v)),
    ],
    [
      'infinite numbers',
      (table: EventTable) =>
        mapNumbers(table, (v, { role }, row) => (role !== 'confidence' && row % 50 === 0 ? Infinity : v)),
    ],
    [
      'one class',
      (table: EventTable) => ({
        ...table,
        predicted: table.predicted.map(() => 2),
        label: table.label?.map((code) => (code < 0 ? code : 2)) ?? null,
      }),
    ],
    ['no prediction', (table: EventTable) => ({ ...table, predicted: table.predicted.map(() => -1) })],
    ['no label', (table: EventTable) => ({ ...table, label: null, labelTime: null })],
    ['no column', (table: EventTable) => ({ ...table, numeric: [], categorical: [] })],
    ['no row', (table: EventTable) => takeRows(table, new Int32Array(0))],
    ['one row', (table: EventTable) => takeRows(table, Int32Array.of(0))],
    ['three rows', (table: EventTable) => takeRows(table, Int32Array.of(0, 1, 2))],
    [
      'levels missing',
      (table: EventTable) => ({
        ...table,
        categorical: table.categorical.map((c) => ({ ...c, codes: c.codes.map(() => -1) })),
      }),
    ],
  ])('says what it does with %s, in the log, the baseline and both', (_what, change) => {
    for (const [before, current] of [
      [reference, change(quietLog)],
      [change(reference), quietLog],
      [change(reference), change(quietLog)],
    ]) {
      const result = run(monitor, inputOf(before, current));
      expectHonest(result);
      expectSaysSomething(result);
    }
  });

  it('says so where a window has no request', () => {
    const hole = input.windows.filter(({ end, start }) => end - start < DAY)[2];
    const kept = Int32Array.from(quietLog.time.keys()).filter(
      (i) => quietLog.time[i] < hole.start || quietLog.time[i] >= hole.end,
    );
    const result = run(monitor, inputOf(reference, takeRows(quietLog, kept)));
    expectHonest(result);
    const there = result.findings.filter((f) => f.windowStart === hole.start && f.windowEnd === hole.end);
    for (const { decision, subject } of there) {
      if (monitor.family === 'health' && subject.kind === 'log') continue;
      expect(decision).toBe('not judged');
    }
  });

  it('takes a summary of the baseline, or says that it needs the rows', () => {
    const result = run(monitor, { ...input, reference: { kind: 'summary', summary: summaryOf(reference) } });
    expectHonest(result);
    if (monitor.needs.includes('reference rows'))
      expect(result.skipped).toMatch(/rows of the baseline themselves/);
    else {
      expect(result.skipped).toBeNull();
      expectSaysSomething(result);
    }
  });

  it('reports progress that never falls and ends at 1', () => {
    const seen: number[] = [];
    run(monitor, input, { ...uncancelled(), progress: (share) => seen.push(share) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it('stops within 50 ms of being cancelled', () => {
    const large = inputOf(
      madeLog({ seed: 3, days: 5, perDay: 4000 }),
      madeLog({ seed: 4, days: 1, perDay: 4000, firstDay: 5 }),
    );
    let [longest, checks] = [0, 0];
    let last = process.cpuUsage();
    const timed: TaskContext = {
      ...uncancelled(),
      check: () => {
        longest = Math.max(longest, process.cpuUsage(last).user / 1000);
        last = process.cpuUsage();
        checks++;
      },
    };
    // Once to warm up: the first calls also pay for compilation.
    run(monitor, large);
    last = process.cpuUsage();
    run(monitor, large, timed);
    expect(longest).toBeLessThan(50);
    for (const at of [1, Math.floor(checks / 2), checks]) {
      let count = 0;
      const cancelling: TaskContext = {
        ...uncancelled(),
        check: () => {
          if (++count >= at) throw new Cancelled();
        },
      };
      expect(() => run(monitor, large, cancelling)).toThrow(Cancelled);
    }
  });

  it('keeps the rate that it states on quiet logs', () => {
    if (monitor.falseAlarms === null) return;
    let [fired, judged] = [0, 0];
    for (let seed = 20; seed < 32; seed++) {
      const log = madeLog({ seed, days: 2, perDay: 800, firstDay: 14 });
      const days = tumblingWindows(log, DAY);
      const { findings } = run(monitor, { ...inputOf(reference, log), windows: days });
      for (const { start } of days) {
        const there = findings.filter(({ windowStart }) => windowStart === start);
        judged++;
        if (there.some(({ decision }) => decision === 'fires')) fired++;
      }
    }
    // At a level of 1 % two of 24 windows would be met once in 40 such runs.
    expect(judged).toBe(24);
    expect(fired).toBeLessThanOrEqual(1);
  });
});

describe('needs', () => {
  it('that a log lacks are named, and nothing is judged', () => {
    const bare: EventTable = { ...quietLog, numeric: [], categorical: [], label: null };
    for (const monitor of monitors) {
      const { findings, skipped } = run(monitor, inputOf(reference, bare));
      const lacks = monitor.needs.filter((need) => need !== 'predictions' && need !== 'reference rows');
      if (lacks.length === 0) continue;
      expect(skipped).toMatch(/^Left out: this monitor needs /);
      expect(findings).toEqual([]);
    }
  });
});
