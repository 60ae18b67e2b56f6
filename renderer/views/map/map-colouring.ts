import {
  categoricalPalette,
  mix,
  NOT_JUDGED_COLOUR,
  OTHER_COLOUR,
  sequentialIndex,
  sequentialRamp,
} from '../../scatter/palette.ts';
import type { PackedColour, Scheme } from '../../scatter/palette.ts';

/** One line of the legend: the points whose palette index is `index`. */
interface LegendEntry {
  readonly index: number;
  readonly name: string;
  readonly count: number;
}

/** The colours of a map's points, in the order of its rows. */
export interface Colouring {
  /** Palette index of each point. */
  readonly index: Uint8Array;
  /** 256 packed colours. */
  readonly palette: Uint32Array;
  readonly entries: readonly LegendEntry[];
  /** For scores: what the ends of the ramp stand for. */
  readonly ramp: { readonly low: string; readonly high: string } | null;
}

/** `values[rows[i]]` of every point; points of unknown rows stay 0. */
export function gather<T extends Uint8Array | Int32Array | Float64Array>(values: T, rows: Int32Array): T {
  const Kind = values.constructor as new (length: number) => T;
  const out = new Kind(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]] ?? 0;
  return out;
}

function countsOf(index: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = 0; i < index.length; i++) counts[index[i]]++;
  return counts;
}

/**
 * Points by class. Classes without a colour of their own share the entry 'other'.
 *
 * @param classes class index of each point, -1 unknown
 * @param paletteIndex palette index of each class
 */
export function colourByClass(
  classes: Int32Array,
  names: readonly string[],
  paletteIndex: Uint8Array,
  scheme: Scheme,
): Colouring {
  const index = new Uint8Array(classes.length);
  for (let i = 0; i < classes.length; i++) index[i] = paletteIndex[classes[i]] ?? OTHER_COLOUR;
  const counts = countsOf(index);
  const own = names.flatMap((name, k) =>
    paletteIndex[k] === OTHER_COLOUR
      ? []
      : [{ index: paletteIndex[k], name, count: counts[paletteIndex[k]] }],
  );
  const others = names.length - own.length;
  const entries = own.filter(({ count }) => count > 0);
  if (counts[OTHER_COLOUR] > 0) {
    const name = others === 0 ? 'unknown' : others === 1 ? '1 other class' : `${others} other classes`;
    entries.push({ index: OTHER_COLOUR, name, count: counts[OTHER_COLOUR] });
  }
  return { index, palette: categoricalPalette(scheme), entries, ramp: null };
}

const NOT_CLUSTERED_COLOUR = OTHER_COLOUR + 1;

/**
 * Points by the islands of a clustering, the largest first.
 *
 * @param clusters -1 noise, -2 not in the clustered sample
 */
export function colourByIsland(clusters: Int32Array, scheme: Scheme, ground: PackedColour): Colouring {
  const sizes = new Map<number, number>();
  for (const cluster of clusters) if (cluster >= 0) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  const bySize = [...sizes].sort(([a, m], [b, n]) => n - m || a - b).map(([cluster]) => cluster);
  const placeOf = new Map(bySize.map((cluster, place) => [cluster, Math.min(place, OTHER_COLOUR)]));
  const index = new Uint8Array(clusters.length);
  for (let i = 0; i < clusters.length; i++) {
    index[i] = clusters[i] < 0 ? NOT_CLUSTERED_COLOUR - 1 - clusters[i] : (placeOf.get(clusters[i]) ?? 0);
  }
  const palette = categoricalPalette(scheme);
  palette[NOT_CLUSTERED_COLOUR] = palette[OTHER_COLOUR];
  palette[NOT_CLUSTERED_COLOUR + 1] = mix(palette[OTHER_COLOUR], ground, 0.45);
  const counts = countsOf(index);
  const nameOf = (place: number): string => {
    if (place === OTHER_COLOUR) return `${bySize.length - OTHER_COLOUR} small islands`;
    if (place === NOT_CLUSTERED_COLOUR) return 'noise';
    return place > NOT_CLUSTERED_COLOUR ? 'not in the sample' : `island ${place + 1}`;
  };
  const entries: LegendEntry[] = [];
  for (let place = 0; place <= NOT_CLUSTERED_COLOUR + 1; place++)
    if (counts[place] > 0) entries.push({ index: place, name: nameOf(place), count: counts[place] });
  return { index, palette, entries, ramp: null };
}

const HALF_NAMES = ['larger', 'smaller'];

/**
 * Points by the clusters that a detector made inside each class.
 *
 * @param clusters 0 the larger one of the class, -1 none
 */
export function colourByDetectorCluster(clusters: Int32Array, scheme: Scheme): Colouring {
  const index = new Uint8Array(clusters.length);
  for (let i = 0; i < clusters.length; i++)
    index[i] = clusters[i] < 0 ? OTHER_COLOUR : Math.min(clusters[i], OTHER_COLOUR - 1);
  const palette = categoricalPalette(scheme);
  // The first two colours of the list are told apart by everyone; the larger cluster takes the calmer one.
  [palette[0], palette[1]] = [palette[1], palette[0]];
  const counts = countsOf(index);
  const entries: LegendEntry[] = [];
  for (let k = 0; k <= OTHER_COLOUR; k++) {
    if (counts[k] === 0) continue;
    const name = k === OTHER_COLOUR ? 'not clustered' : (HALF_NAMES[k] ?? `cluster ${k + 1}`);
    entries.push({ index: k, name, count: counts[k] });
  }
  return { index, palette, entries, ramp: null };
}

/** Points by verdict byte. */
export function colourByVerdict(verdicts: Uint8Array, colours: readonly PackedColour[]): Colouring {
  const counts = countsOf(verdicts);
  const palette = new Uint32Array(256);
  palette.set(colours);
  const names = ['no verdict', 'poison', 'clean', 'unsure'];
  return {
    index: verdicts,
    palette,
    entries: names.map((name, index) => ({ index, name, count: counts[index] })),
    ramp: null,
  };
}

/**
 * Points by score along the sequential ramp.
 *
 * @param scores NaN where not judged
 * @param range the scores at the ends of the ramp; null takes the lowest and the score that 0.5 % are above
 */
export function colourByScore(
  scores: Float64Array,
  range: { readonly low: number; readonly high: number } | null,
  format: (score: number) => string,
  scheme: Scheme,
): Colouring {
  const judged = scores.filter((score) => !Number.isNaN(score)).sort();
  const low = range?.low ?? judged.at(0) ?? 0;
  const high = range?.high ?? judged.at(Math.floor(0.995 * (judged.length - 1))) ?? 0;
  const missing = scores.length - judged.length;
  return {
    index: sequentialIndex(scores, low, high),
    palette: sequentialRamp(scheme),
    entries: missing > 0 ? [{ index: NOT_JUDGED_COLOUR, name: 'not judged', count: missing }] : [],
    ramp: { low: format(low), high: format(high) },
  };
}

/** The palette with everything but one entry sunk into the ground. */
export function dimOthers(palette: Uint32Array, index: number, ground: PackedColour): Uint32Array {
  return palette.map((colour, k) => (k === index ? colour : mix(colour, ground, 0.16)));
}
