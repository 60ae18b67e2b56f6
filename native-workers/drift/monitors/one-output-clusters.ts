import { z } from 'zod';
import type { Matrix } from '../../detectors/detector.ts';
import { lnBetaBinomialTail } from '../../numeric/distributions.ts';
import { mixHash } from '../../numeric/hash.ts';
import { moments } from '../../numeric/moments.ts';
import { project } from '../../numeric/projection.ts';
import { symmetricEigen } from '../../numeric/symmetric-eigen.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import type { EventTable } from '../event-table.ts';
import { featureRows, featureSpace } from '../feature-matrix.ts';
import { countInWords, numberInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { pOf } from '../tests/test-result.ts';

/** Most directions that cells are made of: with more nearly every row has a cell of its own. */
const MOST_DIRECTIONS = 6;
const NO_VARIANCE = 1e-9;
/** Cells are laid twice, the second time half a width on: a cluster at a border of one lies inside the other. */
const SHIFTS = [0, 0.5];
const LEAST_REFERENCE = 400;

const params = z.object({
  /** Side of a cell in deviations of the baseline along its principal components. */
  width: z.number().gt(0).max(4).default(0.5),
  level: z.number().gt(0).lt(1).default(0.01),
  leastRows: z.int().min(3).default(10),
  /** Share of a cell's predictions that are one class. */
  leastShare: z.number().gt(0.5).max(1).default(0.95),
});
type Params = z.output<typeof params>;

interface Cells {
  /** Cells of a row in each laying. */
  of(rows: Matrix, check: () => void): readonly Float64Array[];
}

/**
 * Small clusters of inputs that nearly all lead to one output: cells of the feature space that hold far more of a window's rows than
 * of the baseline's, and one class. Repeated requests are found as well as crafted ones.
 */
export const oneOutputClusters = defineMonitor({
  id: 'one-output-clusters',
  version: 1,
  title: 'Clusters of inputs with one output',
  family: 'outliers',
  reference:
    'Wilks 1941 (exact count beyond a reference); Bonferroni over cells; principal components: Pearson 1901',
  needs: ['predictions', 'features', 'reference rows'],
  budgeted: false,
  falseAlarms: 'If rows were exchangeable, a window would fire with a chance of at most the given level.',
  params,
  run({ reference, current, windows }, settings, ctx) {
    if (reference.kind !== 'rows') throw new RangeError('This monitor was asked to judge without rows.');
    const check = (): void => {
      ctx.check();
    };
    const { table } = reference;
    const space = featureSpace(table, current, check);
    if (space.axes.length === 0 || table.rows < LEAST_REFERENCE) {
      const skipped =
        space.axes.length === 0
          ? 'Left out: the logs share no numeric feature that varies.'
          : `Left out: the baseline has ${countInWords(table.rows, 'row')}, and ${LEAST_REFERENCE} are the least.`;
      return { findings: [], skipped, notes: [] };
    }
    const rows = featureRows(table, space, 0, table.rows);
    const cells = cellsOf(rows, settings.width, check);
    const counted = cells.of(rows, check).map(countKeys);
    const subject: Subject = { kind: 'columns', name: space.names.join(', ') };
    const findings = windows.map((window, w): MonitorFinding => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      const n = window.to - window.from;
      if (n < settings.leastRows)
        return notJudged(
          window,
          subject,
          'attack-like',
          `${windowInWords(window)} there ${n === 1 ? 'is' : 'are'} ${countInWords(n, 'request')}: fewer than ${settings.leastRows} make no cluster.`,
        );
      const keys = cells.of(featureRows(current, space, window.from, window.to), check);
      return judgeWindow(current, keys, counted, table.rows, window, subject, settings);
    });
    return { findings, skipped: null, notes: [] };
  },
});

function cellsOf(reference: Matrix, width: number, check: () => void): Cells {
  const { n, mean, scatter, cols } = moments(reference, null, check);
  const { values, vectors } = symmetricEigen(
    scatter.map((value) => value / (n - 1)),
    cols,
    check,
  );
  let count = 0;
  while (count < Math.min(MOST_DIRECTIONS, cols) && values[count] > NO_VARIANCE * values[0]) count++;
  const data = vectors.slice(0, count * cols);
  for (let a = 0; a < count; a++)
    for (let j = 0; j < cols; j++) data[a * cols + j] /= Math.sqrt(values[a]) * width;
  return {
    of: (rows, inner) => {
      const places = project(rows, null, mean, { count, cols, data }, inner);
      return SHIFTS.map((shift) =>
        Float64Array.from({ length: rows.rows }, (_, i) => cellKey(places, i, count, shift)),
      );
    },
  };
}

