import type { MapPoints } from './map-points.ts';

/** Share of the class at either end of each loss that counts as a corner, as the map's float32 holds it. */
const LOW = Math.fround(0.1);
const HIGH = Math.fround(0.9);

export interface LossCorner {
  readonly name: string;
  /** What lies there, of poison and otherwise. */
  readonly meaning: string;
  readonly rows: Int32Array;
}

const corners = [
  {
    name: 'fast and confident',
    meaning: 'Learned at once and never lost: triggers that were learned, and ordinary easy samples.',
    early: 0,
    late: 0,
  },
  {
    name: 'slow or never',
    meaning: 'Hard from the first to the last: wrong labels, and ordinary hard samples.',
    early: 1,
    late: 1,
  },
  {
    name: 'slow, then confident',
    meaning: 'Hard at first and learned by heart: wrong labels that the network memorised.',
    early: 1,
    late: 0,
  },
  {
    name: 'fast, then lost',
    meaning: 'Easy at first and hard at last: what the network gave up for something else.',
    early: 0,
    late: 1,
  },
] as const;

/** The samples in the four corners of a map of losses: the outermost tenth of their class in both. */
export function lossCorners({ rows, x, y }: MapPoints): LossCorner[] {
  const at = (value: number, end: number): boolean => (end === 0 ? value <= LOW : value >= HIGH);
  return corners.map(({ name, meaning, early, late }) => ({
    name,
    meaning,
    rows: rows.filter((_, i) => at(x[i], early) && at(y[i], late)),
  }));
}
