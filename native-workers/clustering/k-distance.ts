/**
 * Distance of each point to its k-th nearest other point, ascending, shape (n,).
 *
 * @param points shape (n, dims), row-major
 */
export function sortedKDistances(
  points: Float64Array,
  dims: number,
  k: number,
  check: () => void,
): Float64Array {
  const n = points.length / dims;
  const out = new Float64Array(n);
  const reach = Math.min(k, n - 1);
  const nearest = new Float64Array(reach);
  for (let i = 0; i < n; i++) {
    if ((i & 63) === 0) check();
    nearest.fill(Infinity);
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      let squares = 0;
      for (let c = 0; c < dims; c++) squares += (points[i * dims + c] - points[j * dims + c]) ** 2;
      if (squares >= nearest[reach - 1]) continue;
      let at = reach - 1;
      for (; at > 0 && nearest[at - 1] > squares; at--) nearest[at] = nearest[at - 1];
      nearest[at] = squares;
    }
    out[i] = reach > 0 ? Math.sqrt(nearest[reach - 1]) : 0;
  }
  return out.sort();
}

/**
 * The value at the elbow of an ascending curve: the point farthest below the line from its first to its last point, both
 * axes scaled to 1 (Satopää and others 2011). A straight curve gives its last value.
 */
export function elbow(ascending: Float64Array): number {
  const n = ascending.length;
  const low = ascending[0];
  const span = ascending[n - 1] - low;
  if (!(span > 0)) return ascending[n - 1];
  let best = n - 1;
  let deepest = 1e-12;
  for (let i = 0; i < n; i++) {
    const depth = i / (n - 1) - (ascending[i] - low) / span;
    if (depth > deepest) {
      deepest = depth;
      best = i;
    }
  }
  return ascending[best];
}
