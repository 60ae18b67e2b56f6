import type { Cell } from '../reader.ts';
import { halfNumber } from '../half-number.ts';
import { dateText, timestampText, timeText } from '../time-text.ts';
import { decimalCell, textOf, wholeCell } from '../typed-cells.ts';
import { ArrowFault } from './flatbuffer.ts';
import { isPlain, type ArrowField, type ArrowType } from './schema.ts';

interface ColumnNode {
  readonly rows: number;
  readonly missing: number;
}

/** The buffers of a record batch in the order of its fields, each unpacked and checked against the bytes there are. */
export interface Buffers {
  /** Rows of the next field, and how many of them are said to be missing; -1 where that is not said. */
  node(): ColumnNode;
  /** The next buffer, of at least so many bytes. @throws ArrowFault */
  take(atLeast: number): Uint8Array;
  /** The next buffer is passed over. */
  skip(): void;
  /** Buffers beyond the fixed ones of the next column of views. */
  variadic(): number;
}

/** Values by their place. A list is an array. */
export type Values = (at: number) => Cell | Cell[];

export type Words = ReadonlyMap<number, { readonly length: number; readonly at: Values }>;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Whether the value at a place is there. An empty bitmap says that all are.
 * @throws ArrowFault where it marks others than are said to be missing: programs believe one or the other
 */
function presence(buffers: Buffers, { rows, missing }: ColumnNode): (at: number) => boolean {
  const bits = buffers.take(0);
  if (bits.length > 0 && bits.length * 8 < rows)
    throw new ArrowFault('the bitmap of missing values breaks off');
  const there = (at: number): boolean => (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
  let marked = 0;
  if (bits.length > 0) for (let at = 0; at < rows; at += 1) if (!there(at)) marked += 1;
  if (missing >= 0 && missing !== marked)
    throw new ArrowFault(`a column claims ${missing} missing values and marks ${marked}`);
  return marked === 0 ? () => true : there;
}

/** Where each value of a column of various lengths begins and ends. */
function offsets(
  buffers: Buffers,
  rows: number,
  wide: boolean,
): { from: (at: number) => number; last: number } {
  const width = wide ? 8 : 4;
  const bytes = buffers.take(rows === 0 ? 0 : (rows + 1) * width);
  const view = viewOf(bytes);
  const from = (at: number): number =>
    wide ? Number(view.getBigInt64(at * 8, true)) : view.getInt32(at * 4, true);
  if (rows === 0) return { from: () => 0, last: 0 };
  let before = from(0);
  if (before < 0) throw new ArrowFault('the offsets of a column are negative');
  for (let at = 1; at <= rows; at += 1) {
    const next = from(at);
    if (next < before) throw new ArrowFault('the offsets of a column go back');
    before = next;
  }
  return { from, last: before };
}

/** Little-endian, signed. */
function wholeOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return BigInt.asIntN(bytes.length * 8, value);
}

