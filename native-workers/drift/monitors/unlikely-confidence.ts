import { z } from 'zod';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { countInWords, numberInWords, pInWords, windowInWords } from '../in-words.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { benjaminiHochberg } from '../tests/benjamini-hochberg.ts';
import type { Threshold } from '../tests/exceedance.ts';
import { exceedanceTest, thresholdOf } from '../tests/exceedance.ts';
import { pOf } from '../tests/test-result.ts';

const params = z.object({
  /** Share of the class's baseline rows beyond either edge. */
  share: z.number().gt(0).max(0.1).default(0.005),
  level: z.number().gt(0).lt(1).default(0.01),
  /** Unlikely rows below which nothing fires. */
  leastRows: z.int().min(1).default(5),
  /** Baseline rows of a class below which it is not judged. */
  leastOfClass: z.int().min(20).default(200),
});
type Params = z.output<typeof params>;

/** Edges of a class's confidence: rows above `high`, and rows whose negative passes `low`. */
interface Edges {
  readonly high: Threshold;
  readonly low: Threshold;
}

/**
 * Confidence that is unlikely for the predicted class, at either end: rows beyond the baseline's outermost ones of that class are
 * counted and ranked. Rows may be too sure as well as too unsure: a trigger often makes them surer than the class ever is.
 */
export const unlikelyConfidence = defineMonitor({
  id: 'unlikely-confidence',
  version: 1,
  title: 'Confidence unlikely for its class',
  family: 'outliers',
  reference:
    'Wilks 1941, Determination of sample sizes for setting tolerance limits; Benjamini, Hochberg 1995',
  needs: ['predictions', 'confidence', 'reference rows'],
  budgeted: false,
  falseAlarms:
    'If rows were exchangeable, false ones would be at most the given level of all classes that fire in a window.',
  params,
  run({ reference, current, windows }, settings, ctx) {
    if (reference.kind !== 'rows') throw new RangeError('This monitor was asked to judge without rows.');
    const values = confidenceOf(current);
    const before = confidenceOf(reference.table);
    if (values === null || before === null)
      return { findings: [], skipped: 'Left out: one of the logs has no column of confidence.', notes: [] };
    const edges = current.classes.map((name) => {
      const code = reference.table.classes.indexOf(name);
      const own = before.filter((value, i) => reference.table.predicted[i] === code && !Number.isNaN(value));
      return edgesOf(own, settings, () => {
        ctx.check();
      });
    });
    const findings = windows.flatMap((window, w) => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      return judgeWindow(current, values, edges, window, settings);
    });
    return { findings, skipped: null, notes: [] };
  },
});

function confidenceOf(table: EventTable): Float64Array | null {
  return table.numeric.find(({ role }) => role === 'confidence')?.values ?? null;
}

function edgesOf(own: Float64Array, { share, leastOfClass }: Params, check: () => void): Edges | number {
  if (own.length < leastOfClass) return own.length;
  return {
    high: thresholdOf(own, share, check),
    low: thresholdOf(
      own.map((value) => -value),
      share,
      check,
    ),
  };
}

function judgeWindow(
  table: EventTable,
  values: Float64Array,
  edges: readonly (Edges | number)[],
  window: LogWindow,
  settings: Params,
): MonitorFinding[] {
  const rows = table.classes.map((): number[] => []);
  for (let i = window.from; i < window.to; i++)
    if (table.predicted[i] >= 0 && !Number.isNaN(values[i])) rows[table.predicted[i]].push(i);
  const found = table.classes.map((_, code) => {
    const own = edges[code];
    if (typeof own === 'number' || rows[code].length === 0) return null;
    const above = rows[code].filter((row) => values[row] > own.high.value);
    const below = rows[code].filter((row) => -values[row] > own.low.value);
    const high = exceedanceTest(above.length, rows[code].length, own.high);
    const low = exceedanceTest(below.length, rows[code].length, own.low);
    const sure = high.lnP <= low.lnP;
    // Both ends are looked at: the smaller p-value counts twice.
    const lnP = Math.min(0, Math.min(high.lnP, low.lnP) + Math.LN2);
    return {
      sure,
      test: sure ? high : low,
      lnP,
      beyond: sure ? above : below,
      edge: sure ? own.high : own.low,
    };
  });
  const q = benjaminiHochberg(found.map((one) => (one === null ? null : pOf(one.lnP))));
  return table.classes.flatMap((name, code): MonitorFinding[] => {
    const subject: Subject = { kind: 'class', name };
    const one = found[code];
    const n = rows[code].length;
    if (one === null) {
      if (n === 0) return [];
      const least = edges[code] as number;
      const reason = `The baseline has ${countInWords(least, 'row')} with a confidence of class ${name}: fewer than ${settings.leastOfClass} do not say what is unlikely.`;
      return [notJudged(window, subject, 'drift', reason)];
    }
    const p = q[code] ?? 1;
    const way = one.sure ? 1 : -1;
    const ranked = Int32Array.from(one.beyond).sort((a, b) => way * (values[b] - values[a]) || a - b);
    const edge = one.sure ? one.edge.value : -one.edge.value;
    return [
      judged(window, subject, 'drift', {
        statistic: {
          name: one.sure ? 'rows too sure' : 'rows too unsure',
          value: one.beyond.length,
          unit: 'rows',
        },
        effect: { name: 'times as many as expected', value: one.test.effect, unit: '' },
        pValue: pOf(one.lnP),
        lnP: one.lnP,
        adjustedP: p,
        fires: p <= settings.level && one.beyond.length >= settings.leastRows ? 'warning' : null,
        facts: [
          { name: one.sure ? 'unlikely above' : 'unlikely below', value: edge, unit: '' },
          { name: 'rows of the class', value: n, unit: 'rows' },
        ],
        sentence: `${windowInWords(window)} ${countInWords(one.beyond.length, 'row')} of ${n.toLocaleString('en-US')} predicted ${name} ${one.beyond.length === 1 ? 'is' : 'are'} ${one.sure ? 'surer' : 'less sure'} than ${Number(edge.toPrecision(6))}, ${numberInWords(one.test.effect)} times as many as expected; ${pInWords(p, null)} after adjusting for the classes.`,
        rows: ranked,
      }),
    ];
  });
}
