import type { ArrayChunk } from './reader.ts';

/**
 * An array without some of its rows, in chunks of `rowsPerChunk` rows all but the last.
 * @param left rows that are left out, in order
 */
export async function* keptRows(
  chunks: AsyncIterable<ArrayChunk>,
  left: readonly number[],
  rowsPerChunk: number,
): AsyncGenerator<ArrayChunk> {
  let firstRow = 0;
  let held = 0;
  let next = 0;
  let into = new Uint8Array(0);
  for await (const chunk of chunks) {
    const width = chunk.bytes.length / chunk.rows;
    if (into.length === 0) into = new Uint8Array(rowsPerChunk * width);
    for (let row = 0; row < chunk.rows; row += 1) {
      if (left[next] === chunk.firstRow + row) {
        next += 1;
        continue;
      }
      into.set(chunk.bytes.subarray(row * width, (row + 1) * width), held * width);
      held += 1;
      if (held < rowsPerChunk) continue;
      yield { firstRow, rows: held, bytes: into };
      firstRow += held;
      held = 0;
      into = new Uint8Array(rowsPerChunk * width);
    }
  }
  if (held > 0) yield { firstRow, rows: held, bytes: into.slice(0, (into.length / rowsPerChunk) * held) };
}
