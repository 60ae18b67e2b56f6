import { z } from 'zod';
import type { Check } from '../numeric/moments.ts';
import { columnMeans } from '../numeric/moments.ts';
import { median, medianInPlace } from '../numeric/order-statistics.ts';
import type { TaskContext } from '../task.ts';
import { defineDetector } from './define-detector.ts';
import type { Matrix } from './detector.ts';

/** Half the width of the band that ordinary entries stay in, in median absolute deviations. */
const BAND = 10;
const ORDERS = 3;
/** The published anomaly index, e², in deviations. */
const MOST_INDEX = Math.exp(2);

/** The columns with the largest variance over the rows, most variable first, ties by index; those that never vary left out. */
function mostVariable({ data, cols }: Matrix, rows: Int32Array, most: number, check: Check): Float32Array[] {
  const mean = columnMeans({ data, rows: rows.length, cols }, rows, check);
  const squares = new Float64Array(cols);
  for (let r = 0; r < rows.length; r++) {
    if ((r & 1023) === 0) check();
    const base = rows[r] * cols;
    for (let j = 0; j < cols; j++) squares[j] += (data[base + j] - mean[j]) ** 2;
  }
  return Array.from(squares.keys())
    .filter((j) => squares[j] > 0)
    .sort((a, b) => squares[b] - squares[a] || a - b)
    .slice(0, most)
    .map((j) => {
      check();
      return Float32Array.from(rows, (row) => data[row * cols + j]);
    });
}

/** Adds to `excess` how far each value lies outside its band of ten median absolute deviations around the median. */
function addExcess(values: Float64Array, weight: number, excess: Float64Array, spare: Float64Array): void {
  const n = values.length;
  spare.set(values);
  const middle = medianInPlace(spare);
  for (let i = 0; i < n; i++) spare[i] = Math.abs(values[i] - middle);
  const band = BAND * medianInPlace(spare);
  for (let i = 0; i < n; i++) {
    const beyond = Math.abs(values[i] - middle) - band;
    if (beyond > 0) excess[i] += weight * beyond;
  }
}

/**
 * Mean excess over the band of the Gram entries (hᵢᵒ hⱼᵒ)^(1/o), i ≤ j, of orders o = 1, 2, 4, shape (n,). With one vector a
 * sample the even orders both give |hᵢ hⱼ|, and so does the first where no neuron is negative: each is computed once.
 */
function gramDeviation(neurons: readonly Float32Array[], n: number, ctx: TaskContext): Float64Array {
  const excess = new Float64Array(n);
  const products = new Float64Array(n);
  const spare = new Float64Array(n);
  const entries = ((neurons.length * (neurons.length + 1)) / 2) * ORDERS;
  for (let i = 0; i < neurons.length; i++) {
    const first = neurons[i];
    for (let j = i; j < neurons.length; j++) {
      ctx.check();
      const second = neurons[j];
      let negative = false;
      for (let r = 0; r < n; r++) {
        products[r] = first[r] * second[r];
        if (products[r] < 0) negative = true;
      }
      addExcess(products, negative ? 1 : ORDERS, excess, spare);
      if (!negative) continue;
      for (let r = 0; r < n; r++) products[r] = Math.abs(products[r]);
      addExcess(products, ORDERS - 1, excess, spare);
    }
  }
  return excess.map((sum) => sum / entries);
}

/**
 * Beatrix: products of pairs of neurons stay in a band for ordinary samples of a class. Ranks by how far they leave it; no
 * division by a spread that a dormant neuron makes zero.
 */
export const beatrix = defineDetector({
  id: 'beatrix',
  version: 1,
  title: 'Beatrix, Gram statistics',
  family: 'gram',
  reference:
    'Ma, Wang, Sun, Zhang, Xue, Chen 2023, The "Beatrix" Resurrections: Robust Backdoor Detection via Gram Matrices',
  needs: ['activations', 'labels'],
  certificate: 'none',
  onlyOnRequest:
    'Off unless you ask for it: it takes long, and on many attacks its order is no better than chance.',
  params: z.object({
    neurons: z
      .number()
      .int()
      .min(2)
      .max(64)
      .default(32)
      .describe('Most variable neurons of a class whose pairs are looked at; time grows with the square.'),
  }),
  judgeClass(input, slice, _prepared, params, ctx) {
    const { activations } = input.investigated;
    if (activations === null) throw new Error('Beatrix was asked to judge a set without activations.');
    const n = slice.rows.length;
    const neurons = mostVariable(activations, slice.rows, params.neurons, () => {
      ctx.check();
    });
    const score = gramDeviation(neurons, n, ctx);
    // The deviation grows with the square of the activations: its root has the lighter tail that a rule of deviations needs.
    const root = score.map(Math.sqrt);
    const middle = median(root);
    const spread = 1.4826 * median(root.map((value) => Math.abs(value - middle)));
    const marked = new Uint8Array(n);
    let beyond = 0;
    let inside = 0;
    for (let i = 0; i < n; i++) {
      if (root[i] === 0) inside++;
      if (spread > 0 && (root[i] - middle) / spread > MOST_INDEX) {
        marked[i] = 1;
        beyond++;
      }
    }
    return {
      finding: {
        classIndex: slice.classIndex,
        n,
        statistic: middle,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: 'neurons compared', value: neurons.length, unit: 'neurons' },
          { name: 'root of the median deviation', value: middle, unit: 'activations' },
          { name: 'rows inside every band', value: inside / n, unit: 'share' },
          { name: 'rows beyond the e² rule', value: beyond, unit: 'rows' },
        ],
        skipped: null,
      },
      score,
      marked,
    };
  },
});
