/** A value of Thrift's compact protocol; a struct is its fields by their numbers. */
type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, STRUCT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12,
];
const MOST_DEPTH = 16;
/** Fields of a struct in Parquet are numbered below this. */
const MOST_FIELD = 100;
/** Values of one struct with all that it holds: as many as 150,000 column chunks have. */
const MOST_VALUES = 4_000_000;

/** What is wrong with a Parquet file, in words that follow its name; the reader makes a refusal of it. */
export class ParquetFault extends Error {}

/**
 * Reads one struct of Thrift's compact protocol (Thrift, doc/specs/thrift-compact-protocol.md) that begins at `offset`.
 * Everything it makes is smaller than a fixed multiple of the bytes it has read.
 * @returns the struct and the offset after it
 * @throws ParquetFault
 */
export function readStruct(bytes: Uint8Array, offset: number): { struct: ThriftStruct; end: number } {
  let at = offset;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

  const byte = (): number => {
    const value = bytes[at];
    if (value === undefined) throw new ParquetFault('its metadata breaks off');
    at += 1;
    return value;
  };
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      // Statistics are bytes, not numbers, so that nothing Parquet counts comes near.
      if (value > Number.MAX_SAFE_INTEGER) throw new ParquetFault('its metadata holds a number beyond 2^53');
      if (next < 128) return value;
    }
  };
  const signed = (): number => {
    const value = varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  const taken = (length: number): number => {
    if (length > bytes.length - at) throw new ParquetFault('its metadata breaks off');
    at += length;
    return at - length;
  };
  let values = 0;
  const value = (type: number, depth: number): ThriftValue => {
    values += 1;
    if (values > MOST_VALUES) throw new ParquetFault(`its metadata holds more than ${MOST_VALUES} values`);
    switch (type) {
      case TRUE:
        return true;
      case FALSE:
        return false;
      case BYTE:
        return view.getInt8(taken(1));
      case I16:
      case I32:
      case I64:
        return signed();
      case DOUBLE:
        return view.getFloat64(taken(8), true);
      case BINARY: {
        const length = varint();
        const from = taken(length);
        return bytes.subarray(from, from + length);
      }
      case LIST:
      case SET: {
        const head = byte();
        const size = head >> 4 === 15 ? varint() : head >> 4;
        // Every element takes a byte at least.
        if (size > bytes.length - at)
          throw new ParquetFault(`its metadata claims a list of ${size} elements`);
        const list: ThriftValue[] = [];
        const of = head & 15;
        for (let k = 0; k < size; k += 1)
          list.push(of === TRUE || of === FALSE ? byte() === TRUE : value(of, depth + 1));
        return list;
      }
      case STRUCT:
        return struct(depth + 1);
      default:
        throw new ParquetFault(`its metadata holds a value of the unknown type ${type}`);
    }
  };
  const struct = (depth: number): ThriftStruct => {
    if (depth > MOST_DEPTH) throw new ParquetFault(`its metadata is nested deeper than ${MOST_DEPTH}`);
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ;) {
      const head = byte();
      if ((head & 15) === STOP) return fields;
      id = head >> 4 === 0 ? signed() : id + (head >> 4);
      if (id < 0 || id > MOST_FIELD) throw new ParquetFault(`its metadata holds a field ${id}`);
      fields.set(id, value(head & 15, depth));
    }
  };
  const read = struct(0);
  return { struct: read, end: at };
}

const wrong = (field: number): ParquetFault =>
  new ParquetFault(`its metadata holds no readable value in field ${field}`);

/** A field as a whole number; undefined where there is none. @throws ParquetFault */
export function numberIn(struct: ThriftStruct, field: number): number | undefined {
  const value = struct.get(field);
  if (value === undefined || typeof value === 'number') return value;
  throw wrong(field);
}

export function countIn(struct: ThriftStruct, field: number): number {
  const value = numberIn(struct, field);
  if (value === undefined || value < 0) throw wrong(field);
  return value;
}

export function structIn(struct: ThriftStruct, field: number): ThriftStruct | undefined {
  const value = struct.get(field);
  if (value === undefined || value instanceof Map) return value as ThriftStruct | undefined;
  throw wrong(field);
}

export function structsIn(struct: ThriftStruct, field: number): readonly ThriftStruct[] {
  const value = struct.get(field);
  if (!Array.isArray(value)) throw wrong(field);
  return (value as readonly ThriftValue[]).map((one) => {
    if (one instanceof Map) return one as ThriftStruct;
    throw wrong(field);
  });
}

const utf8 = new TextDecoder();

export function textIn(struct: ThriftStruct, field: number): string | undefined {
  const value = struct.get(field);
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return utf8.decode(value);
  throw wrong(field);
}

export function textsIn(struct: ThriftStruct, field: number): readonly string[] {
  const value = struct.get(field);
  if (!Array.isArray(value)) throw wrong(field);
  return (value as readonly ThriftValue[]).map((one) => {
    if (one instanceof Uint8Array) return utf8.decode(one);
    throw wrong(field);
  });
}
