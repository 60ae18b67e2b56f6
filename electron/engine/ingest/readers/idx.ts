import type { StoredDtype } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { defineReader, type ArrayEntry } from '../reader.ts';
import { storedBytes, swapBytes } from '../stored-values.ts';
import { bytesOfShape, shapeProblem } from './npy.ts';
import { rowOrder, stridedRows } from './strided-rows.ts';

/** The third byte of the file. */
const dtypes: Readonly<Record<number, StoredDtype>> = {
  0x08: 'uint8',
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};

/** No set of samples has more. */
const MOST_AXES = 8;

const DAMAGED = 'The file was cut off or is damaged; fetch or write it again.';

const malformed = (name: string, what: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${DAMAGED}`);

/** Two zeros, a dtype and a number of axes, then the length of the first one. */
const looksLikeIdx = (head: Uint8Array): boolean =>
  head.length >= 8 &&
  head[0] === 0 &&
  head[1] === 0 &&
  dtypes[head[2] ?? 0] !== undefined &&
  (head[3] ?? 0) >= 1 &&
  (head[3] ?? 0) <= MOST_AXES;

/** The array of an IDX file, the format of MNIST: everything big-endian, rows one after the other. */
async function idxEntry(source: ByteSource): Promise<ArrayEntry> {
  const { name } = source;
  const size = await source.size();
  const head = await source.read(0, 4 + 4 * MOST_AXES);
  if (!looksLikeIdx(head))
    throw malformed(name, `this is not an IDX file, or it ends at byte ${size} of its header`);
  const axes = head[3] ?? 0;
  const dtype = dtypes[head[2] ?? 0] ?? 'uint8';
  const dataOffset = 4 + 4 * axes;
  if (size < dataOffset)
    throw malformed(name, `it ends at byte ${size}, within its header of ${dataOffset} bytes`);
  const view = new DataView(head.buffer);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis, false));
  const what = shapeProblem(shape);
  if (what !== null) throw malformed(name, what);
  const width = storedBytes[dtype];
  const expected = dataOffset + bytesOfShape(name, shape, width);
  if (size !== expected)
    throw malformed(
      name,
      `it has ${size} bytes, and its shape (${shape.join(', ')}) of ${dtype} needs ${expected}`,
    );
  return {
    name: null,
    dtype,
    stored: dtype,
    shape,
    problem: null,
    chunks: async function* (rowsPerChunk) {
      const values = { source, start: dataOffset, shape, strides: rowOrder(shape), width };
      for await (const chunk of stridedRows(values, rowsPerChunk)) {
        swapBytes(chunk.bytes, width);
        yield chunk;
      }
    },
  };
}

/** IDX arrays, as MNIST and the sets made in its image come: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`. */
export const idxReader = defineReader({
  access: 'in-order',
  id: 'idx',
  sniff: looksLikeIdx,
  named: /(^|[.-])idx\d?([.-]|$)|\.idx\d?(-ubyte)?$/i,
  open: async (source) => ({ entries: [await idxEntry(source)], table: null, findings: [] }),
});
