import { z } from 'zod';
import type { Fact } from '../../detectors/detector.ts';
import { defineMonitor, judged, notJudged } from '../define-monitor.ts';
import { countInWords, percentInWords, pInWords, windowInWords } from '../in-words.ts';
import { drawsFor } from '../monitor-draws.ts';
import type { MonitorFinding, Subject } from '../monitor.ts';
import type { AlignedCounts } from '../reference-columns.ts';
import { alignCounts, countCodes, referencePredictions } from '../reference-columns.ts';
import { chiSquaredTest } from '../tests/chi-squared.ts';
import { gTest } from '../tests/g-test.ts';
import { cellCounts, comparable } from '../tests/homogeneity.ts';
import { jensenShannonTest } from '../tests/jensen-shannon.ts';
import { totalVariationTest } from '../tests/total-variation.ts';

const SUBJECT: Subject = { kind: 'predictions', name: '' };

/**
 * The predicted classes of each window held against the baseline's by four tests. Both sides are samples: the baseline's shares are
 * not taken for the truth. It does not know that days differ, so it rejects many ordinary days of a busy service.
 */
export const predictions = defineMonitor({
  id: 'predictions',
  version: 1,
  title: 'Predicted classes',
  family: 'predictions',
  reference:
    'Pearson 1900 (chi-squared of homogeneity); Woolf 1957 (G test); Lin 1991, Divergence measures based on the Shannon entropy',
  needs: ['predictions'],
  budgeted: false,
  falseAlarms: null,
  params: z.object({
    by: z.enum(['chi-squared', 'g-test', 'jensen-shannon', 'total-variation']).default('g-test'),
    /** Fires at p-values up to this. */
    level: z.number().gt(0).lt(1).default(0.01),
    /** Fires from this Jensen-Shannon distance (bits) on. */
    leastDistance: z.number().min(0).max(1).default(0.05),
    leastRows: z.int().min(1).default(50),
    draws: z.int().min(99).max(99_999).default(9999),
  }),
  run({ reference, current, windows }, params, ctx) {
    const before = referencePredictions(reference);
    const findings = windows.map((window, index): MonitorFinding => {
      ctx.check();
      ctx.progress(index / windows.length);
      const rows = window.to - window.from;
      if (rows < params.leastRows)
        return notJudged(
          window,
          SUBJECT,
          'drift',
          `${windowInWords(window)} there ${rows === 1 ? 'is' : 'are'} ${countInWords(rows, 'request')}: fewer than ${params.leastRows} are not judged.`,
        );
      const aligned = alignCounts(
        before,
        countCodes(current.predicted, current.classes, window.from, window.to),
      );
      const counts = cellCounts(aligned.reference, aligned.current);
      if (!comparable(counts)) {
        const reason =
          counts.m === 0
            ? 'The baseline has no request: nothing was compared.'
            : `${windowInWords(window)} and in the baseline every prediction is ${className(aligned, counts.cells[0])}: there are no shares to compare.`;
        return notJudged(window, SUBJECT, 'drift', reason);
      }
      const draws = drawsFor({ seed: ctx.seed, monitor: 'predictions', window, name: '' }, params.draws, 50);
      const check = (): void => {
        ctx.check();
      };
      const js = jensenShannonTest(counts, draws, check);
      const tests = {
        'chi-squared': chiSquaredTest(counts, draws, check),
        'g-test': gTest(counts, draws, check),
        'jensen-shannon': js,
        'total-variation': totalVariationTest(counts, draws, check),
      };
      const deciding = tests[params.by];
      const fires = deciding.p <= params.level && js.effect >= params.leastDistance;
      const { name, share, expected } = mostMoved(aligned, counts.n, counts.m);
      const facts: Fact[] = [
        { name: `share of ${name}`, value: share, unit: '' },
        { name: `share of ${name} in the baseline`, value: expected, unit: '' },
        { name: "chi-squared: Cramér's V", value: tests['chi-squared'].effect, unit: '' },
        { name: 'chi-squared: p', value: tests['chi-squared'].p, unit: '' },
        { name: 'G test: p', value: tests['g-test'].p, unit: '' },
        { name: 'Jensen-Shannon divergence', value: js.statistic / Math.LN2, unit: 'bits' },
        { name: 'Jensen-Shannon: p', value: js.p, unit: '' },
        { name: 'total variation', value: tests['total-variation'].effect, unit: '' },
        { name: 'total variation: p', value: tests['total-variation'].p, unit: '' },
        { name: 'fewest rows to expect in a class', value: counts.leastExpected, unit: 'rows' },
        { name: 'predictions', value: counts.n, unit: 'rows' },
      ];
      return judged(window, SUBJECT, 'drift', {
        statistic: { name: params.by, value: deciding.statistic, unit: '' },
        effect: { name: 'Jensen-Shannon distance', value: js.effect, unit: '' },
        pValue: deciding.p,
        lnP: deciding.lnP,
        leastP: deciding.leastP,
        fires: fires ? 'warning' : null,
        facts,
        sentence: `${windowInWords(window)} ${name} made up ${percentInWords(share)} of ${countInWords(counts.n, 'request')}, ${percentInWords(expected)} in the baseline; over all classes ${pInWords(deciding.p, deciding.leastP)}.`,
      });
    });
    return { findings, skipped: null, notes: [] };
  },
});

function className({ names }: AlignedCounts, cell: number): string {
  return cell === names.length - 1 ? 'missing' : names[cell];
}

/** The class whose share differs most from what the baseline lets expect, in deviations. */
function mostMoved(
  aligned: AlignedCounts,
  n: number,
  m: number,
): { name: string; share: number; expected: number } {
  let best = 0;
  let largest = -1;
  aligned.names.forEach((_, k) => {
    const [x, y] = [aligned.current[k], aligned.reference[k]];
    const pooled = (x + y) / (n + m);
    const difference = Math.abs(x / n - y / m) / Math.sqrt(Math.max(pooled * (1 - pooled), Number.MIN_VALUE));
    if (difference > largest) [best, largest] = [k, difference];
  });
  return {
    name: className(aligned, best),
    share: aligned.current[best] / n,
    expected: aligned.reference[best] / m,
  };
}
