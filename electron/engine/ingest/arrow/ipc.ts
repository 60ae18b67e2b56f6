import type { FileSource } from '../byte-source.ts';
import { passOver, readField, type Buffers, type TakeLeaf, type Values, type Words } from './batch.ts';
import { ArrowFault, flatBuffer, type FlatBuffer, type FlatTable } from './flatbuffer.ts';
import { fieldsOf, type ArrowField } from './schema.ts';
import { unpackBuffer } from './unpack-buffer.ts';

const MAGIC = 'ARROW1';
const CONTINUES = 0xffffffff;
const MOST_METADATA_BYTES = 16 * 1024 * 1024;
/** More rows than any case keeps. */
const MOST_ROWS = 100_000_000;
const MOST_BLOCKS = 1_000_000;
const [SCHEMA, DICTIONARY, RECORDS] = [1, 2, 3];

/** Where a message lies. */
interface Place {
  readonly offset: number;
  readonly size: number;
}

interface Message {
  readonly kind: number;
  readonly header: FlatTable;
  readonly flat: FlatBuffer;
  readonly body: Place;
  /** Of the next message. */
  readonly end: number;
}

/** What an Arrow file holds, its columns and where its record batches lie. */
export interface ArrowFile {
  readonly fields: readonly ArrowField[];
  /** 'file' with a footer, as Feather is too; 'stream' without one. */
  readonly form: 'file' | 'stream';
  readonly rows: number;
  /**
   * Reads each record batch in order.
   * @param wanted whether the fields of that name at the root are read
   * @throws ArrowFault
   */
  batches(
    wanted: (name: string) => boolean,
  ): Generator<{ rows: number; leaves: { path: readonly string[]; values: Values }[] }>;
}

export const hasMagic = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, 6)).toString('latin1') === MAGIC;

/** The message at a place, or null where the stream ends. */
function messageAt(source: FileSource, offset: number, end: number): Message | null {
  const head = source.readNow(offset, Math.min(8, end - offset));
  if (head.length === 0) return null;
  if (head.length < 4) throw new ArrowFault('it breaks off within a message');
  const view = new DataView(head.buffer);
  // Files from before 2019 have the length alone.
  const continued = view.getUint32(0, true) === CONTINUES;
  if (continued && head.length < 8) throw new ArrowFault('it breaks off within a message');
  const length = view.getUint32(continued ? 4 : 0, true);
  if (length === 0) return null;
  const start = offset + (continued ? 8 : 4);
  if (length > MOST_METADATA_BYTES || length > end - start)
    throw new ArrowFault(`a message claims ${length} bytes of metadata`);
  const flat = flatBuffer(source.readNow(start, length));
  const message = flat.root();
  const header = message.table(2);
  const size = message.count(3);
  if (header === null) throw new ArrowFault('a message is empty');
  if (size > end - start - length) throw new ArrowFault(`a message claims ${size} bytes that are not there`);
  const body = { offset: start + length, size };
  return { kind: message.int8(1, 0), header, flat, body, end: body.offset + size };
}

/** The footer's schema and blocks of a file, checked against the bytes there are. */
function footerOf(source: FileSource): {
  schema: FlatTable;
  dictionaries: Place[];
  records: Place[];
  end: number;
} {
  const tail = source.readNow(Math.max(0, source.bytes - 10), 10);
  if (Buffer.from(tail.subarray(4)).toString('latin1') !== MAGIC)
    throw new ArrowFault('it does not end as an Arrow file does, so it is cut off');
  const length = new DataView(tail.buffer).getUint32(0, true);
  const end = source.bytes - 10 - length;
  if (length > MOST_METADATA_BYTES || end < 8) throw new ArrowFault(`its footer claims ${length} bytes`);
  const flat = flatBuffer(source.readNow(end, length));
  const footer = flat.root();
  const schema = footer.table(1);
  if (schema === null) throw new ArrowFault('it has no schema');
  const blocks = (field: number): Place[] => {
    const places = footer.structs(field, 24);
    if (places.length > MOST_BLOCKS) throw new ArrowFault(`it claims ${places.length} batches`);
    return places.map((at) => {
      const offset = flat.countAt(at);
      const size = flat.view.getInt32(at + 8, true) + flat.countAt(at + 16);
      if (size < 0 || offset + size > end) throw new ArrowFault('a batch lies outside the file');
      return { offset, size };
    });
  };
  return { schema, dictionaries: blocks(2), records: blocks(3), end };
}

/** Opens an Arrow file or stream. @throws ArrowFault */
export function openArrow(source: FileSource): ArrowFile {
  if (hasMagic(source.readNow(0, 6))) {
    const { schema, dictionaries, records, end } = footerOf(source);
    const places = [...dictionaries, ...records].map(({ offset }) => offset);
    return arrowFile(source, 'file', fieldsOf(schema), places, end);
  }
  const first = messageAt(source, 0, source.bytes);
  if (first?.kind !== SCHEMA) throw new ArrowFault('it does not begin with a schema');
  const places: number[] = [];
  for (let at = first.end; ;) {
    const message = messageAt(source, at, source.bytes);
    if (message === null) break;
    if (places.push(at) > MOST_BLOCKS) throw new ArrowFault(`it has more than ${MOST_BLOCKS} batches`);
    at = message.end;
  }
  return arrowFile(source, 'stream', fieldsOf(first.header), places, source.bytes);
}

