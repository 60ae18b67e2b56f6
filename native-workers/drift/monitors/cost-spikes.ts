import { z } from 'zod';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { countInWords, numberInWords, pInWords, windowInWords } from '../in-words.ts';
import { HOUR } from '../log-windows.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { median } from '../../numeric/order-statistics.ts';
import { benjaminiHochberg } from '../tests/benjamini-hochberg.ts';
import { exceedanceTest, thresholdOf, type Threshold } from '../tests/exceedance.ts';

const params = z.object({
  /** Share of the baseline's rows that count as spikes there. */
  share: z.number().gt(0).max(0.1).default(0.001),
  level: z.number().gt(0).lt(1).default(0.01),
  /** Spikes below which nothing fires. */
  leastRows: z.int().min(1).default(5),
  /** Baseline rows with a value below which a column is not judged. */
  leastOfColumn: z.int().min(100).default(1000),
});
type Params = z.output<typeof params>;

/** Below this a class has no mean of its own. */
const LEAST_OF_CLASS = 50;

/** What a value is expected to be: ln(1 + value / unit) by class and load. */
interface CostModel {
  readonly unit: number;
  /** Means by class name; '' for all. */
  readonly means: ReadonlyMap<string, { readonly cost: number; readonly load: number }>;
  readonly slope: number;
  readonly threshold: Threshold;
}

/**
 * Latency and resources that spike for their class and the load of their hour: the baseline says what a request of a class costs at a
 * load (requests within half an hour on either side), and rows far above that are counted and ranked.
 */
export const costSpikes = defineMonitor({
  id: 'cost-spikes',
  version: 1,
  title: 'Spikes of latency and resources',
  family: 'outliers',
  reference:
    'Wilks 1941, Determination of sample sizes for setting tolerance limits; Benjamini, Hochberg 1995',
  needs: ['reference rows'],
  budgeted: false,
  falseAlarms:
    'If rows were exchangeable given class and load, false ones would be at most the given level of all columns that fire in a window.',
  params,
  run({ reference, current, windows }, settings, ctx) {
    if (reference.kind !== 'rows') throw new RangeError('This monitor was asked to judge without rows.');
    const { table } = reference;
    const columns = current.numeric.filter(({ role }) => role === 'latency' || role === 'resource');
    if (columns.length === 0)
      return { findings: [], skipped: 'Left out: the log has no column of latency or resources.', notes: [] };
    const [before, now] = [loads(table), loads(current)];
    const ready = columns.map(({ name, values }) => {
      ctx.check();
      const own = table.numeric.find((column) => column.name === name);
      if (own === undefined) return { name, values, why: `The baseline has no column ${name}.`, model: null };
      const known = own.values.reduce((sum, value) => sum + (value >= 0 ? 1 : 0), 0);
      if (known < settings.leastOfColumn) {
        const why = `The baseline has ${countInWords(known, 'value')} of ${name}: fewer than ${settings.leastOfColumn} do not say what a spike is.`;
        return { name, values, why, model: null };
      }
      const model = fitCosts(table, own.values, before, settings.share, () => {
        ctx.check();
      });
      return { name, values, why: '', model };
    });
    const findings = windows.flatMap((window, w) => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      return judgeWindow(current, now, ready, window, settings);
    });
    return { findings, skipped: null, notes: [] };
  },
});

/** ln(1 + requests an hour) around each row: within half an hour on either side, as far as the log reaches. Shape (rows,). */
function loads(table: EventTable): Float64Array {
  const { time, rows } = table;
  const out = new Float64Array(rows);
  if (rows === 0) return out;
  const [first, last] = [time[0], time[rows - 1]];
  let [from, to] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const start = Math.max(first, time[i] - HOUR / 2);
    const end = Math.min(last, time[i] + HOUR / 2);
    while (time[from] < start) from++;
    while (to < rows && time[to] <= end) to++;
    out[i] = Math.log1p(((to - from) * HOUR) / Math.max(end - start, HOUR / 60));
  }
  return out;
}

