import { z } from 'zod';
import { midRanks } from '../numeric/mid-ranks.ts';
import { quantile } from '../numeric/order-statistics.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import { defineDetector, skippedFinding } from './define-detector.ts';
import type { ScanInput } from './detector.ts';
import { inputScores } from './input-statistics.ts';
import { lastLayerGradientNorms } from './last-layer-gradient.ts';
import { columnCounts, columnOfClass } from './logit-columns.ts';
import { reconstructionError } from './reconstruction-error.ts';
import { softmaxUncertainty } from './softmax-uncertainty.ts';

const PARTS = ['statistical', 'gradient', 'uncertainty', 'reconstruction'] as const;
type Part = (typeof PARTS)[number];

const weight = (usual: number, part: string) =>
  z.number().min(0).max(1).default(usual).describe(`Weight of ${part}.`);

const settings = z
  .object({
    statistical: weight(0.3, 'the statistics of the images'),
    gradient: weight(0.25, 'the last layer’s gradient'),
    uncertainty: weight(0.25, 'how undecided the network is'),
    reconstruction: weight(0.2, 'what the leading components leave'),
    threshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.7)
      .describe('Weighted rank above which a sample is marked.'),
  })
  .refine((chosen) => PARTS.some((part) => chosen[part] > 0), {
    message: 'All four weights are 0. Give one of them more.',
  });

/**
 * Weighted ensemble: ranks inside the class by four scores, added up with weights. A sum of scores that no model relates to one
 * another has no error rate; it is offered for comparison.
 */
export const weightedEnsemble = defineDetector({
  id: 'weighted-ensemble',
  version: 1,
  title: 'Weighted ensemble',
  family: 'ensemble',
  reference:
    'Weighted sum of rank-scaled scores; of the parts: Shannon 1948 (entropy), Jolliffe 2002 (residuals)',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: settings,
  prepare: {
    partial({ investigated, classes }, slice, params, ctx) {
      const { gradientNorm, logits } = investigated;
      if (gradientNorm !== null || logits === null || params.gradient === 0) return new Float64Array(0);
      return columnCounts(investigated, logits, slice.rows, classes.length, () => {
        ctx.check();
      });
    },
    merge: (total: Float64Array, part: Float64Array) => total.map((count, i) => count + part[i]),
    finish: ({ investigated, classes }, total) =>
      total === null || total.length === 0
        ? new Int32Array(0)
        : columnOfClass(total, investigated.logits?.cols ?? 0, classes.length),
  },
  judgeClass(input, slice, columns, params, ctx) {
    const { classIndex } = slice;
    const n = slice.rows.length;
    const weighted = new Float64Array(n);
    const weights = new Float64Array(n);
    const used = new Map<Part, number>();
    for (const part of PARTS) {
      if (params[part] === 0) continue;
      const values = partScores(part, input, slice, columns?.[classIndex] ?? -1, ctx);
      if (values === null || !varies(values)) continue;
      used.set(part, params[part]);
      const ranks = midRanks(values);
      for (let i = 0; i < n; i++) {
        if (Number.isNaN(ranks[i])) continue;
        weighted[i] += params[part] * ranks[i];
        weights[i] += params[part];
      }
    }
    const total = [...used.values()].reduce((sum, value) => sum + value, 0);
    if (total === 0) {
      const reason = `None of the weighted parts has values for class ${input.classes[classIndex]}.`;
      return { finding: skippedFinding(slice, reason), score: null };
    }
    const score = weighted.map((sum, i) => (weights[i] > 0 ? sum / weights[i] : NaN));
    // One part alone would mark a fixed share of every class.
    const marked = Uint8Array.from(score, (value) => (used.size > 1 && value > params.threshold ? 1 : 0));
    return {
      finding: {
        classIndex,
        n,
        statistic: quantile(
          score.filter((value) => !Number.isNaN(value)),
          0.99,
        ),
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          {
            name: 'rows above the threshold',
            value: marked.reduce((sum, mark) => sum + mark, 0),
            unit: 'rows',
          },
          { name: 'threshold', value: params.threshold, unit: 'weighted rank' },
          ...PARTS.map((part) => ({
            name: weightName(part),
            value: (used.get(part) ?? 0) / total,
            unit: 'share',
          })),
        ],
        skipped: null,
      },
      score,
      marked,
    };
  },
  conclude(_input, judgements) {
    const judged = judgements.filter(({ score }) => score !== null);
    const missing = PARTS.filter((part) =>
      judged.every(({ finding }) => finding.facts.every((f) => f.name !== weightName(part) || f.value === 0)),
    );
    const left =
      missing.length === 0
        ? ''
        : ` Left out here, the other weights being scaled up: ${missing.join(', ')} (${missing.map((part) => NEEDED[part]).join('; ')}).`;
    const alone =
      missing.length === PARTS.length - 1 ? ' With one part alone nothing is marked, only ranked.' : '';
    return {
      judgements,
      notes:
        judged.length === 0
          ? []
          : [`The weighted ensemble is a ranking for comparison: it has no error rate.${left}${alone}`],
      refused: null,
    };
  },
});

const NEEDED: Readonly<Record<Part, string>> = {
  statistical: 'needs images',
  gradient: 'needs a column of gradient norms, or logits with a column a class',
  uncertainty: 'needs logits',
  reconstruction: 'needs activations that vary beyond their leading components',
};

function weightName(part: Part): string {
  return `weight of the ${part} part`;
}

/** Higher is more suspicious, NaN unknown; null where the case lacks what the part needs. */
function partScores(
  part: Part,
  { investigated }: ScanInput,
  slice: ClassSlice,
  column: number,
  ctx: TaskContext,
): Float64Array | null {
  const { activations, logits, gradientNorm, images } = investigated;
  const check = (): void => {
    ctx.check();
  };
  switch (part) {
    case 'statistical':
      return images === null ? null : (inputScores(images, slice)?.score ?? null);
    case 'gradient':
      if (gradientNorm !== null) return Float64Array.from(slice.rows, (row) => gradientNorm[row]);
      if (logits === null || activations === null || column < 0) return null;
      return lastLayerGradientNorms(logits, activations, slice.rows, column, check);
    case 'uncertainty':
      return logits === null ? null : softmaxUncertainty(logits, slice.rows, check);
    case 'reconstruction':
      return activations === null ? null : reconstructionError(activations, slice.rows, check);
  }
}

function varies(values: Float64Array): boolean {
  const first = values.find((value) => !Number.isNaN(value));
  return values.some((value) => !Number.isNaN(value) && value !== first);
}
