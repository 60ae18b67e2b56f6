import type { Fact } from './detector.ts';

/** The usual thresholds of the four analysers. */
const SMALL_SHARE = 0.35;
const CLEAR_SILHOUETTE = 0.1;

interface AnalysedClusters {
  /** Rows of each cluster, largest first; noise is none. */
  readonly sizes: readonly number[];
  readonly silhouette: number;
  /** Column medians of each cluster over the activations, shape (d,); NaN where no row was looked at. */
  readonly medians: readonly Float64Array[];
  /** Column medians of the class. */
  readonly own: Float64Array;
  /** Column medians of the other classes; NaN where they have no rows. */
  readonly others: readonly Float64Array[];
}

/**
 * How many rows each analyser of the Adversarial Robustness Toolbox would call poison (Nicolae and others 2018): the smallest
 * cluster of every class; clusters below 35 % of the class; those nearer to another class than to their own while the rest is
 * not; clusters below 35 % where the mean silhouette is above 0.1. None of them bounds false alarms.
 */
export function artAnalysers({ sizes, silhouette, medians, own, others }: AnalysedClusters): Fact[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const rowsOf = (poison: (cluster: number) => boolean): number =>
    sizes.reduce((sum, size, cluster) => (poison(cluster) ? sum + size : sum), 0);
  const small = (cluster: number): boolean => sizes.length > 1 && sizes[cluster] / total < SMALL_SHARE;
  const strays = others.map((other) =>
    medians.map((median) => distance(median, other) < distance(median, own)),
  );
  const stays = others.map((other) =>
    medians.map((median) => distance(median, other) > distance(median, own)),
  );
  const foreign = (cluster: number): boolean =>
    sizes.length > 1 &&
    strays.some((stray, b) => stray[cluster] && stays[b].every((stay, c) => c === cluster || stay));
  return [
    {
      name: 'rows that the analyser "smaller" calls poison',
      value: rowsOf((cluster) => sizes.length > 1 && cluster === sizes.length - 1),
      unit: 'rows',
    },
    { name: 'rows that the analyser "relative size" calls poison', value: rowsOf(small), unit: 'rows' },
    { name: 'rows that the analyser "distance" calls poison', value: rowsOf(foreign), unit: 'rows' },
    {
      name: 'rows that the analyser "silhouette" calls poison',
      value: rowsOf((cluster) => silhouette > CLEAR_SILHOUETTE && small(cluster)),
      unit: 'rows',
    },
  ];
}

/** Whether a cluster is small enough and apart enough to be looked at: the cut of the analyser "silhouette". */
export function standsApart(share: number, silhouette: number): boolean {
  return share < SMALL_SHARE && silhouette > CLEAR_SILHOUETTE;
}

/** NaN, which is neither near nor far, where a median is unknown. */
function distance(a: Float64Array, b: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < a.length; j++) squares += (a[j] - b[j]) ** 2;
  return squares;
}
