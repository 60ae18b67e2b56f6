import type { Matrix } from '../detectors/detector.ts';
import type { TaskRunner } from '../runner.ts';
import { checkSpectrumSize, fewRows, writeAt, type ClassSpectrum } from './class-spectrum.ts';
import { moveToMean, PROVISIONAL_ROWS, provisionalCentre } from './provisional-centre.ts';
import { checkBlocks, rowsOfBlock, type RowBlocks, type RowPiece } from './row-blocks.ts';
import { shared32, sharedFloat32, sharedFloat64 } from './shared-arrays.ts';
import { stripBounds } from './strips.ts';

interface ClassSpectra {
  /** One a class. */
  readonly classes: readonly ClassSpectrum[];
  /** Squared length of every row, centred by its class, along its class's vectors, shape (n,); NaN without a class. */
  readonly scores: Float64Array;
}

/**
 * The k leading singular vectors of every class, centred by the class's mean, and the rows' spectral scores (Tran, Li, Madry
 * 2018), for a matrix in memory. Products in float32, added in float64 every 64 rows.
 *
 * @param label class of each row from 0 on, shape (n,); below 0 is none
 * @throws RangeError when a label is missing; Cancelled
 */
export async function topSingularVectors(
  matrix: Matrix,
  label: Int32Array,
  classes: number,
  k: number,
  runner: TaskRunner,
): Promise<ClassSpectra> {
  checkLabels(label, matrix.rows);
  const scores = new Float64Array(matrix.rows).fill(NaN);
  const found = await Promise.all(
    positionsByClass(label, classes).map(async (rows) => {
      const { scores: own, ...spectrum } = await runner.run('classSpectrum', { matrix, rows, k });
      writeAt(rows, own, scores);
      return spectrum;
    }),
  );
  return { classes: found, scores };
}

/** Bytes that the classes worked on together may hold. */
const BATCH_BYTES = 2 ** 28;
/** Rows of a class that are handed on together: no sum of 64 rows straddles two of them, and the first make a centre. */
const HANDED_ROWS = PROVISIONAL_ROWS;

/**
 * {@link topSingularVectors} for a matrix read in blocks, with the same bytes: two passes over the rows for as many classes
 * as fit into 256 MB together, three where the first rows of a class are unlike the others.
 *
 * @throws RangeError when a label is missing, and for blocks that are no multiple of 256 rows; Cancelled
 */
export async function topSingularVectorsStreamed(
  blocks: RowBlocks,
  label: Int32Array,
  classes: number,
  k: number,
  runner: TaskRunner,
): Promise<ClassSpectra> {
  checkBlocks(blocks);
  checkLabels(label, blocks.rows);
  const d = blocks.cols;
  const counts = new Int32Array(classes);
  for (const c of label) if (c >= 0) counts[c] += 1;
  for (const n of counts) checkSpectrumSize(n, d);
  const scores = sharedFloat64(blocks.rows).fill(NaN);
  const found: ClassSpectrum[] = [];
  const bytesOf = (n: number): number => (fewRows(n, d) ? 4 * n * d : 16 * d * d + 4 * HANDED_ROWS * d);
  for (let first = 0; first < classes;) {
    let end = first;
    for (
      let bytes = 0;
      end < classes && (end === first || bytes + bytesOf(counts[end]) <= BATCH_BYTES);
      end++
    )
      bytes += bytesOf(counts[end]);
    const batch = { blocks, label, first, end, counts };
    found.push(...(await spectraOf(batch, k, runner)));
    await scoreBatch(batch, found, runner, scores);
    first = end;
  }
  return { classes: found, scores };
}

interface Batch {
  readonly blocks: RowBlocks;
  readonly label: Int32Array;
  readonly first: number;
  readonly end: number;
  readonly counts: Int32Array;
}

async function spectraOf(batch: Batch, k: number, runner: TaskRunner): Promise<ClassSpectrum[]> {
  const d = batch.blocks.cols;
  const numbers = Array.from({ length: batch.end - batch.first }, (_, i) => batch.first + i);
  const many = numbers.map((c) => !fewRows(batch.counts[c], d));
  const centres = numbers.map(() => sharedFloat32(d));
  const { totals, gathered } = await sumByClass(batch, d * d + d, many, async (i, piece, into) => {
    if (piece.first === 0) await provisionalCentreOf(piece, centres[i], runner);
    const parts = { columnSums: into.subarray(d * d), sums: into.subarray(0, d * d) };
    await runner.run('addGramRows', { piece, centre: centres[i], ...parts });
  });
  const means = totals.map((total, i) =>
    total.slice(d * d).map((sum) => sum / Math.max(1, batch.counts[numbers[i]])),
  );
  const uppers = totals.map((total) => total.subarray(0, d * d));
  const far = many.map(
    (large, i) => large && !moveToMean(uppers[i], batch.counts[numbers[i]], means[i], centres[i]),
  );
  if (far.includes(true)) {
    const about = means.map(shared32);
    const again = await sumByClass(
      batch,
      d * d,
      far,
      (i, piece, into) =>
        runner.run('addGramRows', { piece, centre: about[i], columnSums: null, sums: into }),
      gathered,
    );
    far.forEach((one, i) => {
      if (one) uppers[i] = again.totals[i];
    });
  }
  return Promise.all(
    numbers.map(async (c, i) => {
      const n = batch.counts[c];
      const count = Math.min(k, Math.max(0, n - 1), d);
      if (many[i]) {
        const pairs =
          count > 0
            ? await runner.run('leadingOfUpper', { upper: uppers[i], d, k: count })
            : { values: new Float64Array(0), directions: new Float64Array(0) };
        return { n, count, mean: means[i], ...pairs };
      }
      const matrix = { data: gathered[i], rows: n, cols: d };
      const rows = Int32Array.from({ length: n }, (_, r) => r);
      const { mean, values, directions } = await runner.run('classSpectrum', { matrix, rows, k });
      return { n, count, mean, values, directions };
    }),
  );
}

