import { PCA } from 'ml-pca';

interface ReferencePca {
  /** Coordinates of the rows, nested, (n, components). */
  readonly coordinates: number[][];
  /** Unit directions, shape (components, d). */
  readonly directions: Float64Array;
  /** Variance along each component (divided by n), descending. */
  readonly variances: Float64Array;
}

/** Principal components by ml-pca's singular value decomposition: the second opinion on ours. */
export function referencePca(data: number[][], components: number): ReferencePca {
  const pca = new PCA(data, { method: 'SVD' });
  const cols = data[0].length;
  const vectors = pca.getEigenvectors();
  const count = Math.min(components, vectors.columns);
  const directions = new Float64Array(count * cols);
  for (let c = 0; c < count; c++) for (let j = 0; j < cols; j++) directions[c * cols + j] = vectors.get(j, c);
  // ml-pca divides by n - 1, ours by n.
  const toPopulation = (data.length - 1) / data.length;
  return {
    coordinates: pca.predict(data, { nComponents: count }).to2DArray(),
    directions,
    variances: Float64Array.from(pca.getEigenvalues().slice(0, count), (value) => value * toPopulation),
  };
}
