import {
  type LayoutKernels,
  NEGATIVE_SAMPLES,
  SCRATCH_EXTRA,
  TABLE_LENGTH,
  TABLE_LOWEST,
} from '../layout-kernels.ts';

const fround = Math.fround;
const LANES = 16;
/** The largest float32 below 2^17. */
const HIGHEST = fround(2 ** 17 - 2 ** -7);
/** The bits of 2^-20 without the 17 lowest: entry 0 of the table. */
const FIRST_ENTRY = (127 - 20) << 6;
const REPULSION = TABLE_LENGTH / 2;

const asFloat = new Float32Array(1);
const asBits = new Int32Array(asFloat.buffer);
const forceX = new Float32Array(LANES);
const forceY = new Float32Array(LANES);
const stiffness = new Float32Array(LANES);

/** Sum of sixteen lanes: halves are added until one is left. */
function joined(lanes: Float32Array): number {
  for (let half = LANES >> 1; half > 0; half >>= 1)
    for (let l = 0; l < half; l++) lanes[l] += lanes[l + half];
  return lanes[0];
}

function vertexKey(key: number, vertex: number): number {
  let h = (key + Math.imul(vertex, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

type LayoutEpoch = LayoutKernels['layoutEpoch'];

function checkLengths(...block: Parameters<LayoutEpoch>): void {
  const [starts, ends, schedule, table, heads, tails, next, , , rate, , scratch] = block;
  const count = starts.length - 1;
  const edges = count >= 0 ? starts[count] - starts[0] : -1;
  if (!(edges >= 0)) throw new RangeError('layoutEpoch: The edges of the block have no bounds.');
  if (ends.length < edges || schedule.length < edges)
    throw new RangeError('layoutEpoch: There are fewer edges than their bounds say.');
  for (let v = 0; v < count; v++)
    if (starts[v + 1] < starts[v])
      throw new RangeError('layoutEpoch: The edges of a vertex end before they begin.');
  if (heads.length < 2 * count || next.length < 2 * count)
    throw new RangeError('layoutEpoch: There are fewer coordinates than vertices.');
  if (scratch.length < edges + count + SCRATCH_EXTRA)
    throw new RangeError('layoutEpoch: The scratch memory is smaller than edges, vertices and 16.');
  if (table.length < TABLE_LENGTH) throw new RangeError('layoutEpoch: The table of forces is too short.');
  if (tails.length < 2) throw new RangeError('layoutEpoch: There are no points.');
  if (!(rate > 0)) throw new RangeError('layoutEpoch: The length of a step is not above 0.');
  const points = Math.floor(tails.length / 2);
  for (let e = 0; e < edges; e++)
    if (ends[e] < 0 || ends[e] >= points) throw new RangeError('layoutEpoch: An edge ends at no point.');
}

/** Index of the table's pair for the square of a distance; the part between two entries is left in `between`. */
let between = 0;
function entryOf(dx: number, dy: number): number {
  const square = fround(fround(dx * dx) + fround(dy * dy));
  asFloat[0] = square > TABLE_LOWEST ? (square < HIGHEST ? square : HIGHEST) : TABLE_LOWEST;
  const bits = asBits[0];
  between = bits & 0x1ffff;
  return 2 * ((bits >> 17) - FIRST_ENTRY);
}

const layoutEpoch: LayoutEpoch = (...block) => {
  checkLengths(...block);
  const [starts, ends, schedule, table, heads, tails, next, first, epoch, stepLength, epochKey] = block;
  const count = starts.length - 1;
  const points = Math.floor(tails.length / 2);
  const rate = fround(stepLength);
  // The upper 24 bits of a hash are exact in float32; scaled, they are a point's number.
  const scale = fround(points / 2 ** 24);
  for (let v = 0; v < count; v++) {
    const x = heads[2 * v];
    const y = heads[2 * v + 1];
    forceX.fill(0);
    forceY.fill(0);
    stiffness.fill(0);
    let active = 0;
    const stop = starts[v + 1] - starts[0];
    for (let e = starts[v] - starts[0]; e < stop; e++) {
      const share = (schedule[e] >>> 16) + 1;
      if (((Math.imul(share, epoch) + schedule[e]) & 0xffff) + share < 0x10000) continue;
      const lane = active++ & (LANES - 1);
      const other = ends[e];
      const dx = fround(x - tails[2 * other]);
      const dy = fround(y - tails[2 * other + 1]);
      const at = entryOf(dx, dy);
      const force = fround(table[at] + fround(table[at + 1] * between));
      forceX[lane] -= fround(force * dx);
      forceY[lane] -= fround(force * dy);
      stiffness[lane] += force;
    }
    const key = vertexKey(epochKey, first + v);
    for (let draw = 0; draw < NEGATIVE_SAMPLES * active; draw++) {
      const lane = draw & (LANES - 1);
      let h = (key + Math.imul(draw, 0x9e3779b9)) | 0;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      const other = Math.min(points - 1, Math.trunc(fround((h >>> 8) * scale)));
      const dx = fround(x - tails[2 * other]);
      const dy = fround(y - tails[2 * other + 1]);
      const at = REPULSION + entryOf(dx, dy);
      const force = fround(table[at] + fround(table[at + 1] * between));
      forceX[lane] += fround(force * dx);
      forceY[lane] += fround(force * dy);
    }
    const step = fround(rate / fround(1 + fround(rate * joined(stiffness))));
    next[2 * v] = fround(x + fround(step * joined(forceX)));
    next[2 * v + 1] = fround(y + fround(step * joined(forceY)));
  }
};

export const layoutKernels: LayoutKernels = { layoutEpoch };
