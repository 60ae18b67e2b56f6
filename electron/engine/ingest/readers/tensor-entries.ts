import type { StoredDtype } from '../../../contract/evidence.ts';
import { BezoarError } from '../../../contract/errors.ts';
import { bytesAsSource, type ByteSource, type FileSource } from '../byte-source.ts';
import { knownGlobals } from '../pickle/known-globals.ts';
import {
  globalPath,
  isNode,
  itemsOf,
  wholeNumbers,
  type Call,
  type PickleValue,
} from '../pickle/pickle-value.ts';
import type { ArrayEntry } from '../reader.ts';
import { storedBytes, swapBytes } from '../stored-values.ts';
import { bytesOfShape, npyDtype, shapeProblem, unreadableEntry } from './npy.ts';
import { columnOrder, rowOrder, stridedRows, type StridedValues } from './strided-rows.ts';

/** Values in a row that tensors are views of. */
export interface Storage {
  readonly source: ByteSource;
  /** Byte where the first value stands. */
  readonly start: number;
  /** Bytes that are there. */
  readonly bytes: number;
  readonly bigEndian: boolean;
  /** Holds what was read against a checksum, where there is one. */
  verify?(): Promise<void>;
}

/** Finds a storage by what the pickle says of it: its key, and the bytes that its values take. */
export type FindStorage = (key: string, bytes: number) => Storage | string;

const MOST_ENTRIES = 10_000;
const MOST_DEPTH = 64;

const torchDtypes: Readonly<Record<string, StoredDtype>> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
};

const torchNames: Readonly<Record<string, StoredDtype>> = {
  float32: 'float32',
  float: 'float32',
  float64: 'float64',
  double: 'float64',
  float16: 'float16',
  half: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
};

/** A tensor or array that was understood, or why not. */
type Understood =
  | { readonly values: StridedValues; readonly dtype: StoredDtype; readonly storage: Storage }
  | { readonly stored: string; readonly shape: readonly number[]; readonly problem: string };

const not = (problem: string, stored = 'not read', shape: readonly number[] = []): Understood => ({
  stored,
  shape,
  problem,
});

/** Path of the first name that a value rests on and that is not among the known, or null. */
function unknownName(value: PickleValue | undefined): string | null {
  const seen = new Set<object>();
  const pending: (PickleValue | undefined)[] = [value];
  while (pending.length > 0) {
    const one = pending.pop();
    if (!isNode(one) || seen.has(one)) continue;
    seen.add(one);
    switch (one.kind) {
      case 'global':
        if (!knownGlobals.has(one.path)) return one.path;
        break;
      case 'extension':
        return `extension ${one.code}`;
      case 'tuple':
      case 'list':
      case 'set':
        for (const item of one.items) pending.push(item);
        break;
      case 'dict':
        for (const pair of one.pairs) pending.push(...pair);
        break;
      case 'call':
        pending.push(one.callee, one.args, one.state);
        for (const item of one.items) pending.push(item);
        for (const pair of one.pairs) pending.push(...pair);
        break;
      case 'persistent':
        pending.push(one.id);
        break;
      case 'bytes':
        break;
    }
  }
  return null;
}

const isNumpy = (path: string | null, function_: string): boolean =>
  path === `numpy.core.${function_}` || path === `numpy._core.${function_}`;

/** Whether a call gives a tensor or an array, readable or not. */
function isArray({ callee, args }: Call): boolean {
  const path = globalPath(callee);
  if (path === null) return false;
  return (
    path.startsWith('torch._utils._rebuild_') ||
    path === 'torch._tensor._rebuild_from_type_v2' ||
    (isNumpy(path, 'multiarray._reconstruct') && globalPath(itemsOf(args)?.[0]) === 'numpy.ndarray') ||
    isNumpy(path, 'numeric._frombuffer')
  );
}

/**
 * The tensors and arrays of a pickle's value, named by the keys on the way to them. A tensor that rests on any name
 * that is not known is listed and not read.
 *
 * @param pickle the file that the pickle stands in, for bytes that it holds itself
 */
