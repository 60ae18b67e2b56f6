/**
 * p-values adjusted so that rejecting those of at most q keeps the expected share of false ones among the rejected at q
 * (Benjamini, Hochberg 1995): the least of p (m / rank) over this and all larger p-values, at most 1. Shape as given.
 *
 * @param pValues null is not tested: it stays null and counts nowhere
 */
export function benjaminiHochberg(pValues: readonly (number | null)[]): (number | null)[] {
  const tested = [...pValues.keys()].filter((i) => pValues[i] !== null);
  const p = (i: number): number => pValues[i] ?? NaN;
  const descending = tested.toSorted((a, b) => p(b) - p(a));
  const adjusted: (number | null)[] = pValues.map(() => null);
  let least = 1;
  descending.forEach((i, place) => {
    least = Math.min(least, (p(i) * tested.length) / (tested.length - place));
    adjusted[i] = least;
  });
  return adjusted;
}
