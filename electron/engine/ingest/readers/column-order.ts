import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import type { ArrayChunk } from '../reader.ts';

/** Rows are gathered in blocks of about this size: larger ones mean fewer, longer reads. */
const BLOCK_BYTES = 32 * 1024 * 1024;
/** What can only be read from front to back is taken into memory whole, up to this. */
const MOST_IN_MEMORY = 1024 * 1024 * 1024;

/**
 * Rows of an array in Fortran order, where the first axis runs fastest: value (n, h, w) stands at (w·H + h)·N + n.
 * Turned about block by block; never more than a block and a chunk are in memory.
 */
export async function* columnOrderRows(
  source: ByteSource,
  offset: number,
  shape: readonly number[],
  width: number,
  rowsPerChunk: number,
): AsyncGenerator<ArrayChunk> {
  const [total = 0, ...rest] = shape;
  const columns = rest.reduce((product, length) => product * length, 1);
  const rowBytes = columns * width;
  const read = 'readNow' in source ? null : await wholeInMemory(source, offset, total * rowBytes);
  const placeOf = columnPlaces(rest);
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes / rowsPerChunk)) * rowsPerChunk;
  for (let first = 0; first < total; first += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, total - first);
    const block = new Uint8Array(rows * rowBytes);
    for (let column = 0; column < columns; column += 1) {
      const from = (column * total + first) * width;
      const values =
        read === null
          ? await source.read(offset + from, rows * width)
          : read.subarray(from, from + rows * width);
      scatter(values, block, (placeOf[column] ?? 0) * width, width, rowBytes);
    }
    for (let at = 0; at < rows; at += rowsPerChunk) {
      const some = Math.min(rowsPerChunk, rows - at);
      yield { firstRow: first + at, rows: some, bytes: block.slice(at * rowBytes, (at + some) * rowBytes) };
    }
  }
}

/** Of each column in the order of the file, its place in a row in C order. */
function columnPlaces(rest: readonly number[]): Uint32Array {
  const places = new Uint32Array(rest.reduce((product, length) => product * length, 1));
  for (let column = 0; column < places.length; column += 1) {
    let left = column;
    let place = 0;
    let stride = places.length;
    for (const length of rest) {
      stride /= length;
      place += (left % length) * stride;
      left = Math.floor(left / length);
    }
    places[column] = place;
  }
  return places;
}

/** Puts value i of `values` at byte `start + i * step` of `into`. */
function scatter(
  values: Uint8Array<ArrayBuffer>,
  into: Uint8Array<ArrayBuffer>,
  start: number,
  width: number,
  step: number,
): void {
  const aligned = values.byteOffset % width === 0 && into.byteOffset % width === 0;
  const Words =
    width === 2 ? Uint16Array : width === 4 ? Uint32Array : width === 8 ? BigUint64Array : Uint8Array;
  if (!aligned || width === 1) {
    for (let at = 0, to = start; at < values.length; at += width, to += step)
      into.set(values.subarray(at, at + width), to);
    return;
  }
  const from = new Words(values.buffer, values.byteOffset, values.length / width);
  const words = new Words(into.buffer, into.byteOffset, into.length / width);
  for (let at = 0, to = start / width; at < from.length; at += 1, to += step / width) words[to] = from[at];
}

async function wholeInMemory(
  source: ByteSource,
  offset: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (bytes > MOST_IN_MEMORY)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name} is packed and stands in Fortran (column) order, and with ${bytes} bytes it is too large to be turned about in memory. ` +
        'Nothing was imported. Unpack it, or save numpy.ascontiguousarray(array).',
    );
  const whole = await source.read(offset, bytes);
  if (whole.length !== bytes)
    throw new BezoarError(
      'evidence/malformed',
      `${source.name}: its values end after ${whole.length} of ${bytes} bytes. Nothing was imported. Write it again.`,
    );
  return whole;
}
