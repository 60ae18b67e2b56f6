import { describe, expect, it } from 'vitest';
import { trainingFigures, trainingInput } from '../../test/golden/training.ts';
import { twoSidedRanks } from '../numeric/mid-ranks.ts';
import { uncancelled } from '../task.ts';
import type { DetectorResult, SampleSet, ScanInput } from './detector.ts';
import { gradientNorm } from './gradient-norm.ts';
import { lastLayerGradientNorms } from './last-layer-gradient.ts';
import { columnCounts, columnOfClass } from './logit-columns.ts';
import { runDetector } from './run-detector.ts';

const run = (input: ScanInput): Promise<DetectorResult> =>
  runDetector(gradientNorm, input, {}, uncancelled());
const changed = (change: Partial<SampleSet>): ScanInput => {
  const input = trainingInput();
  return { ...input, investigated: { ...input.investigated, ...change } };
};
const nothing = (): void => undefined;

function norms({ investigated }: ScanInput, classIndex: number): Float64Array {
  const { logits, activations, label } = investigated;
  if (logits === null || activations === null) throw new Error('no logits');
  const rows = Int32Array.from(label.keys()).filter((row) => label[row] === classIndex);
  return lastLayerGradientNorms(logits, activations, rows, trainingFigures.logitColumn[classIndex], nothing);
}

describe('gradient norms of the last layer', () => {
  it('are those of NumPy', () => {
    const input = trainingInput();
    let at = 0;
    for (let c = 0; c < trainingFigures.classes; c++) {
      for (const norm of norms(input, c)) {
        expect(norm / trainingFigures.gradientNorm[at++]).toBeCloseTo(1, 10);
      }
    }
    expect(at).toBe(input.investigated.rows);
  });

  it('do not vanish where the softmax rounds to 1', () => {
    const logits = { data: Float32Array.of(60, 0, 0), rows: 1, cols: 3 };
    const activations = { data: Float32Array.of(0), rows: 1, cols: 1 };
    const [norm] = lastLayerGradientNorms(logits, activations, Int32Array.of(0), 0, nothing);
    expect(norm / (Math.sqrt(6) * Math.exp(-60))).toBeCloseTo(1, 10);
  });

  it('are ranked from the middle of their class to either end', async () => {
    const { score, classes } = await run(trainingInput());
    const expected = Array.from({ length: trainingFigures.classes }, (_, c) =>
      twoSidedRanks(
        Float64Array.from(trainingFigures.gradientNorm.filter((_norm, i) => trainingFigures.label[i] === c)),
      ),
    );
    expect([...score]).toEqual(
      expected.flatMap((ranks) => [...ranks].map((rank) => expect.closeTo(rank, 12) as number)),
    );
    expect(classes.every(({ decision }) => decision === 'not judged (ranking)')).toBe(true);
  });

  it('come from the column where there is one, unknown ones not judged', async () => {
    const rows = trainingInput().investigated.rows;
    const column = Float64Array.from({ length: rows }, (_, i) => (i === 2 ? NaN : (i * 37) % 60));
    const result = await run(changed({ gradientNorm: column, logits: null }));
    expect(result.score[2]).toBeNaN();
    expect(result.score.filter(Number.isNaN)).toHaveLength(1);
    const few = await run(changed({ gradientNorm: column.map((x, i) => (i < 15 ? NaN : x)) }));
    expect(few.classes[0].skipped).toBe(
      'Class class-0 has 45 rows with a gradient norm: fewer than 50 are not ranked.',
    );
    const equal = await run(changed({ gradientNorm: column.fill(0) }));
    expect(equal.classes[1].skipped).toMatch(/All gradient norms of class class-1 are equal/);
  });

  it('find the column of a class by its predictions, whatever the columns are in order of', () => {
    const { investigated, classes } = trainingInput();
    if (investigated.logits === null) throw new Error('no logits');
    const rows = Int32Array.from(investigated.label.keys());
    const counts = columnCounts(investigated, investigated.logits, rows, classes.length, nothing);
    expect([...columnOfClass(counts, 3, 3)]).toEqual(trainingFigures.logitColumn);
  });

  it('are not computed for labels that were merged from several columns, or have none', async () => {
    // Columns 0 and 1 are one label, column 2 is the other.
    expect([...columnOfClass(Float64Array.of(30, 0, 25, 0, 0, 50), 3, 2)]).toEqual([-1, 2]);
    expect([...columnOfClass(Float64Array.of(30, 0, 0, 30), 2, 2)]).toEqual([0, 1]);
    expect([...columnOfClass(new Float64Array(4), 2, 2)]).toEqual([-1, -1]);
    const narrow = await run(
      changed({
        predicted: Int32Array.from(trainingFigures.predicted, (c) => Math.min(c, 1)),
        label: Int32Array.from(trainingFigures.label, (c) => Math.min(c, 1)),
      }),
    );
    expect(narrow.classes[1].skipped).toBe(
      'No column of the logits belongs to class class-1 alone: its gradients cannot be computed. Import logits with one column a label.',
    );
    expect(narrow.classes[0].skipped).toBeNull();
  });

  it('needs a column, or logits and activations', async () => {
    const result = await run(changed({ logits: null }));
    expect(result.skipped[0].reason).toBe(
      'Left out: this method needs logits (.npy, one row a sample), or a column grad_norm in the records.',
    );
  });
});