async function provisionalCentreOf(piece: RowPiece, centre: Float32Array, runner: TaskRunner): Promise<void> {
  const sums = sharedFloat64(piece.cols);
  await runner.run('addColumnSums', { piece, sums });
  provisionalCentre(sums, piece.to, centre);
}

/**
 * Sums over the rows of every class that has many, in its own strips; rows of a class that has few are gathered instead,
 * unless they were before.
 */
async function sumByClass(
  { blocks, label, first, end, counts }: Batch,
  length: number,
  many: readonly boolean[],
  add: (index: number, piece: RowPiece, sums: Float64Array) => Promise<unknown>,
  gathered: readonly Float32Array[] | null = null,
): Promise<{ totals: Float64Array[]; gathered: Float32Array[] }> {
  const d = blocks.cols;
  const feeds = many.map((large, i) => ({
    pending: sharedFloat32(
      large ? Math.min(HANDED_ROWS, counts[first + i]) * d : gathered === null ? counts[first + i] * d : 0,
    ),
    filled: 0,
    done: 0,
    strip: 0,
    bounds: stripBounds(counts[first + i]),
    sums: sharedFloat64(large ? length : 0),
    total: sharedFloat64(large ? length : 0),
  }));
  await eachBlock({ blocks, label, first, end }, async (x, rows, i) => {
    const feed = feeds[i];
    if (!many[i] && gathered !== null) return;
    for (const r of rows) {
      feed.pending.set(x.subarray(r * d, (r + 1) * d), feed.filled * d);
      feed.filled += 1;
      if (!many[i]) continue;
      const reached = feed.done + feed.filled;
      const full = feed.filled === HANDED_ROWS || reached === feed.bounds[feed.strip + 1];
      if (!full) continue;
      const piece = { x: feed.pending, rows: null, from: 0, to: feed.filled, cols: d, first: feed.done };
      await add(i, piece, feed.sums);
      feed.done = reached;
      feed.filled = 0;
      if (reached < feed.bounds[feed.strip + 1]) continue;
      for (let t = 0; t < length; t++) feed.total[t] += feed.sums[t];
      feed.sums.fill(0);
      feed.strip += 1;
    }
  });
  return {
    totals: feeds.map((feed) => feed.total),
    gathered: gathered === null ? feeds.map((feed) => feed.pending) : [...gathered],
  };
}

async function scoreBatch(
  batch: Batch,
  found: readonly ClassSpectrum[],
  runner: TaskRunner,
  scores: Float64Array,
): Promise<void> {
  const { blocks, first } = batch;
  await eachBlock(batch, async (x, rows, i, start) => {
    const { mean, directions, count } = found[first + i];
    const piece = { x, rows, from: 0, to: rows.length, cols: blocks.cols, first: 0 };
    const positions = rows.map((r) => start + r);
    await runner.run('scoreRows', { piece, mean, directions, count, positions, scores });
  });
}

/** Reads block after block; the classes of a batch that have rows in it are worked on side by side. */
async function eachBlock(
  { blocks, label, first, end }: Pick<Batch, 'blocks' | 'label' | 'first' | 'end'>,
  use: (x: Float32Array, rows: Int32Array, index: number, start: number) => Promise<void>,
): Promise<void> {
  const buffer = sharedFloat32(Math.min(blocks.rows, blocks.blockRows) * blocks.cols);
  for (let block = 0; block * blocks.blockRows < blocks.rows; block++) {
    const height = rowsOfBlock(blocks, block);
    const start = block * blocks.blockRows;
    const x = buffer.subarray(0, height * blocks.cols);
    await blocks.read(block, x);
    const positions = positionsByClass(label.subarray(start, start + height), end, first);
    await Promise.all(
      positions.map((rows, i) => (rows.length === 0 ? Promise.resolve() : use(x, rows, i, start))),
    );
  }
}

function checkLabels(label: Int32Array, rows: number): void {
  if (label.length !== rows) throw new RangeError(`${rows} rows have ${label.length} labels.`);
}

/** Positions of the labels `first` to `end - 1`, ascending. */
function positionsByClass(label: Int32Array, end: number, first = 0): Int32Array[] {
  const counts = new Int32Array(end - first);
  const pieces = Array.from({ length: Math.ceil(label.length / LABELS) }, (_, i) => i * LABELS);
  for (const from of pieces) countLabels(label, from, first, counts);
  const positions = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (const from of pieces) placeLabels(label, from, first, counts, positions);
  return positions;
}

// A loop over all labels in one call is compiled while it runs, and thrown away each time that it ends.
const LABELS = 4096;

function countLabels(label: Int32Array, from: number, first: number, counts: Int32Array): void {
  const to = Math.min(label.length, from + LABELS);
  for (let i = from; i < to; i++) {
    const c = label[i] - first;
    if (c >= 0 && c < counts.length) counts[c] += 1;
  }
}

function placeLabels(
  label: Int32Array,
  from: number,
  first: number,
  counts: Int32Array,
  positions: readonly Int32Array[],
): void {
  const to = Math.min(label.length, from + LABELS);
  for (let i = from; i < to; i++) {
    const c = label[i] - first;
    if (c >= 0 && c < counts.length) positions[c][counts[c]++] = i;
  }
}
