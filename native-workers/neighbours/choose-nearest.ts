import { kernels } from '../engine.ts';
import type { Screening } from './screening.ts';

/** The k nearest of each query, in two arrays of shape (queries, k). */
export interface Chosen {
  readonly ids: Int32Array;
  readonly distances: Float64Array;
}

/**
 * Computes the distances of candidates in float64 from the original rows and keeps the k nearest of each query: ascending,
 * ties by id. Euclidean distances come from differences.
 *
 * @param rows the queries, rows of the matrix
 * @param candidates shape (queries, candidates a query), -1 where there is none
 * @param chosen written from query `at` on; missing neighbours are -1 and Infinity
 */
export function chooseNearest(
  screening: Pick<Screening, 'matrix' | 'metric' | 'scales'>,
  rows: Int32Array,
  candidates: Int32Array,
  k: number,
  chosen: Chosen,
  at: number,
): void {
  const { matrix, metric, scales } = screening;
  const each = rows.length === 0 ? 0 : candidates.length / rows.length;
  const values = new Float64Array(candidates.length);
  kernels().candidateValues(
    matrix.data,
    matrix.cols,
    rows,
    candidates,
    metric === 'euclidean' ? 0 : 1,
    values,
  );
  const order = new Int32Array(each);
  rows.forEach((row, q) => {
    const first = q * each;
    for (let i = 0; i < each; i++) {
      const id = candidates[first + i];
      if (id >= 0 && metric !== 'euclidean') values[first + i] = distance(values[first + i], scales, row, id);
      const value = values[first + i];
      let place = i;
      for (; place > 0; place--) {
        const other = first + order[place - 1];
        if (values[other] < value || (values[other] === value && !comesBefore(id, candidates[other]))) break;
        order[place] = order[place - 1];
      }
      order[place] = i;
    }
    for (let i = 0; i < k; i++) {
      const from = first + order[i];
      const value = i < each ? values[from] : Infinity;
      chosen.ids[(at + q) * k + i] = i < each ? candidates[from] : -1;
      chosen.distances[(at + q) * k + i] = metric === 'euclidean' ? Math.sqrt(value) : value;
    }
  });
}

/** A candidate that is not there comes last. */
function comesBefore(id: number, other: number): boolean {
  return id >= 0 && (other < 0 || id < other);
}

function distance(product: number, scales: Float64Array | null, row: number, id: number): number {
  return scales ? Math.max(0, 1 - product * (scales[row] * scales[id])) : -product;
}
