import { verdictByte } from '../../../contract/samples.ts';
import { encodePng } from './png.ts';

const WIDTH = 1200;
const HEIGHT = 900;
const MARGIN = 30;

/** Ground, ordinary, suspect, poison. */
const PALETTE = Uint8Array.of(255, 255, 255, 176, 182, 190, 214, 134, 10, 196, 40, 46);

interface Mark {
  /** Index of its colour in the palette. */
  readonly colour: number;
  /** Half the side, in pixels; suspects and poison stand out by size and shape as well as by colour. */
  readonly reach: number;
  readonly hollow: boolean;
}

const ordinary: Mark = { colour: 1, reach: 1, hollow: false };
const suspect: Mark = { colour: 2, reach: 5, hollow: true };
const poison: Mark = { colour: 3, reach: 4, hollow: false };

/**
 * A map as PNG, 1200 x 900: ordinary samples grey, suspects hollow amber squares, confirmed poison filled red ones.
 * `rows` are dataset rows, `coordinates` their places, shape (rows, 2).
 */
export function mapPicture(
  rows: Int32Array,
  coordinates: Float32Array,
  flagged: Uint8Array | null,
  verdicts: Uint8Array,
): Buffer {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  const [left, right] = extent(coordinates, 0);
  const [bottom, top] = extent(coordinates, 1);
  const scaleX = (WIDTH - 2 * MARGIN) / Math.max(right - left, 1e-30);
  const scaleY = (HEIGHT - 2 * MARGIN) / Math.max(top - bottom, 1e-30);
  const draw = (at: number, { colour, reach, hollow }: Mark): void => {
    const x = Math.round(MARGIN + ((coordinates[2 * at] ?? 0) - left) * scaleX);
    const y = Math.round(HEIGHT - MARGIN - ((coordinates[2 * at + 1] ?? 0) - bottom) * scaleY);
    for (let dy = -reach; dy <= reach; dy += 1)
      for (let dx = -reach; dx <= reach; dx += 1) {
        if (hollow && Math.max(Math.abs(dx), Math.abs(dy)) < reach - 1) continue;
        pixels[(y + dy) * WIDTH + x + dx] = colour;
      }
  };
  const markOf = (row: number): Mark =>
    verdicts[row] === verdictByte.poison
      ? poison
      : flagged?.[row] && verdicts[row] === 0
        ? suspect
        : ordinary;
  for (const mark of [ordinary, suspect, poison])
    for (const [at, row] of rows.entries()) if (markOf(row) === mark) draw(at, mark);
  return encodePng(WIDTH, HEIGHT, 1, pixels, PALETTE);
}

function extent(coordinates: Float32Array, axis: 0 | 1): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let at = axis; at < coordinates.length; at += 2) {
    const value = coordinates[at] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
