import type { Check } from './moments.ts';

/**
 * Quantum entropy scores zᵀ Q z / tr Q, Q = exp(a (S - I) / (‖S‖ - 1)), where S is the second moment of the rows (Hayase,
 * Kong, Somani, Oh 2021). The exponential is that of the matrix: in the coordinates along the eigenvectors of S it is diagonal,
 * so only the eigenvalues enter it.
 *
 * @param coordinates rows along the eigenvectors of S, shape (n, k), row-major
 * @param secondMoments eigenvalues of S, largest first, shape (k,)
 * @param sharpness a: 0 weighs all directions alike, a large one leaves the leading direction alone
 * @returns shape (n,), higher is more suspicious
 */
export function quantumEntropy(
  coordinates: Float64Array,
  n: number,
  secondMoments: Float64Array,
  sharpness: number,
  check: Check,
): Float64Array {
  const k = secondMoments.length;
  const scale = sharpness / Math.max(secondMoments[0] - 1, 1e-9);
  // The common factor exp(a (λ₁ - 1) / (‖S‖ - 1)) falls out of the ratio; without it nothing overflows.
  const weights = secondMoments.map((value) => Math.exp(scale * (value - secondMoments[0])));
  const trace = weights.reduce((sum, weight) => sum + weight, 0);
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    if ((i & 4095) === 0) check();
    let sum = 0;
    for (let a = 0; a < k; a++) sum += weights[a] * coordinates[i * k + a] ** 2;
    scores[i] = sum / trace;
  }
  return scores;
}
