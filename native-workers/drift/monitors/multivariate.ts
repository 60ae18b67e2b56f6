import { z } from 'zod';
import type { Matrix } from '../../detectors/detector.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import { contentHashes, featureRows, featureSpace, sampleByContent } from '../feature-matrix.ts';
import { countInWords, numberInWords, pInWords, windowInWords } from '../in-words.ts';
import type { LogWindow, MonitorFinding, Subject } from '../monitor.ts';
import { centroidTest } from '../tests/centroid.ts';
import { classifierTest } from '../tests/classifier-two-sample.ts';
import { mmdTest } from '../tests/mmd.ts';
import type { PrincipalSubspace } from '../tests/pca-reconstruction.ts';
import { principalSubspace, reconstructionErrors, reconstructionShift } from '../tests/pca-reconstruction.ts';
import type { TestResult } from '../tests/test-result.ts';

const SAMPLE_PURPOSE = 0x3a11;
const HALF_PURPOSE = 0x4a1f;
/** Columns named as explaining a classifier's area. */
const NAMED = 3;

const params = z.object({
  level: z.number().gt(0).lt(1).default(0.01),
  /** Fewer rows of a window say little about many columns at once. */
  leastRows: z.int().min(100).default(1000),
  /** Rows of either side that the classifier and the principal components see. */
  sample: z.int().min(200).max(50_000).default(4000),
  /** Rows of either side that the kernel sees: its time grows with their square. */
  kernelSample: z.int().min(50).max(2000).default(500),
  permutations: z.int().min(99).max(9999).default(499),
  /** Share of the variance that the principal components hold. */
  kept: z.number().gt(0).lt(1).default(0.65),
  /** A classifier below this area has found nothing worth a look. */
  leastArea: z.number().min(0.5).max(1).default(0.55),
  /** Mahalanobis distance of the centroids from which they count as moved. */
  leastDistance: z.number().min(0).default(0.1),
});
type Params = z.output<typeof params>;

interface Ready {
  readonly names: readonly string[];
  readonly sample: Matrix;
  readonly kernelSample: Matrix;
  readonly subspace: PrincipalSubspace | null;
  /** Errors of reference rows that the subspace was not made of. */
  readonly held: Float64Array;
}

/** All numeric features of each window at once against the baseline's, by four tests. */
export const multivariate = defineMonitor({
  id: 'multivariate',
  version: 1,
  title: 'Features together',
  family: 'columns',
  reference:
    'Gretton et al. 2012, A kernel two-sample test; Lopez-Paz, Oquab 2017, Revisiting classifier two-sample tests; Hotelling 1931; Pearson 1901 (principal components)',
  needs: ['features', 'reference rows'],
  budgeted: false,
  falseAlarms: null,
  params,
  run({ reference, current, windows }, settings, ctx) {
    if (reference.kind !== 'rows') throw new RangeError('This monitor was asked to judge without rows.');
    const check = (): void => {
      ctx.check();
    };
    const { table } = reference;
    const space = featureSpace(table, current, check);
    const notes = space.constant.map((name) => `${name} is one constant in both logs: it was left out.`);
    if (space.axes.length === 0 || table.rows < settings.leastRows) {
      const why =
        space.axes.length === 0
          ? 'Left out: the logs share no numeric feature that varies.'
          : `Left out: the baseline has ${countInWords(table.rows, 'row')}, and ${settings.leastRows} are the least.`;
      return { findings: [], skipped: why, notes };
    }
    const ready = prepare(featureRows(table, space, 0, table.rows), space.names, settings, ctx.seed, check);
    const findings = windows.flatMap((window, w) => {
      ctx.check();
      ctx.progress((w + 1) / windows.length);
      const rows = window.to - window.from;
      const subject: Subject = { kind: 'columns', name: space.names.join(', ') };
      if (rows < settings.leastRows) {
        const reason = `${windowInWords(window)} there ${rows === 1 ? 'is' : 'are'} ${countInWords(rows, 'request')}: fewer than ${settings.leastRows} are not judged.`;
        return [notJudged(window, subject, 'drift', reason)];
      }
      return judgeWindow(
        ready,
        featureRows(current, space, window.from, window.to),
        window,
        subject,
        settings,
        ctx.seed,
        check,
      );
    });
    return { findings, skipped: null, notes };
  },
});

function prepare(
  rows: Matrix,
  names: readonly string[],
  settings: Params,
  seed: number,
  check: () => void,
): Ready {
  const sample = sampleByContent(rows, settings.sample, SAMPLE_PURPOSE + seed);
  const hashes = contentHashes(sample, HALF_PURPOSE);
  const half = (side: number): Matrix => {
    const kept = Int32Array.from(hashes.keys()).filter((i) => (hashes[i] & 1) === side);
    const data = new Float32Array(kept.length * sample.cols);
    kept.forEach((row, i) => {
      data.set(sample.data.subarray(row * sample.cols, (row + 1) * sample.cols), i * sample.cols);
    });
    return { data, rows: kept.length, cols: sample.cols };
  };
  const [made, other] = [half(0), half(1)];
  const subspace = sample.cols >= 2 && made.rows >= 2 ? principalSubspace(made, settings.kept, check) : null;
  return {
    names,
    sample,
    kernelSample: firstRows(sample, settings.kernelSample),
    subspace,
    held: subspace === null ? new Float64Array(0) : reconstructionErrors(other, subspace),
  };
}