export function tensorEntries(pickle: FileSource, value: PickleValue, find: FindStorage): ArrayEntry[] {
  const file = pickle.name;
  const entries: ArrayEntry[] = [];
  const names = new Set<string>();
  const seen = new Set<object>();
  const add = (path: string, call: Call): void => {
    let name = path;
    for (let more = 2; names.has(name); more += 1) name = `${path} (${more})`;
    names.add(name);
    const unknown = unknownName(call);
    const understood =
      unknown === null
        ? understand(pickle, call, find)
        : not(`it rests on ${unknown}, which Bezoar does not know to be harmless`);
    entries.push(asEntry(file, name === '' ? null : name, understood));
  };
  const walk = (one: PickleValue, path: string, depth: number): void => {
    if (!isNode(one) || depth > MOST_DEPTH || entries.length >= MOST_ENTRIES) return;
    if (one.kind === 'call' && isArray(one)) {
      add(path, one);
      return;
    }
    if (seen.has(one)) return;
    seen.add(one);
    const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
    if (one.kind === 'tuple' || one.kind === 'list')
      one.items.forEach((item, index) => {
        walk(item, below(String(index)), depth + 1);
      });
    else if (
      one.kind === 'dict' ||
      (one.kind === 'call' && globalPath(one.callee) === 'collections.OrderedDict')
    )
      for (const [key, item] of one.pairs)
        if (typeof key === 'string' || typeof key === 'number') walk(item, below(String(key)), depth + 1);
  };
  walk(value, '', 0);
  return entries;
}

function asEntry(file: string, name: string | null, understood: Understood): ArrayEntry {
  const place = name === null ? file : `${file}: ${name}`;
  if ('problem' in understood)
    return unreadableEntry(
      name,
      understood.stored,
      understood.shape,
      `${place} cannot be read: ${understood.problem}. Nothing was imported of it.`,
    );
  const { values, dtype, storage } = understood;
  return {
    name,
    dtype,
    stored: dtype,
    shape: values.shape,
    problem: null,
    chunks: async function* (rowsPerChunk) {
      for await (const chunk of stridedRows(values, rowsPerChunk)) {
        if (storage.bigEndian) swapBytes(chunk.bytes, values.width);
        yield chunk;
      }
      await storage.verify?.();
    },
  };
}

function understand(pickle: FileSource, call: Call, find: FindStorage): Understood {
  const path = globalPath(call.callee);
  const args = itemsOf(call.args) ?? [];
  if (path === 'torch._utils._rebuild_tensor' || path === 'torch._utils._rebuild_tensor_v2')
    return tensor(pickle.name, args, null, find);
  if (path === 'torch._utils._rebuild_tensor_v3') return tensor(pickle.name, args, globalPath(args[6]), find);
  if (path?.startsWith('torch._utils._rebuild_parameter') === true) {
    const [data] = args;
    return isNode(data) && data.kind === 'call'
      ? understand(pickle, data, find)
      : not('its parameter holds no tensor');
  }
  if (path === 'torch._tensor._rebuild_from_type_v2') {
    const [callee, , inner] = args;
    if (callee === undefined || inner === undefined || globalPath(callee) === path)
      return not('its type is not that of a plain tensor');
    return understand(pickle, { ...call, callee, args: inner }, find);
  }
  if (isNumpy(path, 'multiarray._reconstruct')) return numpyArray(pickle, call);
  if (isNumpy(path, 'numeric._frombuffer')) return numpyBuffer(pickle, args);
  return not(`it is made by ${path ?? 'no function'}, and only dense tensors are read`);
}

/** `(storage, offset, size, stride, ...)`, all counted in values. */
function tensor(
  file: string,
  args: readonly PickleValue[],
  dtypePath: string | null,
  find: FindStorage,
): Understood {
  const [reference, offset] = args;
  const shape = wholeNumbers(args[2]);
  const strides = wholeNumbers(args[3]);
  const id = isNode(reference) && reference.kind === 'persistent' ? itemsOf(reference.id) : null;
  const [tag, type, key, , numbers] = id ?? [];
  const count = typeof numbers === 'number' && Number.isSafeInteger(numbers) && numbers >= 0 ? numbers : null;
  const start = typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0 ? offset : null;
  if (tag !== 'storage' || (typeof key !== 'string' && typeof key !== 'number') || count === null)
    return not('what it says of its storage cannot be understood');
  if (shape === null || strides?.length !== shape.length || start === null)
    return not('its shape, its strides or its offset cannot be understood');
  const storageName =
    /^torch\.(?:cuda\.)?(\w+)Storage$/.exec(globalPath(type) ?? '')?.[1] ?? globalPath(type) ?? '';
  const dtypeName = dtypePath === null ? storageName : (dtypePath.split('.').at(1) ?? '');
  const dtype = (dtypePath === null ? torchDtypes[storageName] : torchNames[dtypeName]) ?? null;
  if (dtype === null) return not(`its values are of type ${dtypeName}`, dtypeName, shape);
  const width = storedBytes[dtype];
  const problem = shapeProblem(shape);
  if (problem !== null) return not(problem, dtype, shape);
  try {
    bytesOfShape(file, shape, width);
  } catch {
    return not(`its shape (${shape.join(', ')}) is larger than any file`, dtype, shape);
  }
  // Of an untyped storage the numbers are bytes.
  const values = Math.floor(dtypePath === null ? count : count / width);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * (strides[axis] ?? 0), start);
  if (!(last < values)) return not(`it reaches to value ${last} of a storage of ${values}`, dtype, shape);
  if (shape.reduce((product, length) => product * length, 1) > values)
    return not('its rows lie over each other (an expanded tensor)', dtype, shape);
  const storage = find(String(key), values * width);
  if (typeof storage === 'string') return not(storage, dtype, shape);
  if (storage.bytes < values * width)
    return not(`its storage ${key} has ${storage.bytes} bytes in place of ${values * width}`, dtype, shape);
  return {
    dtype,
    storage,
    values: { source: storage.source, start: storage.start + start * width, shape, strides, width },
  };
}