function fixed(type: ArrowType, node: ColumnNode, buffers: Buffers): Values | null {
  const { rows } = node;
  const there = presence(buffers, node);
  const sized = (width: number, get: (view: DataView, at: number) => Cell): Values => {
    const view = viewOf(buffers.take(rows * width));
    return (at) => (there(at) ? get(view, at * width) : null);
  };
  switch (type.kind) {
    case 'bool': {
      const bits = buffers.take(Math.ceil(rows / 8));
      return (at) => (there(at) ? (((bits[at >> 3] ?? 0) >> (at & 7)) & 1 ? 'true' : 'false') : null);
    }
    case 'int':
      return sized(type.bits / 8, intReader(type.bits, type.signed));
    case 'float':
      return sized(type.bits / 8, (view, at) =>
        type.bits === 16
          ? halfNumber(view.getUint16(at, true))
          : type.bits === 32
            ? view.getFloat32(at, true)
            : view.getFloat64(at, true),
      );
    case 'decimal':
      return sized(type.bytes, (view, at) =>
        decimalCell(wholeOf(new Uint8Array(view.buffer, view.byteOffset + at, type.bytes)), type.scale),
      );
    case 'date':
      return type.unit === 'day'
        ? sized(4, (view, at) => dateText(view.getInt32(at, true)))
        : sized(8, (view, at) => dateText(Math.floor(Number(view.getBigInt64(at, true)) / 86_400_000)));
    case 'time':
      return type.bits === 32
        ? sized(4, (view, at) => timeText(BigInt(view.getInt32(at, true)), type.perSecond))
        : sized(8, (view, at) => timeText(view.getBigInt64(at, true), type.perSecond));
    case 'timestamp':
      return sized(8, (view, at) => timestampText(view.getBigInt64(at, true), type.perSecond, type.utc));
    case 'duration':
      return sized(8, (view, at) => wholeCell(view.getBigInt64(at, true)));
    case 'fixed-bytes':
      return sized(type.bytes, (view, at) =>
        textOf(new Uint8Array(view.buffer, view.byteOffset + at, type.bytes)),
      );
    case 'null':
    case 'text':
    case 'large-text':
    case 'text-view':
    case 'list':
    case 'large-list':
    case 'fixed-list':
    case 'struct':
    case 'other':
      return null;
  }
}

