import type { StoredDtype } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { FileSource } from '../byte-source.ts';
import { defineReader, type ArrayEntry } from '../reader.ts';
import { parseStrictJson, type StrictJson } from '../strict-json.ts';
import { storedBytes } from '../stored-values.ts';
import { bytesOfShape, shapeProblem, unreadableEntry } from './npy.ts';
import { rowOrder, stridedRows } from './strided-rows.ts';

const MOST_HEADER_BYTES = 100_000_000;
const MOST_TENSORS = 10_000;
const MOST_AXES = 32;

const dtypes: ReadonlyMap<string, StoredDtype> = new Map([
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['I8', 'int8'],
  ['I16', 'int16'],
  ['I32', 'int32'],
  ['I64', 'int64'],
  ['U8', 'uint8'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
  ['BOOL', 'bool'],
]);

const DAMAGED = 'The file was cut off or is damaged; save it again.';
const malformed = (name: string, what: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${DAMAGED}`);

interface Tensor {
  readonly name: string;
  readonly stored: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const isCount = (value: StrictJson | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function readTensor(file: string, name: string, value: StrictJson): Tensor {
  const wrong = (what: string): BezoarError => malformed(file, `its tensor ${JSON.stringify(name)} ${what}`);
  if (!(value instanceof Map)) throw wrong('is not described');
  const stored: unknown = value.get('dtype');
  const shape: unknown = value.get('shape');
  const offsets: unknown = value.get('data_offsets');
  if (typeof stored !== 'string' || value.size !== 3)
    throw wrong('has no dtype, or more than its three properties');
  if (!Array.isArray(shape) || shape.length > MOST_AXES || !shape.every(isCount))
    throw wrong('has a shape that is none');
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    throw wrong('has offsets that are none');
  const [begin = 0, end = 0] = offsets;
  if (begin > end) throw wrong(`ends at ${end}, before it begins at ${begin}`);
  return { name, stored, shape, begin, end };
}

/** The tensors as the header describes them, which must cover all bytes behind it, each once. */
function readHeader(source: FileSource): { tensors: Tensor[]; data: number } {
  const { name, bytes } = source;
  const first = source.readNow(0, 8);
  if (first.length < 8) throw malformed(name, `it ends at byte ${bytes}, within the length of its header`);
  const length = new DataView(first.buffer).getBigUint64(0, true);
  if (length > BigInt(MOST_HEADER_BYTES))
    throw new BezoarError(
      'evidence/too-large',
      `${name}: its header claims ${length} bytes, and ${MOST_HEADER_BYTES} are the most that the format allows. Nothing was imported. ${DAMAGED}`,
    );
  const data = 8 + Number(length);
  if (data > bytes) throw malformed(name, `it ends at byte ${bytes}, within its header of ${data} bytes`);
  let header: StrictJson;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      source.readNow(8, Number(length)),
    );
    if (!text.startsWith('{')) throw new Error('it does not begin with {');
    header = parseStrictJson(text);
  } catch (error) {
    throw malformed(
      name,
      `its header cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const described = [...(header as ReadonlyMap<string, StrictJson>)].filter(
    ([key]) => key !== '__metadata__',
  );
  if (described.length > MOST_TENSORS)
    throw new BezoarError(
      'evidence/too-large',
      `${name} holds ${described.length} tensors, and ${MOST_TENSORS} are the most that Bezoar lists. Nothing was imported. ` +
        'Save the tensors that matter on their own.',
    );
  const tensors = described.map(([key, value]) => readTensor(name, key, value));
  let reached = 0;
  for (const tensor of [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const shown = JSON.stringify(tensor.name);
    if (tensor.begin < reached)
      throw malformed(name, `its tensor ${shown} begins at byte ${data + tensor.begin}, within another`);
    if (tensor.begin > reached)
      throw malformed(
        name,
        `${tensor.begin - reached} bytes before its tensor ${shown}, at byte ${data + reached}, belong to none`,
      );
    reached = tensor.end;
  }
  if (data + reached !== bytes)
    throw malformed(name, `its tensors end at byte ${data + reached} and the file at byte ${bytes}`);
  return { tensors, data };
}

function entryOf(source: FileSource, { name, stored, shape, begin, end }: Tensor, data: number): ArrayEntry {
  const place = `${source.name}: ${name}`;
  const dtype = dtypes.get(stored);
  const problem = dtype === undefined ? `its dtype is ${stored}, which is not read` : shapeProblem(shape);
  if (dtype === undefined || problem !== null)
    return unreadableEntry(
      name,
      dtype ?? stored,
      shape,
      `${place}: ${problem ?? ''}. Nothing was imported of it.`,
    );
  const width = storedBytes[dtype];
  const bytes = bytesOfShape(place, shape, width);
  if (bytes !== end - begin)
    throw malformed(
      source.name,
      `its tensor ${JSON.stringify(name)} of shape (${shape.join(', ')}) needs ${bytes} bytes and has ${end - begin}`,
    );
  const values = {
    source: { ...source, name: place },
    start: data + begin,
    shape,
    strides: rowOrder(shape),
    width,
  };
  return {
    name,
    dtype,
    stored: dtype,
    shape,
    problem: null,
    place: data + begin,
    chunks: (rows) => stridedRows(values, rows),
  };
}

/** Tensors of the safetensors format: a JSON header that names them, then their bytes without a gap. */
export const safetensorsReader = defineReader({
  access: 'anywhere',
  id: 'safetensors',
  sniff: (head) => {
    if (head.length < 10) return false;
    const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
    return (
      length >= 2n &&
      length <= BigInt(MOST_HEADER_BYTES) &&
      head[8] === 0x7b &&
      (head[9] === 0x22 || head[9] === 0x7d)
    );
  },
  named: /\.safetensors$/i,
  open: (source) =>
    Promise.resolve().then(() => {
      const { tensors, data } = readHeader(source);
      return { entries: tensors.map((tensor) => entryOf(source, tensor, data)), table: null, findings: [] };
    }),
});
