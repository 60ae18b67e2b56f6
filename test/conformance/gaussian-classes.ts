import type { Matrix, SampleSet, ScanInput } from '../../native-workers/detectors/detector.ts';

/** What to draw: Gaussian classes with well separated means, a trusted set from the same source, and planted rows. */
export interface Recipe {
  readonly seed: number;
  readonly classes?: number;
  readonly perClass?: number;
  readonly cols?: number;
  /** Trusted rows of each class; 0 leaves the trusted set out. */
  readonly trustedPerClass?: number;
  readonly planted?: {
    readonly classIndex: number;
    readonly rows: number;
    readonly kind: 'far' | 'displaced' | 'trigger' | 'natural';
  };
  /** Applied to every activation of the investigated set. */
  readonly reshape?: (value: number, column: number) => number;
}

export interface Drawn {
  readonly input: ScanInput;
  readonly planted: Uint8Array;
}

/** Uniform draws on [0, 1) from a seed (mulberry32). */
export function uniformDraws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal draws from a seed. */
export function normalDraws(seed: number): () => number {
  const uniform = uniformDraws(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const SEPARATION = 4;

export function gaussianClasses(recipe: Recipe): Drawn {
  const { seed, classes = 4, perClass = 300, cols = 12, trustedPerClass = 120, planted } = recipe;
  const normal = normalDraws(seed);
  const means = Array.from({ length: classes }, () =>
    Array.from({ length: cols }, () => SEPARATION * normal()),
  );
  const away = Array.from({ length: cols }, () => normal());
  const length = Math.hypot(...away);
  const direction = away.map((x) => x / length);
  const uniform = uniformDraws(seed + 1);

  /** Mean of the other classes' means. */
  const others = (c: number, j: number): number =>
    means.reduce((sum, mean, b) => sum + (b === c ? 0 : mean[j]), 0) / (classes - 1);

  const draw = (count: number, plant: boolean) => {
    const label: number[] = [];
    const flags: number[] = [];
    const data: number[] = [];
    for (let c = 0; c < classes; c++) {
      for (let i = 0; i < count; i++) {
        const isPlanted = plant && planted?.classIndex === c && i < planted.rows;
        label.push(c);
        flags.push(isPlanted ? 1 : 0);
        for (let j = 0; j < cols; j++) {
          let value = means[c][j] + normal();
          if (isPlanted && planted.kind === 'far') value = means[c][j] + 12 * direction[j] + normal();
          if (isPlanted && planted.kind === 'displaced') value = means[c][j] + 60 * direction[j] + normal();
          if (isPlanted && planted.kind === 'natural')
            value = means[c][j] + 7 * direction[j] + 0.5 * normal();
          if (isPlanted && planted.kind === 'trigger') {
            const source = (c + 1 + (i % (classes - 1))) % classes;
            value = means[c][j] + 2.2 * (means[source][j] - others(c, j)) + 40 * direction[j] + normal();
          }
          data.push(plant && recipe.reshape ? recipe.reshape(value, j) : value);
        }
      }
    }
    return { label, flags, data };
  };
  const here = draw(perClass, true);
  const there = draw(trustedPerClass, false);
  const hashes = (n: number) => Uint32Array.from({ length: n }, () => uniform() * 2 ** 32);
  const set = (drawn: typeof here): SampleSet => ({
    rows: drawn.label.length,
    label: Int32Array.from(drawn.label),
    predicted: Int32Array.from(drawn.label),
    keyHash: hashes(drawn.label.length),
    activations: shared(drawn.data, drawn.label.length, cols),
    logits: null,
    losses: null,
    gradientNorm: null,
    images: null,
  });
  return {
    input: {
      classes: Array.from({ length: classes }, (_, c) => `class-${c}`),
      investigated: set(here),
      trusted: trustedPerClass === 0 ? null : set(there),
    },
    planted: Uint8Array.from(here.flags),
  };
}

/**
 * The same samples with everything else a scan can be given: logits (one column a class, in class order), three losses that
 * fall, five statistics of made-up images. All of it is noise around the label, but for planted activations.
 */
export function withEverything(input: ScanInput): ScanInput {
  const complete = (set: SampleSet): SampleSet => {
    const n = set.rows;
    const columns = input.classes.length;
    const draws = (width: number, value: (noise: number, row: number, column: number) => number) => {
      const values: number[] = [];
      for (let i = 0; i < n; i++) {
        const normal = normalDraws(set.keyHash[i] + width);
        for (let j = 0; j < width; j++) values.push(value(normal(), i, j));
      }
      return shared(values, n, width);
    };
    return {
      ...set,
      logits: draws(columns, (noise, row, column) => noise + (column === set.label[row] ? 6 : 0)),
      losses: {
        names: ['loss 1', 'loss 2', 'loss 3'],
        data: draws(3, (noise, _row, column) => Math.exp(0.3 * noise - column)).data,
      },
      images: {
        data: draws(5, (noise, _row, column) => noise + 10 * column).data,
        contentHash: Float64Array.from(set.keyHash, (hash) => hash * 2 ** 20 + 7),
      },
    };
  };
  return {
    ...input,
    investigated: complete(input.investigated),
    trusted: input.trusted && complete(input.trusted),
  };
}

function shared(values: readonly number[], rows: number, cols: number): Matrix {
  const data = new Float32Array(new SharedArrayBuffer(values.length * 4));
  data.set(values);
  return { data, rows, cols };
}

/** The rows of a set in another order: row i of the result is row order[i] of the set. */
export function reorder(set: SampleSet, order: Int32Array): SampleSet {
  const { activations, logits } = set;
  const takeRows = (values: Float32Array, cols: number): Float32Array => {
    const data = new Float32Array(order.length * cols);
    order.forEach((from, to) => {
      data.set(values.subarray(from * cols, (from + 1) * cols), to * cols);
    });
    return data;
  };
  const take = (matrix: Matrix | null): Matrix | null =>
    matrix && { data: takeRows(matrix.data, matrix.cols), rows: order.length, cols: matrix.cols };
  return {
    rows: order.length,
    label: order.map((row) => set.label[row]),
    predicted: set.predicted === null ? null : order.map((row) => set.predicted?.[row] ?? -1),
    keyHash: Uint32Array.from(order, (row) => set.keyHash[row]),
    activations: take(activations),
    logits: take(logits),
    losses: set.losses && {
      names: set.losses.names,
      data: takeRows(set.losses.data, set.losses.names.length),
    },
    gradientNorm: set.gradientNorm && Float64Array.from(order, (row) => set.gradientNorm?.[row] ?? NaN),
    images: set.images && {
      data: takeRows(set.images.data, 5),
      contentHash: Float64Array.from(order, (row) => set.images?.contentHash[row] ?? NaN),
    },
  };
}

/** A shuffled order of n rows. */
export function shuffled(n: number, seed: number): Int32Array {
  const uniform = uniformDraws(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** The same input with other numbers in its investigated (and trusted) activations. */
export function mapActivations(
  input: ScanInput,
  change: (value: number, row: number, column: number) => number,
  which: 'both' | 'investigated' | 'trusted' = 'both',
): ScanInput {
  const mapped = (set: SampleSet): SampleSet => {
    const { activations } = set;
    if (activations === null) return set;
    const { cols } = activations;
    const data = activations.data.map((value, i) => change(value, Math.floor(i / cols), i % cols));
    return { ...set, activations: { ...activations, data } };
  };
  return {
    ...input,
    investigated: which === 'trusted' ? input.investigated : mapped(input.investigated),
    trusted: input.trusted === null || which === 'investigated' ? input.trusted : mapped(input.trusted),
  };
}