function firstRows({ data, rows, cols }: Matrix, count: number): Matrix {
  const kept = Math.min(rows, count);
  return { data: data.slice(0, kept * cols), rows: kept, cols };
}

function judgeWindow(
  ready: Ready,
  rows: Matrix,
  window: LogWindow,
  subject: Subject,
  settings: Params,
  seed: number,
  check: () => void,
): MonitorFinding[] {
  const sample = sampleByContent(rows, settings.sample, SAMPLE_PURPOSE + seed);
  const say = (
    name: string,
    effectName: string,
    test: TestResult | null,
    least: number,
    sentence: () => string,
    facts: MonitorFinding['facts'],
  ): MonitorFinding => {
    if (test === null)
      return notJudged(
        window,
        subject,
        'drift',
        `${windowInWords(window)} there are too few different rows for the ${name}.`,
      );
    return judged(window, subject, 'drift', {
      statistic: { name, value: test.statistic, unit: '' },
      effect: { name: effectName, value: test.effect, unit: '' },
      pValue: test.p,
      lnP: test.lnP,
      leastP: test.leastP,
      fires: test.p <= settings.level && Math.abs(test.effect) >= least ? 'warning' : null,
      facts,
      sentence: `${windowInWords(window)} ${sentence()}, ${pInWords(test.p, test.leastP)}.`,
    });
  };

  const mmd = mmdTest(
    {
      reference: ready.kernelSample,
      current: firstRows(sample, settings.kernelSample),
      permutations: settings.permutations,
      seed,
    },
    check,
  );
  const classifier = classifierTest({ reference: ready.sample, current: sample, seed }, check);
  const centroid = centroidTest(ready.sample, sample, check);
  const errors = ready.subspace === null ? null : reconstructionErrors(sample, ready.subspace);
  const shift = errors === null ? null : reconstructionShift(ready.held, errors, check);
  const findings = [
    say(
      'kernel test (MMD), in deviations',
      'squared discrepancy',
      mmd,
      0,
      () =>
        `the features taken together are ${numberInWords(mmd.statistic)} deviations from the baseline by a kernel test`,
      [
        { name: 'bandwidth by the median distance', value: mmd.factor, unit: '' },
        { name: 'rows of either side', value: Math.min(sample.rows, settings.kernelSample), unit: 'rows' },
      ],
    ),
    say(
      'classifier two-sample test, z',
      'area under the ROC curve',
      classifier,
      settings.leastArea,
      () =>
        `a classifier tells the window's rows from the baseline's with an area of ${numberInWords(classifier?.effect ?? NaN)}, mostly by ${explaining(ready.names, classifier?.weights ?? new Float64Array(0)).join(', ')}`,
      explainingFacts(ready.names, classifier),
    ),
    say(
      "centroid distance, Hotelling's T2",
      'Mahalanobis distance',
      centroid,
      settings.leastDistance,
      () =>
        `the centre of the features lies ${numberInWords(centroid?.effect ?? NaN)} Mahalanobis units from the baseline's`,
      centroid === null
        ? []
        : [
            { name: 'plain distance', value: centroid.distance, unit: 'deviations' },
            { name: 'directions that vary', value: centroid.directions, unit: '' },
          ],
    ),
  ];
  if (ready.subspace !== null)
    findings.push(
      say(
        'reconstruction error from principal components, t',
        'shift of the mean error',
        shift,
        settings.leastDistance,
        () =>
          `rows lie ${numberInWords(shift?.currentMean ?? NaN)} from the baseline's principal components on average, ${numberInWords(shift?.referenceMean ?? NaN)} in the baseline`,
        [{ name: 'components', value: ready.subspace.components, unit: '' }],
      ),
    );
  return findings;
}

/** Names of the columns of the largest weights. */
function explaining(names: readonly string[], weights: Float64Array): string[] {
  return [...names.keys()]
    .sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]) || a - b)
    .slice(0, NAMED)
    .map((j) => names[j]);
}

function explainingFacts(
  names: readonly string[],
  test: ReturnType<typeof classifierTest>,
): MonitorFinding['facts'] {
  if (test === null) return [];
  return explaining(names, test.weights).flatMap((name) => {
    const j = names.indexOf(name);
    return [
      { name: `weight of ${name}`, value: test.weights[j], unit: '' },
      { name: `area under the ROC curve of ${name} alone`, value: test.columnAreas[j], unit: '' },
    ];
  });
}