function fitCosts(
  table: EventTable,
  values: Float64Array,
  load: Float64Array,
  share: number,
  check: () => void,
): CostModel {
  // A negative value is none; zeros are.
  const rows = Int32Array.from(values.keys()).filter((i) => values[i] >= 0 && Number.isFinite(values[i]));
  const unit = median(Float64Array.from(rows, (i) => values[i])) || 1;
  const cost = (i: number): number => Math.log1p(values[i] / unit);
  const groups = new Map<string, number[]>([['', [...rows]]]);
  for (const row of rows) {
    const name = table.classes[table.predicted[row]];
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  const means = new Map(
    [...groups]
      .filter(([name, group]) => name === '' || group.length >= LEAST_OF_CLASS)
      .map(
        ([name, group]) =>
          [name, { cost: meanOf(group, cost), load: meanOf(group, (i) => load[i]) }] as const,
      ),
  );
  let [products, squares] = [0, 0];
  for (const row of rows) {
    const mean = meanFor(means, table.classes[table.predicted[row]]);
    products += (load[row] - mean.load) * (cost(row) - mean.cost);
    squares += (load[row] - mean.load) ** 2;
  }
  const slope = squares > 0 ? products / squares : 0;
  const model = { unit, means, slope };
  const scores = Float64Array.from(rows, (row) =>
    excess(model, table.classes[table.predicted[row]], values[row], load[row]),
  );
  return { ...model, threshold: thresholdOf(scores, share, check) };
}

function meanOf(rows: readonly number[], value: (row: number) => number): number {
  return rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
}

function meanFor(means: CostModel['means'], name: string | undefined): { cost: number; load: number } {
  return means.get(name ?? '') ?? means.get('') ?? { cost: 0, load: 0 };
}

/** How far ln(1 + value / unit) lies above what class and load let expect. */
function excess(
  { unit, means, slope }: Omit<CostModel, 'threshold'>,
  name: string | undefined,
  value: number,
  load: number,
): number {
  const mean = meanFor(means, name);
  return Math.log1p(value / unit) - mean.cost - slope * (load - mean.load);
}

function judgeWindow(
  table: EventTable,
  load: Float64Array,
  columns: readonly { name: string; values: Float64Array; why: string; model: CostModel | null }[],
  window: LogWindow,
  settings: Params,
): MonitorFinding[] {
  const found = columns.map(({ values, model }) => {
    if (model === null) return null;
    const beyond: { row: number; score: number }[] = [];
    let n = 0;
    for (let i = window.from; i < window.to; i++) {
      if (!(values[i] >= 0 && Number.isFinite(values[i]))) continue;
      n++;
      const score = excess(model, table.classes[table.predicted[i]], values[i], load[i]);
      if (score > model.threshold.value) beyond.push({ row: i, score });
    }
    return n === 0 ? null : { n, beyond, test: exceedanceTest(beyond.length, n, model.threshold) };
  });
  const q = benjaminiHochberg(found.map((one) => one?.test.p ?? null));
  return columns.map(({ name, why }, c): MonitorFinding => {
    const subject: Subject = { kind: 'column', name };
    const one = found[c];
    if (one === null)
      return notJudged(
        window,
        subject,
        'performance',
        why === '' ? `${windowInWords(window)} no request has a value of ${name}.` : why,
      );
    const { n, beyond, test } = one;
    const p = q[c] ?? 1;
    const top = mostCommonClass(table, beyond);
    return judged(window, subject, 'performance', {
      statistic: { name: 'spikes', value: beyond.length, unit: 'rows' },
      effect: { name: 'times as many as expected', value: test.effect, unit: '' },
      pValue: test.p,
      lnP: test.lnP,
      adjustedP: p,
      fires: p <= settings.level && beyond.length >= settings.leastRows ? 'warning' : null,
      facts: [
        { name: 'values', value: n, unit: 'rows' },
        ...(top === null ? [] : [{ name: `spikes of ${top.name}`, value: top.rows, unit: 'rows' }]),
      ],
      sentence: `${windowInWords(window)} ${countInWords(beyond.length, 'request')} of ${n.toLocaleString('en-US')} ${beyond.length === 1 ? 'has a' : 'have'} ${name} far above what class and load let expect, ${numberInWords(test.effect)} times as many as in the baseline${top === null ? '' : ` (${top.rows} of ${top.name})`}; ${pInWords(p, null)} after adjusting for the columns.`,
      rows: Int32Array.from(
        beyond.toSorted((a, b) => b.score - a.score || a.row - b.row),
        ({ row }) => row,
      ),
    });
  });
}

function mostCommonClass(
  { classes, predicted }: EventTable,
  beyond: readonly { row: number }[],
): { name: string; rows: number } | null {
  const counts = new Int32Array(classes.length);
  for (const { row } of beyond) if (predicted[row] >= 0) counts[predicted[row]]++;
  const most = counts.indexOf(Math.max(0, ...counts));
  return most >= 0 && counts[most] > 0 ? { name: classes[most], rows: counts[most] } : null;
}
