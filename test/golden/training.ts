import { readFileSync } from 'node:fs';
import type { Matrix, ScanInput } from '../../native-workers/detectors/detector.ts';

/** What make_training.py wrote: samples, and what NumPy and SciPy say about them. */
interface TrainingFigures {
  readonly cols: number;
  readonly classes: number;
  readonly keep: number;
  readonly logitColumn: readonly number[];
  readonly label: readonly number[];
  readonly predicted: readonly number[];
  readonly keyHash: readonly number[];
  readonly activations: readonly number[];
  readonly logits: readonly number[];
  readonly losses: readonly (number | null)[];
  readonly lossScore: readonly (number | null)[];
  readonly gradientNorm: readonly number[];
  readonly trimLoss: readonly number[];
  readonly trimRounds: number;
  readonly margin: readonly number[];
  readonly looksLike: readonly number[];
  readonly thresholds: readonly number[];
  readonly counts: readonly number[];
  readonly pairs: readonly {
    readonly from: number;
    readonly to: number;
    readonly count: number;
    readonly reverse: number;
    readonly lnP: number;
  }[];
  readonly neuronScore: readonly number[];
}

export const trainingFigures = JSON.parse(
  readFileSync(new URL('training.json', import.meta.url), 'utf8'),
) as TrainingFigures;

/** The samples of the figures as a scan's input. */
export function trainingInput(): ScanInput {
  const figures = trainingFigures;
  const rows = figures.label.length;
  const matrix = (values: readonly number[]): Matrix => ({
    data: Float32Array.from(values),
    rows,
    cols: values.length / rows,
  });
  return {
    classes: Array.from({ length: figures.classes }, (_, c) => `class-${c}`),
    investigated: {
      rows,
      label: Int32Array.from(figures.label),
      predicted: Int32Array.from(figures.predicted),
      keyHash: Uint32Array.from(figures.keyHash),
      activations: matrix(figures.activations),
      logits: matrix(figures.logits),
      losses: {
        names: ['loss_1', 'loss_2', 'loss_3'],
        data: Float32Array.from(figures.losses, (loss) => loss ?? NaN),
      },
      gradientNorm: null,
      images: null,
    },
    trusted: null,
  };
}
