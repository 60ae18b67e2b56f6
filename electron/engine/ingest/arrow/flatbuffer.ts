/** What is wrong with an Arrow file, in words that follow its name; the reader makes a refusal of it. */
export class ArrowFault extends Error {}

const broken = (): ArrowFault => new ArrowFault('its metadata breaks off or points outside itself');

/** A table of FlatBuffers; fields are numbered as in Arrow's Schema.fbs and Message.fbs. */
export interface FlatTable {
  /** Where the value of a field lies; null where it is left out. */
  place(field: number): number | null;
  int8(field: number, otherwise: number): number;
  int16(field: number, otherwise: number): number;
  int32(field: number, otherwise: number): number;
  /** A 64-bit count. @throws ArrowFault where it is negative or beyond 2^53 */
  count(field: number): number;
  text(field: number): string | null;
  table(field: number): FlatTable | null;
  tables(field: number): FlatTable[];
  /** Structs of `width` bytes: where each begins. */
  structs(field: number, width: number): number[];
}

/** Metadata with bounds checked at each step. */
export interface FlatBuffer {
  readonly view: DataView;
  root(): FlatTable;
  countAt(at: number): number;
}

const utf8 = new TextDecoder();
/** Tables that one buffer may hold: beyond the columns that are read, with all they are made of. */
const MOST_TABLES = 50_000;
const MOST_NAME = 4096;

export function flatBuffer(bytes: Uint8Array): FlatBuffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let tables = 0;
  const within = (at: number, length: number): number => {
    if (at < 0 || length > bytes.length - at) throw broken();
    return at;
  };
  const indirect = (at: number): number => {
    const to = at + view.getUint32(within(at, 4), true);
    return within(to, 4);
  };
  const countAt = (at: number): number => {
    const value = view.getBigInt64(within(at, 8), true);
    if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
      throw new ArrowFault(`its metadata holds the count ${value}`);
    return Number(value);
  };
  /** The first element and the number of elements of a vector. */
  const vector = (at: number, width: number): { first: number; length: number } => {
    const start = indirect(at);
    const length = view.getUint32(start, true);
    within(start + 4, length * width);
    return { first: start + 4, length };
  };
  const tableAt = (at: number): FlatTable => {
    tables += 1;
    if (tables > MOST_TABLES) throw new ArrowFault(`its metadata holds more than ${MOST_TABLES} parts`);
    const fields = at - view.getInt32(within(at, 4), true);
    const length = view.getUint16(within(fields, 4), true);
    within(fields, length);
    const place = (field: number): number | null => {
      const entry = 4 + field * 2;
      if (entry + 2 > length) return null;
      const offset = view.getUint16(fields + entry, true);
      return offset === 0 ? null : within(at + offset, 1);
    };
    const read = (field: number, otherwise: number, width: number, get: (at: number) => number): number => {
      const where = place(field);
      return where === null ? otherwise : get(within(where, width));
    };
    return {
      place,
      int8: (field, otherwise) => read(field, otherwise, 1, (where) => view.getUint8(where)),
      int16: (field, otherwise) => read(field, otherwise, 2, (where) => view.getInt16(where, true)),
      int32: (field, otherwise) => read(field, otherwise, 4, (where) => view.getInt32(where, true)),
      count: (field) => read(field, 0, 8, countAt),
      text: (field) => {
        const where = place(field);
        if (where === null) return null;
        const { first, length: size } = vector(where, 1);
        if (size > MOST_NAME) throw new ArrowFault(`its metadata holds a name of ${size} bytes`);
        return utf8.decode(bytes.subarray(first, first + size));
      },
      table: (field) => {
        const where = place(field);
        return where === null ? null : tableAt(indirect(where));
      },
      tables: (field) => {
        const where = place(field);
        if (where === null) return [];
        const { first, length: size } = vector(where, 4);
        return Array.from({ length: size }, (_, k) => tableAt(indirect(first + k * 4)));
      },
      structs: (field, width) => {
        const where = place(field);
        if (where === null) return [];
        const { first, length: size } = vector(where, width);
        return Array.from({ length: size }, (_, k) => first + k * width);
      },
    };
  };
  return { view, countAt, root: () => tableAt(indirect(0)) };
}
