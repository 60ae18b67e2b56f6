import { umap, UMAP_NEIGHBOURS, UMAP_OPTIONS } from '../maps/umap.ts';
import type { NearestNeighbours } from '../neighbours/exact.ts';
import { findNeighbours } from '../neighbours/nearest.ts';
import { fastIca } from '../numeric/fast-ica.ts';
import type { Check } from '../numeric/moments.ts';
import { moments } from '../numeric/moments.ts';
import { pca, projectOnComponents } from '../numeric/pca.ts';
import { project } from '../numeric/projection.ts';
import { sharedFloat32 } from '../numeric/shared-arrays.ts';
import { symmetricEigen } from '../numeric/symmetric-eigen.ts';
import type { TaskRunner } from '../runner.ts';
import type { TaskContext } from '../task.ts';
import type { ClassSlice } from './class-slice.ts';
import type { Matrix } from './detector.ts';

/** A class in fewer dimensions, shape (n, d). */
export interface Reduced {
  readonly points: Float64Array;
  readonly d: number;
  /** Coordinate that 2-means starts along: that of row i is along[i * stride]. */
  readonly along: Float64Array;
  readonly stride: number;
}

/** Points whose first coordinate varies. */
export function reducedTo(points: Float64Array, d: number): Reduced {
  return { points, d, along: points, stride: d };
}

/** The class's rows on its leading principal components. */
export function principalPoints(matrix: Matrix, dimensions: number, check: Check): Reduced {
  const m = moments(matrix, null, check);
  const eigen = symmetricEigen(m.scatter, m.cols, check);
  const d = Math.min(dimensions, m.cols, matrix.rows - 1);
  const axes = { count: d, cols: m.cols, data: eigen.vectors.slice(0, d * m.cols) };
  return reducedTo(project(matrix, null, m.mean, axes, check), d);
}

/** The class's rows on independent components of its leading principal ones. */
export function independentPoints(matrix: Matrix, dimensions: number, check: Check): Reduced {
  const { points, d } = principalPoints(matrix, dimensions, check);
  const { sources, count } = fastIca(points, matrix.rows, d, check);
  return reducedTo(sources, count);
}

/** The class's rows as they are; its first column may be dead, so 2-means starts along the first principal component. */
export function wholePoints(matrix: Matrix, check: Check): Reduced {
  const { points } = principalPoints(matrix, 1, check);
  return { points: Float64Array.from(matrix.data), d: matrix.cols, along: points, stride: 1 };
}

/**
 * A map of the class in two dimensions by UMAP, float32, shape (n, 2), on shared memory: by our own engine, or by the reference
 * implementation, which takes far longer.
 */
export async function mapOfClass(
  matrix: Matrix,
  slice: ClassSlice,
  reduction: 'umap' | 'umap-reference',
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<Float32Array> {
  if (reduction === 'umap-reference') {
    const { coordinates } = await runner.run('referenceUmap', { matrix, rows: slice.rows });
    const shared = sharedFloat32(coordinates.length);
    shared.set(coordinates);
    return shared;
  }
  const source = { matrix, rows: slice.rows };
  const components = await projectOnComponents(source, await pca(source, 2, runner, ctx), runner);
  const neighbours = await neighboursOfClass(matrix, slice, UMAP_NEIGHBOURS - 1, runner, ctx);
  return umap(
    neighbours,
    twoColumns(components, slice.rows.length),
    { ...UMAP_OPTIONS, seed: ctx.seed },
    runner,
  );
}

/** The k nearest other rows inside the class, in all dimensions. */
export async function neighboursOfClass(
  matrix: Matrix,
  slice: ClassSlice,
  k: number,
  runner: TaskRunner,
  ctx: TaskContext,
): Promise<NearestNeighbours> {
  const { rows } = slice;
  const { cols } = matrix;
  const data = sharedFloat32(rows.length * cols);
  rows.forEach((row, i) => {
    data.set(matrix.data.subarray(row * cols, (row + 1) * cols), i * cols);
  });
  const own = { data, rows: rows.length, cols };
  return findNeighbours(own, { k, metric: 'euclidean', method: 'auto' }, runner, ctx);
}

/** A matrix of one column has one component: the second is 0. */
function twoColumns(components: Float32Array, n: number): Float32Array {
  if (components.length === 2 * n) return components;
  const out = sharedFloat32(2 * n);
  components.forEach((value, i) => {
    out[2 * i] = value;
  });
  return out;
}
