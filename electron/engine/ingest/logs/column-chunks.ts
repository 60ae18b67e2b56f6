import { LOG_CHUNK_ROWS } from '../../case/log-chunks.ts';
import type { LogDtype } from '../../case/case-file.ts';

/** A chunk ready to be written. */
interface FullChunk {
  readonly rows: number;
  readonly dtype: LogDtype;
  readonly bytes: Uint8Array;
}

/** Gathers the values of one column into chunks of {@link LOG_CHUNK_ROWS} rows; what `take` returns is gone from it. */
export interface ColumnChunks<V> {
  /** Rows that still fit into the chunk at hand. */
  readonly room: number;
  /** Values of rows `from` to `to`; at most as many as there is room for. */
  add(values: V, from: number, to: number): void;
  /** The chunk at hand, full or not; null when it is empty. */
  take(): FullChunk | null;
}

const asBytes = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export function numberChunks(): ColumnChunks<Float64Array> {
  const held = new Float64Array(LOG_CHUNK_ROWS);
  let rows = 0;
  return {
    get room() {
      return LOG_CHUNK_ROWS - rows;
    },
    add: (values, from, to) => {
      held.set(values.subarray(from, to), rows);
      rows += to - from;
    },
    take: () => {
      if (rows === 0) return null;
      const chunk = { rows, dtype: 'float64' as const, bytes: asBytes(held.subarray(0, rows)) };
      rows = 0;
      return chunk;
    },
  };
}

/** Codes or line numbers, kept in the narrowest unsigned type that holds those of the chunk. */
export function codeChunks(): ColumnChunks<Uint32Array> {
  const held = new Uint32Array(LOG_CHUNK_ROWS);
  let rows = 0;
  return {
    get room() {
      return LOG_CHUNK_ROWS - rows;
    },
    add: (values, from, to) => {
      held.set(values.subarray(from, to), rows);
      rows += to - from;
    },
    take: () => {
      if (rows === 0) return null;
      const used = held.subarray(0, rows);
      let most = 0;
      for (const code of used) if (code > most) most = code;
      const dtype = most < 256 ? 'uint8' : most < 65_536 ? 'uint16' : 'uint32';
      const bytes =
        dtype === 'uint8'
          ? Uint8Array.from(used)
          : asBytes(dtype === 'uint16' ? Uint16Array.from(used) : used);
      rows = 0;
      return { rows: used.length, dtype, bytes } as const;
    },
  };
}

export interface Texts {
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
}

export function textChunks(): ColumnChunks<Texts> {
  const ends = new Uint32Array(LOG_CHUNK_ROWS);
  let bytes = new Uint8Array(16 * LOG_CHUNK_ROWS);
  let rows = 0;
  return {
    get room() {
      return LOG_CHUNK_ROWS - rows;
    },
    add: (texts, from, to) => {
      const first = from === 0 ? 0 : texts.ends[from - 1];
      const last = to === 0 ? 0 : texts.ends[to - 1];
      const used = rows === 0 ? 0 : ends[rows - 1];
      if (used + last - first > bytes.length) {
        const larger = new Uint8Array(Math.max(2 * bytes.length, used + last - first));
        larger.set(bytes.subarray(0, used));
        bytes = larger;
      }
      bytes.set(texts.bytes.subarray(first, last), used);
      for (let row = from; row < to; row += 1) ends[rows + row - from] = texts.ends[row] - first + used;
      rows += to - from;
    },
    take: () => {
      if (rows === 0) return null;
      const used = ends[rows - 1];
      const packed = new Uint8Array(4 * rows + used);
      packed.set(asBytes(ends.subarray(0, rows)));
      packed.set(bytes.subarray(0, used), 4 * rows);
      const chunk = { rows, dtype: 'text' as const, bytes: packed };
      rows = 0;
      return chunk;
    },
  };
}