function intReader(bits: 8 | 16 | 32 | 64, signed: boolean): (view: DataView, at: number) => Cell {
  if (bits === 8) return (view, at) => (signed ? view.getInt8(at) : view.getUint8(at));
  if (bits === 16) return (view, at) => (signed ? view.getInt16(at, true) : view.getUint16(at, true));
  if (bits === 32) return (view, at) => (signed ? view.getInt32(at, true) : view.getUint32(at, true));
  return (view, at) => wholeCell(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
}

function texts(node: ColumnNode, buffers: Buffers, wide: boolean): Values {
  const there = presence(buffers, node);
  const { from, last } = offsets(buffers, node.rows, wide);
  const bytes = buffers.take(last);
  return (at) => (there(at) ? textOf(bytes.subarray(from(at), from(at + 1))) : null);
}

/** Texts of up to 12 bytes lie in their view, longer ones in one of the buffers behind. */
function viewedTexts(node: ColumnNode, buffers: Buffers): Values {
  const there = presence(buffers, node);
  const views = buffers.take(node.rows * 16);
  const view = viewOf(views);
  const behind = Array.from({ length: buffers.variadic() }, () => buffers.take(0));
  return (at) => {
    if (!there(at)) return null;
    const length = view.getInt32(at * 16, true);
    if (length <= 12) return textOf(views.subarray(at * 16 + 4, at * 16 + 4 + Math.max(0, length)));
    const bytes = behind[view.getInt32(at * 16 + 8, true)];
    const offset = view.getInt32(at * 16 + 12, true);
    if (bytes === undefined || offset < 0 || length > bytes.length - offset)
      throw new ArrowFault('a text lies outside its buffer');
    return textOf(bytes.subarray(offset, offset + length));
  };
}

/** Told of each leaf that is read, by the names from the root on. */
export type TakeLeaf = (path: readonly string[], values: Values) => unknown;

/** Buffers of a type's own, its children's left out. */
function buffersOf(type: ArrowType): number {
  switch (type.kind) {
    case 'null':
      return 0;
    case 'struct':
    case 'fixed-list':
      return 1;
    case 'text':
    case 'large-text':
      return 3;
    case 'other':
      return type.buffers;
    case 'bool':
    case 'int':
    case 'float':
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'duration':
    case 'fixed-bytes':
    case 'text-view':
    case 'list':
    case 'large-list':
      return 2;
  }
}

/** Passes over the buffers of a field and of those in it. */
export function passOver({ type, children, dictionary }: ArrowField, buffers: Buffers): void {
  buffers.node();
  const own = dictionary === null ? type : dictionary.index;
  const count = buffersOf(own) + (own.kind === 'text-view' ? buffers.variadic() : 0);
  for (let k = 0; k < count; k += 1) buffers.skip();
  if (dictionary === null) for (const child of children) passOver(child, buffers);
}

/**
 * The values of a field and of those in it, from the buffers in their order; those of what is not read are passed over.
 * @param least rows that there must be
 * @throws ArrowFault
 */
export function readField(
  field: ArrowField,
  buffers: Buffers,
  words: Words,
  path: readonly string[],
  least: number,
  take: TakeLeaf,
): void {
  const values = valuesOf(field, buffers, words, [...path, field.name], least, take);
  if (values !== null) take([...path, field.name], values);
}

function valuesOf(
  field: ArrowField,
  buffers: Buffers,
  words: Words,
  path: readonly string[],
  least: number,
  take: TakeLeaf,
): Values | null {
  const { type, children, dictionary } = field;
  if (dictionary === null && type.kind === 'other') {
    passOver(field, buffers);
    return null;
  }
  const node = buffers.node();
  const { rows } = node;
  if (rows < least) throw new ArrowFault(`a column has ${rows} values where ${least} are due`);
  if (dictionary !== null) {
    const places = fixed(dictionary.index, node, buffers);
    return places === null ? null : wordsAt(places, dictionary.id, words);
  }
  switch (type.kind) {
    case 'null':
      return () => null;
    case 'text':
    case 'large-text':
      return texts(node, buffers, type.kind === 'large-text');
    case 'text-view':
      return viewedTexts(node, buffers);
    case 'list':
    case 'large-list':
    case 'fixed-list':
      return listOf(type, node, children, buffers, words);
    case 'struct': {
      const there = presence(buffers, node);
      for (const child of children)
        readField(child, buffers, words, path, rows, (name, values) => {
          take(name, (at) => (there(at) ? values(at) : null));
        });
      return null;
    }
    case 'bool':
    case 'int':
    case 'float':
    case 'decimal':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'duration':
    case 'fixed-bytes':
    case 'other':
      return fixed(type, node, buffers);
  }
}

function wordsAt(places: Values, id: number, words: Words): Values {
  return (at) => {
    const place = places(at);
    if (place === null) return null;
    const dictionary = words.get(id);
    if (dictionary === undefined)
      throw new ArrowFault('a column needs a dictionary that has not come before it');
    if (typeof place !== 'number' || place < 0 || place >= dictionary.length)
      throw new ArrowFault(`a column names a word outside its dictionary of ${dictionary.length}`);
    return dictionary.at(place);
  };
}

function listOf(
  type: Extract<ArrowType, { kind: 'list' | 'large-list' | 'fixed-list' }>,
  node: ColumnNode,
  children: readonly ArrowField[],
  buffers: Buffers,
  words: Words,
): Values | null {
  const { rows } = node;
  const there = presence(buffers, node);
  const [child] = children;
  if (child === undefined || children.length !== 1)
    throw new ArrowFault('a list has no type of its elements');
  const bounds = type.kind === 'fixed-list' ? null : offsets(buffers, rows, type.kind === 'large-list');
  let length = 0;
  const counted: Buffers = {
    ...buffers,
    node: () => {
      const found = buffers.node();
      length = found.rows;
      return found;
    },
  };
  if (!isPlain(child)) {
    passOver(child, buffers);
    return null;
  }
  const elements = valuesOf(child, counted, words, [], 0, () => undefined);
  if (elements === null) return null;
  const size = type.kind === 'fixed-list' ? type.size : 0;
  if ((bounds === null ? rows * size : bounds.last) > length)
    throw new ArrowFault('a list has more elements than there are');
  return (at) => {
    if (!there(at)) return null;
    const from = bounds === null ? at * size : bounds.from(at);
    const to = bounds === null ? from + size : bounds.from(at + 1);
    return Array.from({ length: to - from }, (_, k) => elements(from + k) as Cell);
  };
}
