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

/** The analysers by the names that the Adversarial Robustness Toolbox gives them. */
export const ART_ANALYSERS = ['smaller', 'relative-size', 'distance', 'silhouette-scores'] as const;
export type ArtAnalyser = (typeof ART_ANALYSERS)[number];

const inWords: Readonly<Record<ArtAnalyser, string>> = {
  smaller: 'smaller',
  'relative-size': 'relative size',
  distance: 'distance',
  'silhouette-scores': 'silhouette',
};

/**
 * Which clusters each analyser of the Adversarial Robustness Toolbox would call poison (Nicolae and others 2018): the smallest
 * cluster of every class; clusters below 35 % of the class; those nearer to another class than to their own while the rest is
 * not; clusters below 35 % where the mean silhouette is above 0.1. None of them bounds false alarms.
 *
 * @returns by analyser, one flag a cluster
 */
export function artAnalysers({
  sizes,
  silhouette,
  medians,
  own,
  others,
}: AnalysedClusters): Readonly<Record<ArtAnalyser, readonly boolean[]>> {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const several = sizes.length > 1;
  const small = sizes.map((size) => several && size / total < SMALL_SHARE);
  const strays = others.map((other) =>
    medians.map((median) => distance(median, other) < distance(median, own)),
  );
  const stays = others.map((other) =>
    medians.map((median) => distance(median, other) > distance(median, own)),
  );
  const foreign = (cluster: number): boolean =>
    several &&
    strays.some((stray, b) => stray[cluster] && stays[b].every((stay, c) => c === cluster || stay));
  return {
    smaller: sizes.map((_, cluster) => several && cluster === sizes.length - 1),
    'relative-size': small,
    distance: sizes.map((_, cluster) => foreign(cluster)),
    'silhouette-scores': small.map((one) => one && silhouette > CLEAR_SILHOUETTE),
  };
}

/** How many rows each analyser calls poison. */
export function analyserFacts(
  sizes: readonly number[],
  poison: Readonly<Record<ArtAnalyser, readonly boolean[]>>,
): Fact[] {
  return ART_ANALYSERS.map((analyser) => ({
    name: `rows that the analyser "${inWords[analyser]}" calls poison`,
    value: sizes.reduce((sum, size, cluster) => (poison[analyser][cluster] ? sum + size : sum), 0),
    unit: 'rows',
  }));
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