/** A 52-bit number for a row's cell. */
function cellKey(places: Float64Array, row: number, count: number, shift: number): number {
  let [high, low] = [1, 2];
  for (let a = 0; a < count; a++) {
    const cell = Math.floor(places[row * count + a] + shift);
    high = mixHash(high ^ cell, 2 * a + 1);
    low = mixHash(low ^ cell, 2 * a + 2);
  }
  return (high >>> 12) * 2 ** 32 + low;
}

function countKeys(keys: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function judgeWindow(
  table: EventTable,
  keys: readonly Float64Array[],
  counted: readonly Map<number, number>[],
  m: number,
  window: LogWindow,
  subject: Subject,
  settings: Params,
): MonitorFinding {
  const n = window.to - window.from;
  let looked = 0;
  let best: { lnP: number; rows: number[]; code: number; share: number; before: number } | null = null;
  let clusters = 0;
  keys.forEach((own, laying) => {
    const members = new Map<number, number[]>();
    own.forEach((key, i) => {
      const cell = members.get(key);
      if (cell === undefined) members.set(key, [window.from + i]);
      else cell.push(window.from + i);
    });
    looked += members.size;
    for (const [key, rows] of members) {
      if (rows.length < settings.leastRows) continue;
      const { code, share } = commonest(table, rows);
      if (code < 0 || share < settings.leastShare) continue;
      const before = counted[laying].get(key) ?? 0;
      const lnP = lnBetaBinomialTail(rows.length, n, before + 1, m);
      if (lnP <= Math.log(settings.level / own.length) && laying === 0) clusters++;
      if (best === null || lnP < best.lnP || (lnP === best.lnP && rows[0] < best.rows[0]))
        best = { lnP, rows, code, share, before };
    }
  });
  const shown = best as { lnP: number; rows: number[]; code: number; share: number; before: number } | null;
  if (shown === null)
    return judged(window, subject, 'attack-like', {
      statistic: { name: 'clusters', value: 0, unit: '' },
      effect: { name: 'rows of the cluster more than expected, by the window', value: 0, unit: '' },
      fires: null,
      facts: [{ name: 'requests', value: n, unit: 'rows' }],
      sentence: `${windowInWords(window)} no cell of the features holds ${settings.leastRows} requests that lead to one class.`,
    });
  // Every occupied cell of both layings was looked at.
  const lnP = Math.min(0, shown.lnP + Math.log(looked));
  const name = table.classes[shown.code];
  return judged(window, subject, 'attack-like', {
    statistic: { name: 'rows of the cluster', value: shown.rows.length, unit: 'rows' },
    effect: {
      name: 'rows of the cluster more than expected, by the window',
      value: shown.rows.length / n - shown.before / m,
      unit: '',
    },
    pValue: pOf(lnP),
    lnP,
    fires: lnP <= Math.log(settings.level) ? 'warning' : null,
    facts: [
      { name: 'rows of the baseline in the same place', value: shown.before, unit: 'rows' },
      { name: `share of ${name} in the cluster`, value: shown.share, unit: '' },
      { name: 'clusters of this kind', value: clusters, unit: '' },
    ],
    sentence: `${windowInWords(window)} ${countInWords(shown.rows.length, 'request')} of ${n.toLocaleString('en-US')} lie close together and ${percentInWords(shown.share)} of them are taken for ${name}; the baseline had ${numberInWords((shown.before / m) * n)} in as many; ${pInWords(pOf(lnP), null)} over all places.`,
    rows: Int32Array.from(shown.rows),
  });
}

/** The class most rows were predicted as, and its share; -1 where none has a prediction. */
function commonest(
  { predicted, classes }: EventTable,
  rows: readonly number[],
): { code: number; share: number } {
  const counts = new Int32Array(classes.length);
  for (const row of rows) if (predicted[row] >= 0) counts[predicted[row]]++;
  const most = Math.max(0, ...counts);
  return { code: most === 0 ? -1 : counts.indexOf(most), share: most / rows.length };
}
