import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';

/** A chunk of a dataset as it lies in the file. */
export interface StoredChunk {
  readonly at: number;
  readonly bytes: number;
  /** Bits of the filters that were left out for it. */
  readonly skipped: number;
  /** Of its first value, one number an axis. */
  readonly offset: readonly number[];
}

const MOST_CHUNKS = 4_000_000;

/**
 * Chunks of a dataset by its version 1 B-tree, whose node at `address` has a signature, type 1, level, count, siblings,
 * then keys (stored bytes, filter mask, one offset an axis and one for the value's bytes) between addresses. Each node is
 * one level below the one that leads to it and is reached once, so that a tree that leads into itself ends.
 * @throws BezoarError evidence/malformed
 */
export function readChunkTree(
  source: FileSource,
  base: number,
  address: number,
  axes: number,
): StoredChunk[] {
  const wrong = (at: number, what: string): BezoarError =>
    new BezoarError(
      'evidence/malformed',
      `${source.name} cannot be read as HDF5: the tree of chunks at byte ${at} ${what}. Nothing was imported. The file was cut off or is damaged; write it again.`,
    );
  const chunks: StoredChunk[] = [];
  const keyBytes = 8 + 8 * (axes + 1);
  const reached = new Set<number>();
  const visit = (node: number, due: number | null): void => {
    const at = base + node;
    if (reached.has(node)) throw wrong(at, 'leads into itself');
    reached.add(node);
    const head = source.readNow(at, 24);
    const view = new DataView(head.buffer);
    if (head.length < 24 || view.getUint32(0, false) !== 0x54524545 || view.getUint8(4) !== 1)
      throw wrong(at, 'is none');
    const level = view.getUint8(5);
    if (due !== null && level !== due) throw wrong(at, `is of level ${level} where ${due} is due`);
    const count = view.getUint16(6, true);
    const body = source.readNow(at + 24, count * (keyBytes + 8) + keyBytes);
    if (body.length < count * (keyBytes + 8)) throw wrong(at, 'ends too early');
    const keys = new DataView(body.buffer);
    for (let index = 0; index < count; index += 1) {
      const key = index * (keyBytes + 8);
      const child = Number(keys.getBigUint64(key + keyBytes, true));
      if (level > 0) {
        visit(child, level - 1);
        continue;
      }
      const bytes = keys.getUint32(key, true);
      if (!(base + child + bytes <= source.bytes))
        throw wrong(at, `places a chunk at byte ${base + child}, outside the file`);
      if (chunks.length >= MOST_CHUNKS) throw wrong(at, 'has too many chunks');
      chunks.push({
        at: base + child,
        bytes,
        skipped: keys.getUint32(key + 4, true),
        offset: Array.from({ length: axes }, (_, axis) =>
          Number(keys.getBigUint64(key + 8 + 8 * axis, true)),
        ),
      });
    }
  };
  visit(address, null);
  return chunks;
}
