import type { Finding, StoredDtype } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { findingsOfPickle } from '../pickle/pickle-findings.ts';
import { defineReader, type ArrayEntry } from '../reader.ts';
import { storedBytes, swapBytes } from '../stored-values.ts';
import { parseNpyHeader } from './npy-header.ts';
import { columnOrder, isRowOrder, rowOrder, stridedRows } from './strided-rows.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MOST_HEADER_BYTES = 64 * 1024;
const MOST_ROW_BYTES = 2 ** 30;

const dtypes: Readonly<Record<string, StoredDtype>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/** What NumPy's letters for other dtypes mean. */
const otherDtypes: Readonly<Record<string, string>> = {
  O: 'Python objects, which only a pickle can hold',
  U: 'text',
  S: 'byte strings',
  a: 'byte strings',
  V: 'raw values',
  c: 'complex numbers',
  M: 'times',
  m: 'time spans',
  f: 'floating-point numbers of another width',
};

const DAMAGED = 'The file was cut off or is damaged; write it again with numpy.save.';

const malformed = (name: string, what: string, todo: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${todo}`);

/** The dtype that NumPy's code such as `f4` stands for, or null. */
export const npyDtype = (code: string): StoredDtype | null =>
  Object.hasOwn(dtypes, code) ? (dtypes[code] ?? null) : null;

const looksLikeNpy = (head: Uint8Array): boolean => MAGIC.every((byte, at) => head[at] === byte);

/** An array that is listed and cannot be read. */
export const unreadableEntry = (
  name: string | null,
  stored: string,
  shape: readonly number[],
  problem: string,
): ArrayEntry => ({
  name,
  dtype: null,
  stored,
  shape,
  problem,
  chunks: async function* () {
    await Promise.resolve();
    throw new BezoarError('evidence/malformed', problem);
  },
});

/** What an array of Python objects, which is a pickle behind the header, would run where NumPy is allowed to load it. */
export async function findingsOfObjects(source: ByteSource, entry: ArrayEntry): Promise<Finding[]> {
  if (entry.dtype !== null || !/(^|['"])[|<>=]?O\d*(['"]|$)/.test(entry.stored)) return [];
  const head = new DataView((await source.read(0, 12)).buffer);
  const start = head.getUint8(6) === 1 ? 10 + head.getUint16(8, true) : 12 + head.getUint32(8, true);
  return findingsOfPickle(source, start);
}

/** Why a shape cannot be that of rows, or null. */
export function shapeProblem(shape: readonly number[]): string | null {
  if (shape.length === 0) return 'it holds a single value and no rows';
  if (shape.some((length) => length < 1)) return `its shape (${shape.join(', ')}) holds no values`;
  return null;
}

/**
 * Bytes that values of a shape take, checked before any memory is.
 * @throws BezoarError evidence/too-large
 */
export function bytesOfShape(name: string, shape: readonly number[], width: number): number {
  const bytes = shape.reduce((product, length) => product * length, width);
  const row = shape.slice(1).reduce((product, length) => product * length, width);
  // Sizes beyond 2^53 round, and are refused before they are compared with anything.
  if (bytes > Number.MAX_SAFE_INTEGER || row > MOST_ROW_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${name}: its shape (${shape.join(', ')}) is larger than any file Bezoar takes. Nothing was imported. ` +
        'The file was cut off or is damaged; write it again.',
    );
  return bytes;
}

/**
 * The array of a .npy file: versions 1 to 3, either byte order, C or Fortran order.
 *
 * @param name of the entry, null for a file of its own
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export async function npyEntry(source: ByteSource, name: string | null): Promise<ArrayEntry> {
  const file = source.name;
  const size = await source.size();
  const head = await source.read(0, 12);
  if (head.length < 10 || !looksLikeNpy(head))
    throw malformed(file, `this is not a .npy file, or it ends at byte ${size} of its preamble`, DAMAGED);
  const version = head[6] ?? 0;
  if (version < 1 || version > 3 || head[7] !== 0)
    throw malformed(
      file,
      `its .npy version is ${version}.${head[7] ?? 0}, and only 1.0, 2.0 and 3.0 are known`,
      'Write it again with numpy.save.',
    );
  const preamble = version === 1 ? 10 : 12;
  if (head.length < preamble) throw malformed(file, `it ends at byte ${size} of its preamble`, DAMAGED);
  const view = new DataView(head.buffer);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${file}: its header claims ${length} bytes, more than any plain array needs. Nothing was imported. ` +
        'Save the array again as a plain, unstructured one.',
    );
  const dataOffset = preamble + length;
  if (size < dataOffset)
    throw malformed(file, `it ends at byte ${size}, within its header of ${dataOffset} bytes`, DAMAGED);
  const text = Buffer.from(await source.read(preamble, length)).toString('latin1');
  const header = parseNpyHeader(text);
  if (typeof header === 'string') throw malformed(file, `its header cannot be read: ${header}`, DAMAGED);
  const { descr, fortranOrder, shape } = header;
  const [, order = '', code = ''] = /^([<>|=]?)(.*)$/s.exec(descr) ?? [];
  const dtype = npyDtype(code);
  const what =
    dtype === null
      ? `its dtype ${JSON.stringify(descr.slice(0, 80))} is that of ${descr.startsWith('[') ? 'structured values' : (otherDtypes[code.charAt(0)] ?? 'no numbers')}`
      : shapeProblem(shape);
  if (dtype === null || what !== null)
    return unreadableEntry(
      name,
      dtype ?? descr,
      shape,
      `${file}: ${what ?? ''}. Nothing was imported. Save plain numbers: float16, float32 or float64 for activations and logits, ` +
        'uint8 for images.',
    );
  const width = storedBytes[dtype];
  const bytes = bytesOfShape(file, shape, width);
  const expected = dataOffset + bytes;
  if (size < expected)
    throw malformed(
      file,
      `it ends at byte ${size}, and its shape (${shape.join(', ')}) of ${dtype} needs ${expected} bytes`,
      DAMAGED,
    );
  if (size > expected)
    throw malformed(
      file,
      `${size - expected} bytes follow the array's end at byte ${expected}`,
      'The file holds more than one array or is damaged; save one array a file.',
    );
  const strides = fortranOrder ? columnOrder(shape) : rowOrder(shape);
  return {
    name,
    dtype,
    stored: dtype,
    shape,
    problem: null,
    ...(order !== '>' && isRowOrder(shape, strides) ? { place: dataOffset } : {}),
    chunks: async function* (rowsPerChunk) {
      const values = { source, start: dataOffset, shape, strides, width };
      for await (const chunk of stridedRows(values, rowsPerChunk)) {
        if (order === '>') swapBytes(chunk.bytes, width);
        yield chunk;
      }
    },
  };
}

/** NumPy arrays. */
export const npyReader = defineReader({
  access: 'in-order',
  id: 'npy',
  sniff: looksLikeNpy,
  named: /\.npy$/i,
  open: async (source) => {
    const entry = await npyEntry(source, null);
    return { entries: [entry], table: null, findings: await findingsOfObjects(source, entry) };
  },
});