/** A dtype as NumPy pickles it: `dtype('f4', ...)` with a state whose second item is the byte order. */
function numpyDtype(value: PickleValue | undefined): { dtype: StoredDtype; bigEndian: boolean } | string {
  if (!isNode(value) || value.kind !== 'call' || globalPath(value.callee) !== 'numpy.dtype')
    return 'its dtype cannot be understood';
  const code = itemsOf(value.args)?.[0];
  const order = itemsOf(value.state)?.[1] ?? '=';
  if (typeof order !== 'string' || !['<', '>', '=', '|'].includes(order))
    return 'the byte order of its dtype cannot be understood';
  const dtype = typeof code === 'string' ? npyDtype(code) : null;
  if (dtype === null)
    return `its dtype is ${typeof code === 'string' ? JSON.stringify(code) : 'not a plain one'}`;
  return { dtype, bigEndian: order === '>' };
}

/** `_reconstruct(ndarray, ...)` with the state `(version, shape, dtype, fortran, bytes)`. */
function numpyArray(pickle: FileSource, { state }: Call): Understood {
  const parts = itemsOf(state);
  const shape = wholeNumbers(parts?.[1]);
  const fortran = parts?.[3];
  if (parts?.length !== 5 || shape === null || typeof fortran !== 'boolean')
    return not('the state of its array cannot be understood');
  return numpyValues(pickle, shape, parts[2], fortran, parts[4]);
}

/** `_frombuffer(bytes, dtype, shape, order)`. */
function numpyBuffer(pickle: FileSource, [bytes, dtype, size, order]: readonly PickleValue[]): Understood {
  const shape = wholeNumbers(size);
  if (shape === null || (order !== 'C' && order !== 'F'))
    return not('the shape or the order of its array cannot be understood');
  return numpyValues(pickle, shape, dtype, order === 'F', bytes);
}

function numpyValues(
  pickle: FileSource,
  shape: readonly number[],
  dtypeValue: PickleValue | undefined,
  fortran: boolean,
  bytesValue: PickleValue | undefined,
): Understood {
  const told = numpyDtype(dtypeValue);
  if (typeof told === 'string') return not(told, 'not read', shape);
  const { dtype, bigEndian } = told;
  const problem = shapeProblem(shape);
  if (problem !== null) return not(problem, dtype, shape);
  const width = storedBytes[dtype];
  const place = bytesIn(pickle, bytesValue);
  if (place === null) return not('its values cannot be found', dtype, shape);
  let bytes: number;
  try {
    bytes = bytesOfShape(pickle.name, shape, width);
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    return not(`its shape (${shape.join(', ')}) is larger than any file`, dtype, shape);
  }
  if (place.bytes !== bytes)
    return not(
      `its shape (${shape.join(', ')}) needs ${bytes} bytes, and it has ${place.bytes}`,
      dtype,
      shape,
    );
  const strides = fortran ? columnOrder(shape) : rowOrder(shape);
  return {
    dtype,
    storage: { ...place, bigEndian },
    values: { source: place.source, start: place.start, shape, strides, width },
  };
}

/** Bytes in a pickle: as such, or as the text that protocol 2 writes them as. */
function bytesIn(
  pickle: FileSource,
  value: PickleValue | undefined,
): { source: ByteSource; start: number; bytes: number } | null {
  const latin = (text: string) => {
    if (/[^\0-\xff]/.test(text)) return null;
    const bytes = Buffer.from(text, 'latin1');
    return { source: bytesAsSource(pickle.name, bytes), start: 0, bytes: bytes.length };
  };
  if (typeof value === 'string') return latin(value);
  if (!isNode(value)) return null;
  if (value.kind === 'bytes') return { source: pickle, start: value.start, bytes: value.length };
  if (value.kind !== 'call' || globalPath(value.callee) !== '_codecs.encode') return null;
  const [text, encoding] = itemsOf(value.args) ?? [];
  return typeof text === 'string' && (encoding === 'latin1' || encoding === 'latin-1') ? latin(text) : null;
}
