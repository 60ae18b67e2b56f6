/**
 * Share of the known values below each value, ties counted half: (average rank - 1/2) / n, so 0 < share < 1 and the mean is
 * 1/2. NaN is unknown: it stays NaN and counts nowhere. Shape (n,).
 */
export function midRanks(values: Float64Array): Float64Array {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const shares = new Map<number, number>();
  for (let from = 0; from < known.length;) {
    let to = from + 1;
    while (to < known.length && known[to] === known[from]) to++;
    shares.set(known[from], (from + to) / 2 / known.length);
    from = to;
  }
  return values.map((value) => shares.get(value) ?? NaN);
}

/** Distance of each mid-rank from the middle, 0 (the median) to 1 (either end); NaN stays NaN. */
export function twoSidedRanks(values: Float64Array): Float64Array {
  return midRanks(values).map((share) => Math.abs(2 * share - 1));
}
