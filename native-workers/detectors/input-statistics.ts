import { z } from 'zod';
import { IMAGE_STATISTICS } from '../numeric/image-statistics.ts';
import { median, medianInPlace } from '../numeric/order-statistics.ts';
import type { ClassSlice } from './class-slice.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { InputStatistics, SampleSet } from './detector.ts';

const NAMES = ['mean', 'standard deviation', 'skewness', 'kurtosis', 'entropy'] as const;
/** Makes the median absolute deviation of normal values their standard deviation. */
const TO_DEVIATION = 1.4826;
/** Iglewicz and Hoaglin's limit for modified z-scores. */
const FAR = 3.5;

/** Within-class robust z of five statistics of each image, in the order of the slice's rows. */
interface InputScores {
  /** Largest |z| over the statistics, shape (n,). */
  readonly score: Float64Array;
  /** Rows where each statistic's |z| is the largest and above 3.5, shape (5,). */
  readonly farBy: Int32Array;
}

/**
 * Largest |value - median| / (1.4826 MAD) of each row over the five statistics of its image. Where more than half of a class has one
 * value, the mean absolute deviation takes the MAD's place; a statistic that never varies is left out. Null where none varies.
 */
export function inputScores({ data }: InputStatistics, { rows }: ClassSlice): InputScores | null {
  const n = rows.length;
  const score = new Float64Array(n);
  const widest = new Int32Array(n).fill(-1);
  const values = new Float64Array(n);
  let varies = false;
  for (let s = 0; s < IMAGE_STATISTICS; s++) {
    for (let i = 0; i < n; i++) values[i] = data[rows[i] * IMAGE_STATISTICS + s];
    const middle = median(values);
    const away = values.map((value) => Math.abs(value - middle));
    const mean = away.reduce((sum, distance) => sum + distance, 0) / n;
    const unit = medianInPlace(away.slice()) * TO_DEVIATION || mean;
    if (!(unit > 0)) continue;
    varies = true;
    for (let i = 0; i < n; i++) {
      const z = away[i] / unit;
      if (z > score[i]) {
        score[i] = z;
        widest[i] = s;
      }
    }
  }
  if (!varies) return null;
  const farBy = new Int32Array(IMAGE_STATISTICS);
  for (let i = 0; i < n; i++) if (score[i] > FAR) farBy[widest[i]]++;
  return { score, farBy };
}

/**
 * Input statistics: what the picture says without a model. It sees pictures of another brightness, contrast or grain; a patch
 * of a few pixels moves none of them.
 */
export const inputStatistics = defineDetector({
  id: 'input-statistics',
  version: 1,
  title: 'Input statistics',
  family: 'input',
  reference: 'Iglewicz, Hoaglin 1993, How to Detect and Handle Outliers (modified z-scores)',
  needs: ['images', 'labels'],
  certificate: 'none',
  params: z.object({}),
  judgeClass(input, slice, _prepared, _params, ctx) {
    ctx.check();
    const found = inputScores(imagesOf(input.investigated), slice);
    if (found === null)
      return {
        finding: skippedFinding(
          slice,
          'No statistic of this class’s images varies: there is nothing to compare.',
        ),
        score: null,
      };
    const { score, farBy } = found;
    const marked = Uint8Array.from(score, (z) => (z > FAR ? 1 : 0));
    return {
      finding: {
        classIndex: slice.classIndex,
        n: score.length,
        statistic: score.reduce((most, value) => Math.max(most, value), 0),
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          {
            name: 'rows beyond 3.5 robust deviations',
            value: marked.reduce((sum, mark) => sum + mark, 0),
            unit: 'rows',
          },
          ...NAMES.map((name, s) => ({
            name: `of these, farthest by ${name}`,
            value: farBy[s],
            unit: 'rows',
          })),
        ],
        skipped: null,
      },
      score,
      marked,
    };
  },
});

function imagesOf({ images }: SampleSet): InputStatistics {
  if (images === null) throw new Error('Input statistics were asked of a set without images.');
  return images;
}
