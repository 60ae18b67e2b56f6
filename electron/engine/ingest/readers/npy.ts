import type { Dtype } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { defineReader, type ArrayHeader } from '../reader.ts';
import { parseNpyHeader } from './npy-header.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MOST_HEADER_BYTES = 64 * 1024;

const dtypes: Readonly<Record<string, { dtype: Dtype; bytes: number }>> = {
  '<f2': { dtype: 'float16', bytes: 2 },
  '<f4': { dtype: 'float32', bytes: 4 },
  '<f8': { dtype: 'float64', bytes: 8 },
  '|u1': { dtype: 'uint8', bytes: 1 },
  '<u1': { dtype: 'uint8', bytes: 1 },
  u1: { dtype: 'uint8', bytes: 1 },
};

interface Layout extends ArrayHeader {
  readonly dataOffset: number;
  readonly rowBytes: number;
}

const malformed = (name: string, what: string, todo: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${todo}`);

const DAMAGED = 'The file was cut off or is damaged; write it again with numpy.save.';

function layoutOf(source: ByteSource): Layout {
  const { name } = source;
  const head = source.read(0, 12);
  if (head.length < 10 || MAGIC.some((byte, at) => head[at] !== byte))
    throw malformed(
      name,
      `this is not a .npy file, or it ends at byte ${source.size} of its preamble`,
      DAMAGED,
    );
  const version = head[6] ?? 0;
  if (version < 1 || version > 3 || head[7] !== 0)
    throw malformed(
      name,
      `its .npy version is ${version}.${head[7] ?? 0}, and only 1.0, 2.0 and 3.0 are known`,
      'Write it again with numpy.save.',
    );
  const preamble = version === 1 ? 10 : 12;
  if (head.length < preamble)
    throw malformed(name, `it ends at byte ${source.size} of its preamble`, DAMAGED);
  const view = new DataView(head.buffer);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${name}: its header claims ${length} bytes, more than any plain array needs. Nothing was imported. ` +
        'Save the array again as a plain, unstructured one.',
    );
  const dataOffset = preamble + length;
  if (source.size < dataOffset)
    throw malformed(
      name,
      `it ends at byte ${source.size}, within its header of ${dataOffset} bytes`,
      DAMAGED,
    );
  const header = parseNpyHeader(Buffer.from(source.read(preamble, length)).toString('latin1'));
  if (typeof header === 'string') throw malformed(name, `its header cannot be read: ${header}`, DAMAGED);
  const { descr, fortranOrder, shape } = header;
  const known = Object.hasOwn(dtypes, descr) ? dtypes[descr] : undefined;
  if (known === undefined)
    throw malformed(
      name,
      descr.startsWith('>')
        ? `its numbers are big-endian (${JSON.stringify(descr)})`
        : `its dtype is ${JSON.stringify(descr)}`,
      'Save it as float16, float32 or float64 for activations and logits, uint8 for images, all little-endian.',
    );
  if (fortranOrder)
    throw malformed(
      name,
      'it is stored in Fortran (column) order',
      'Save numpy.ascontiguousarray(array) in its place.',
    );
  if (shape.length < 2 || shape.length > 4)
    throw malformed(
      name,
      `its shape is (${shape.join(', ')})`,
      'Activations and logits are [rows, width]; images are [rows, height, width] or [rows, height, width, 3].',
    );
  if (shape.some((length) => length < 1))
    throw malformed(
      name,
      `its shape (${shape.join(', ')}) holds no values`,
      'Save an array that is not empty.',
    );
  // Exact for everything a file can hold: sizes beyond 2^53 are refused before they are compared.
  const bytes = shape.reduce((product, length) => product * length, known.bytes);
  if (bytes > Number.MAX_SAFE_INTEGER || shape.slice(1).reduce((a, b) => a * b, known.bytes) > 2 ** 30)
    throw new BezoarError(
      'evidence/too-large',
      `${name}: its shape (${shape.join(', ')}) is larger than any file Bezoar takes. Nothing was imported. ${DAMAGED}`,
    );
  const expected = dataOffset + bytes;
  if (source.size < expected)
    throw malformed(
      name,
      `it ends at byte ${source.size}, and its shape (${shape.join(', ')}) of ${known.dtype} needs ${expected} bytes`,
      DAMAGED,
    );
  if (source.size > expected)
    throw malformed(
      name,
      `${source.size - expected} bytes follow the array's end at byte ${expected}`,
      'The file holds more than one array or is damaged; save one array a file.',
    );
  return { dtype: known.dtype, shape, dataOffset, rowBytes: bytes / (shape[0] ?? 1) };
}

/** NumPy arrays: versions 1 to 3, C order, little-endian float16, float32, float64 and uint8. */
export const npyReader = defineReader({
  kind: 'array',
  id: 'npy',
  sniff: (head, name) => MAGIC.every((byte, at) => head[at] === byte) || /\.npy$/i.test(name),
  describe: (source) => {
    const { dtype, shape } = layoutOf(source);
    return { dtype, shape };
  },
  chunks: function* (source, rowsPerChunk) {
    const { shape, dataOffset, rowBytes } = layoutOf(source);
    const total = shape[0] ?? 0;
    for (let firstRow = 0; firstRow < total; firstRow += rowsPerChunk) {
      const rows = Math.min(rowsPerChunk, total - firstRow);
      const bytes = source.read(dataOffset + firstRow * rowBytes, rows * rowBytes);
      yield { firstRow, rows, bytes };
    }
  },
});
