import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import { bytesOfShape } from '../readers/npy.ts';
import { rowOrder } from '../readers/strided-rows.ts';
import { readChunkTree } from './chunk-tree.ts';
import { hasFletcher32 } from './fletcher32.ts';
import { unpackLzf, unshuffle } from './lzf.ts';

export const LZF_FILTER = 32_000;
const [SHUFFLE, FLETCHER32] = [2, 3];
const MOST_CHUNK_BYTES = 512 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

interface LzfLayout {
  readonly source: FileSource;
  readonly base: number;
  /** Address of the tree of its chunks. */
  readonly tree: number;
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  /** Filters in the order in which they were applied. */
  readonly ids: readonly number[];
  /** Bytes of a value. */
  readonly width: number;
  /** Names the file and the dataset. */
  readonly place: string;
}

/** Refuses chunks that are missing, come twice or lie off the grid: their values would be made up. */
function checkChunks(
  place: string,
  stored: readonly { readonly offset: readonly number[] }[],
  shape: readonly number[],
  chunks: readonly number[],
): void {
  const expected = shape.reduce(
    (product, length, axis) => product * Math.ceil(length / (chunks[axis] ?? 1)),
    1,
  );
  const seen = new Set(stored.map(({ offset }) => offset.join()));
  const placed = stored.every(({ offset }) =>
    offset.every((at, axis) => at < (shape[axis] ?? 0) && at % (chunks[axis] ?? 1) === 0),
  );
  if (stored.length !== expected || seen.size !== expected || !placed)
    throw new BezoarError(
      'evidence/malformed',
      `${place} needs ${expected} chunks, and ${seen.size} are there. Nothing was imported. The file was cut off, was not written to its end, or is damaged.`,
    );
}

/** Reads blocks from chunks that the library cannot unpack, since LZF is h5py's own. */
export function lzfBlocks({
  source,
  base,
  tree,
  shape,
  chunks,
  ids,
  width,
  place,
}: LzfLayout): (firstRow: number, rows: number) => Uint8Array<ArrayBuffer> {
  const axes = shape.length;
  const stored = readChunkTree(source, base, tree, axes);
  checkChunks(place, stored, shape, chunks);
  const chunkBytes = bytesOfShape(place, chunks, width);
  if (chunkBytes > MOST_CHUNK_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${place} is stored in chunks of ${chunkBytes} bytes, and ${MOST_CHUNK_BYTES} are the most that Bezoar unpacks. Nothing was imported. Write it again in smaller chunks.`,
    );
  /** Whether a checksum was put behind the values before that filter packed them. */
  const summedBefore = (index: number): boolean => ids.slice(0, index).includes(FLETCHER32);
  const damaged = (at: number): BezoarError =>
    new BezoarError(
      'evidence/malformed',
      `${place}: the chunk at byte ${at} cannot be unpacked. Nothing was imported. The file was cut off or is damaged; write it again.`,
    );
  const unpacked = ({ at, bytes, skipped }: (typeof stored)[number]): Uint8Array => {
    let values: Uint8Array = source.readNow(at, bytes);
    for (let index = ids.length - 1; index >= 0; index -= 1) {
      if (skipped & (1 << index)) continue;
      const id = ids[index];
      if (id === SHUFFLE) values = unshuffle(values, width);
      else if (id === FLETCHER32) {
        if (!hasFletcher32(values)) throw damaged(at);
        values = values.subarray(0, -4);
      } else if (id === LZF_FILTER)
        values = unpackLzf(values, chunkBytes + (summedBefore(index) ? 4 : 0)) ?? NOTHING;
      else throw damaged(at);
    }
    if (values.length !== chunkBytes) throw damaged(at);
    return values;
  };
  const strides = rowOrder(shape);
  const chunkStrides = rowOrder(chunks);
  const rowBytes = shape.slice(1).reduce((product, length) => product * length, width);
  return (firstRow, rows) => {
    const block = new Uint8Array(rows * rowBytes);
    for (const chunk of stored) {
      const top = chunk.offset[0] ?? 0;
      if (top >= firstRow + rows || top + (chunks[0] ?? 0) <= firstRow) continue;
      const values = unpacked(chunk);
      copyChunk(
        { values, offset: chunk.offset, chunks, chunkStrides },
        { block, firstRow, rows, shape, strides, width },
      );
    }
    return block;
  };
}

/** Copies the part of a chunk that lies in a block, a run of the last axis at a time. */
function copyChunk(
  from: {
    readonly values: Uint8Array;
    readonly offset: readonly number[];
    readonly chunks: readonly number[];
    readonly chunkStrides: readonly number[];
  },
  to: {
    readonly block: Uint8Array;
    readonly firstRow: number;
    readonly rows: number;
    readonly shape: readonly number[];
    readonly strides: readonly number[];
    readonly width: number;
  },
): void {
  const { values, offset, chunks, chunkStrides } = from;
  const { block, firstRow, rows, shape, strides, width } = to;
  const lastAxis = shape.length - 1;
  const copy = (axis: number, source: number, target: number): void => {
    const start = offset[axis] ?? 0;
    const [low, high] = axis === 0 ? [firstRow, firstRow + rows] : [0, shape[axis] ?? 0];
    const from_ = Math.max(low, start);
    const until = Math.min(high, start + (chunks[axis] ?? 0));
    if (axis === lastAxis) {
      const at = (source + from_ - start) * width;
      if (until > from_)
        block.set(values.subarray(at, at + (until - from_) * width), (target + from_ - low) * width);
      return;
    }
    for (let index = from_; index < until; index += 1)
      copy(
        axis + 1,
        source + (index - start) * (chunkStrides[axis] ?? 0),
        target + (index - low) * (strides[axis] ?? 0),
      );
  };
  copy(0, 0, 0);
}
