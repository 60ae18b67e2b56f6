import { z } from 'zod';
import type { Matrix } from '../../detectors/detector.ts';
import { moments } from '../../numeric/moments.ts';
import type { Axes } from '../../numeric/projection.ts';
import { squaredLengths } from '../../numeric/projection.ts';
import { symmetricEigen } from '../../numeric/symmetric-eigen.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import { contentHashes, featureRows, featureSpace } from '../feature-matrix.ts';
import { countInWords, numberInWords, pInWords, windowInWords } from '../in-words.ts';
import type { MonitorFinding, Subject } from '../monitor.ts';
import { exceedanceTest, thresholdOf } from '../tests/exceedance.ts';

const HALF_PURPOSE = 0x00d1;
/** Directions with less than this share of the largest variance have none: they are left out. */
const NO_VARIANCE = 1e-9;
const LEAST_REFERENCE = 400;

const params = z.object({
  /** Share of the baseline's rows beyond the edge. */
  share: z.number().gt(0).max(0.1).default(0.005),
  level: z.number().gt(0).lt(1).default(0.01),
  /** Rows beyond the edge below which nothing fires. */
  leastRows: z.int().min(1).default(5),
});

/**
 * Inputs far from anything the baseline held, by the Mahalanobis distance of their numeric features. The distance is made from half of
 * the baseline's rows and its edge from the other half, so that the count beyond it has an exact law.
 */
export const unfamiliarInputs = defineMonitor({
  id: 'unfamiliar-inputs',
  version: 1,
  title: 'Inputs unlike the baseline',
  family: 'outliers',
  reference:
    'Mahalanobis 1936; Lee et al. 2018, A simple unified framework for detecting out-of-distribution samples; Wilks 1941',
  needs: ['features', 'reference rows'],
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
    const hashes = contentHashes(rows, HALF_PURPOSE);
    const half = (side: number): Int32Array =>
      Int32Array.from(hashes.keys()).filter((i) => (hashes[i] & 1) === side);
    const [made, held] = [half(0), half(1)];
    if (held.length === 0 || made.length <= space.axes.length)
      return {
        findings: [],
        skipped: 'Left out: the rows of the baseline are too much alike to say what is far.',
        notes: [],
      };
    const { centre, axes } = whiteAxes(rows, made, check);
    const threshold = thresholdOf(squaredLengths(rows, held, centre, axes, check), settings.share, check);
    const subject: Subject = { kind: 'columns', name: space.names.join(', ') };
    const findings = windows.map((window, w): MonitorFinding => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      const n = window.to - window.from;
      if (n === 0)
        return notJudged(window, subject, 'drift', `${windowInWords(window)} there is no request.`);
      const own = featureRows(current, space, window.from, window.to);
      const squares = squaredLengths(own, null, centre, axes, check);
      const beyond = Int32Array.from(squares.keys())
        .filter((i) => squares[i] > threshold.value)
        .sort((a, b) => squares[b] - squares[a] || a - b);
      const test = exceedanceTest(beyond.length, n, threshold);
      return judged(window, subject, 'drift', {
        statistic: { name: 'unfamiliar rows', value: beyond.length, unit: 'rows' },
        effect: { name: 'times as many as expected', value: test.effect, unit: '' },
        pValue: test.p,
        lnP: test.lnP,
        fires: test.p <= settings.level && beyond.length >= settings.leastRows ? 'warning' : null,
        facts: [
          { name: 'edge', value: Math.sqrt(threshold.value), unit: 'Mahalanobis units' },
          ...(beyond.length === 0
            ? []
            : [{ name: 'farthest', value: Math.sqrt(squares[beyond[0]]), unit: 'Mahalanobis units' }]),
          { name: 'requests', value: n, unit: 'rows' },
        ],
        sentence: `${windowInWords(window)} ${countInWords(beyond.length, 'request')} of ${n.toLocaleString('en-US')} ${beyond.length === 1 ? 'lies' : 'lie'} more than ${numberInWords(Math.sqrt(threshold.value))} Mahalanobis units from the baseline's centre, ${numberInWords(test.effect)} times as many as expected; ${pInWords(test.p, null)}.`,
        rows: beyond.map((i) => window.from + i),
      });
    });
    return {
      findings,
      skipped: null,
      notes: space.constant.map((name) => `${name} is one constant in both logs: it was left out.`),
    };
  },
});

/** Axes on which the rows have unit variance. */
function whiteAxes(
  rows: Matrix,
  chosen: Int32Array,
  check: () => void,
): { centre: Float64Array; axes: Axes } {
  const { n, mean, scatter, cols } = moments(rows, chosen, check);
  const { values, vectors } = symmetricEigen(
    scatter.map((value) => value / (n - 1)),
    cols,
    check,
  );
  let count = 0;
  while (count < cols && values[count] > NO_VARIANCE * Math.max(values[0], Number.MIN_VALUE)) count++;
  const data = vectors.slice(0, count * cols);
  for (let a = 0; a < count; a++) for (let j = 0; j < cols; j++) data[a * cols + j] /= Math.sqrt(values[a]);
  return { centre: mean, axes: { count, cols, data } };
}