function arrowFile(
  source: FileSource,
  form: ArrowFile['form'],
  fields: readonly ArrowField[],
  places: readonly number[],
  end: number,
): ArrowFile {
  const messages = function* (): Generator<Message> {
    for (const place of places) {
      const message = messageAt(source, place, end);
      if (message === null) throw new ArrowFault('a batch is empty');
      yield message;
    }
  };
  let rows = 0;
  for (const { kind, header } of messages()) if (kind === RECORDS) rows += header.count(0);
  if (rows > MOST_ROWS) throw new ArrowFault(`it claims ${rows} rows, and at most ${MOST_ROWS} are read`);
  return {
    fields,
    form,
    rows,
    batches: function* (wanted) {
      const words = new Map<number, { length: number; at: Values }>();
      for (const message of messages()) {
        if (message.kind === DICTIONARY) addWords(source, fields, message, words);
        else if (message.kind === RECORDS) {
          const leaves: { path: readonly string[]; values: Values }[] = [];
          const take: TakeLeaf = (path, values) => leaves.push({ path, values });
          const count = readBatch(source, message, message.header, fields, wanted, words, take);
          yield { rows: count, leaves };
        }
      }
    },
  };
}

function readBatch(
  source: FileSource,
  { flat, body }: Message,
  batch: FlatTable,
  fields: readonly ArrowField[],
  wanted: (name: string) => boolean,
  words: Words,
  take: TakeLeaf,
): number {
  const rows = batch.count(0);
  const buffers = buffersOf(source, flat, body, batch, rows);
  for (const field of fields)
    if (wanted(field.name)) readField(field, buffers, words, [], rows, take);
    else passOver(field, buffers);
  return rows;
}

function buffersOf(
  source: FileSource,
  flat: FlatBuffer,
  body: Place,
  batch: FlatTable,
  rows: number,
): Buffers {
  const nodes = batch.structs(1, 16);
  const places = batch.structs(2, 16);
  const compression = batch.table(3);
  const codec = compression === null ? null : compression.int8(0, 0);
  const variadic = batch.structs(4, 8);
  const next = { node: 0, place: 0, variadic: 0 };
  const place = (): Place => {
    const at = places[next.place];
    if (at === undefined) throw new ArrowFault('a batch has fewer buffers than its columns need');
    next.place += 1;
    const [offset, size] = [flat.countAt(at), flat.countAt(at + 8)];
    if (offset + size > body.size) throw new ArrowFault('a buffer lies outside its batch');
    return { offset: body.offset + offset, size };
  };
  return {
    node: () => {
      const at = nodes[next.node];
      if (at === undefined) throw new ArrowFault('a batch has fewer columns than its schema');
      next.node += 1;
      const length = flat.countAt(at);
      if (length > MOST_ROWS * 100)
        throw new ArrowFault(`a column claims ${length} values in a batch of ${rows} rows`);
      return { rows: length, missing: Number(flat.view.getBigInt64(at + 8, true)) };
    },
    take: (atLeast) => {
      const { offset, size } = place();
      const bytes = unpackBuffer(codec, source.readNow(offset, size));
      if (bytes.length < atLeast)
        throw new ArrowFault(`a buffer has ${bytes.length} bytes where ${atLeast} are due`);
      return bytes;
    },
    skip: () => {
      place();
    },
    variadic: () => {
      const at = variadic[next.variadic];
      if (at === undefined) throw new ArrowFault('a column of views does not say how many buffers it has');
      next.variadic += 1;
      const count = flat.countAt(at);
      if (count > places.length) throw new ArrowFault('a batch has fewer buffers than its columns need');
      return count;
    },
  };
}

/** The field that a dictionary belongs to, at any depth. */
function fieldOf(fields: readonly ArrowField[], id: number): ArrowField | null {
  for (const field of fields) {
    if (field.dictionary?.id === id) return field;
    const within = fieldOf(field.children, id);
    if (within !== null) return within;
  }
  return null;
}

function addWords(
  source: FileSource,
  fields: readonly ArrowField[],
  message: Message,
  words: Map<number, { length: number; at: Values }>,
): void {
  const id = message.header.count(0);
  const batch = message.header.table(1);
  const field = fieldOf(fields, id);
  if (batch === null || field === null) throw new ArrowFault(`a dictionary ${id} belongs to no column`);
  let made: Values = () => null;
  const of = { ...field, dictionary: null };
  const length = readBatch(
    source,
    message,
    batch,
    [of],
    () => true,
    words,
    (_path, values) => {
      made = values;
    },
  );
  const before = words.get(id);
  if (message.header.int8(2, 0) === 0 || before === undefined) {
    words.set(id, { length, at: made });
    return;
  }
  const added = made;
  words.set(id, {
    length: before.length + length,
    at: (at) => (at < before.length ? before.at(at) : added(at - before.length)),
  });
}
