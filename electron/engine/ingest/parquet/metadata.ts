import type { FileSource } from '../byte-source.ts';
import {
  countIn,
  numberIn,
  ParquetFault,
  readStruct,
  structIn,
  structsIn,
  textIn,
  textsIn,
  type ThriftStruct,
} from './thrift.ts';

const physicalTypes = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
] as const;
type PhysicalType = (typeof physicalTypes)[number];

type PerSecond = 1000 | 1_000_000 | 1_000_000_000;

/** What the values of a column mean beyond their bytes. */
type Meaning =
  | { readonly kind: 'text' | 'date' | 'float16' | 'uuid' | 'json' }
  /** Values of `bits` bits where a whole number is told to be narrower than it is stored, else null. */
  | { readonly kind: 'plain' | 'unsigned'; readonly bits: number | null }
  | { readonly kind: 'decimal'; readonly scale: number }
  | { readonly kind: 'time'; readonly perSecond: PerSecond }
  /** `utc` false: of the clock on some wall. */
  | { readonly kind: 'timestamp'; readonly perSecond: PerSecond; readonly utc: boolean };

/** A column as it lies in the file: a leaf of the schema's tree. */
export interface Leaf {
  /** Of its values in the row group's list of column chunks. */
  readonly index: number;
  /** Names from the root on, without those that a list's own groups have. */
  readonly path: readonly string[];
  readonly type: PhysicalType;
  /** Bytes of a value of FIXED_LEN_BYTE_ARRAY. */
  readonly length: number;
  readonly meaning: Meaning;
  /** Definition level of a value that is there. */
  readonly defined: number;
  /** Lists that it lies in. */
  readonly repeated: number;
  /** Definition level from which on a row's list is there, and from which on it has an element. */
  readonly listDefined: number;
  readonly elementDefined: number;
}

export interface ColumnChunk {
  readonly codec: number;
  readonly values: number;
  /** Of its first page, dictionary or data. */
  readonly offset: number;
  readonly size: number;
}

export interface RowGroup {
  readonly rows: number;
  /** By {@link Leaf.index}. */
  readonly chunks: readonly ColumnChunk[];
}

export interface ParquetMetadata {
  readonly rows: number;
  readonly leaves: readonly Leaf[];
  readonly rowGroups: readonly RowGroup[];
  /** What the writer put beside it, such as a schema of its own. */
  readonly notes: ReadonlyMap<string, string>;
}

const MAGIC = 0x31524150;
const ENCRYPTED = 0x45524150;
const MOST_FOOTER_BYTES = 64 * 1024 * 1024;
const MOST_LEAVES = 10_000;
const MOST_DEPTH = 16;
/** More rows than any case keeps. */
const MOST_ROWS = 100_000_000;

const [REQUIRED, REPEATED] = [0, 2];

/** Reads and checks the footer of a Parquet file. @throws ParquetFault */
export function readMetadata(source: FileSource): ParquetMetadata {
  const tail = source.readNow(Math.max(0, source.bytes - 8), 8);
  const view = new DataView(tail.buffer);
  const magic = tail.length === 8 ? view.getUint32(4, true) : 0;
  if (magic === ENCRYPTED) throw new ParquetFault('its footer is encrypted');
  if (magic !== MAGIC)
    throw new ParquetFault('it does not end as a Parquet file does, so it is cut off or none');
  const length = view.getUint32(0, true);
  if (length > source.bytes - 12)
    throw new ParquetFault(`its footer claims ${length} bytes, and the file has ${source.bytes}`);
  if (length > MOST_FOOTER_BYTES)
    throw new ParquetFault(`its footer claims ${length} bytes, and at most ${MOST_FOOTER_BYTES} are read`);
  const footer = source.readNow(source.bytes - 8 - length, length);
  const { struct } = readStruct(footer, 0);
  if (struct.has(8)) throw new ParquetFault('it is encrypted');
  const leaves = leavesOf(structsIn(struct, 2));
  const dataEnd = source.bytes - 8 - length;
  const rowGroups = structsIn(struct, 4).map((group) => rowGroupOf(group, leaves, dataEnd));
  const rows = rowGroups.reduce((sum, group) => sum + group.rows, 0);
  if (rows !== countIn(struct, 3))
    throw new ParquetFault(`its footer claims ${countIn(struct, 3)} rows, and its row groups hold ${rows}`);
  if (rows > MOST_ROWS) throw new ParquetFault(`it claims ${rows} rows, and at most ${MOST_ROWS} are read`);
  const notes = struct.has(5) ? structsIn(struct, 5) : [];
  return {
    rows,
    leaves,
    rowGroups,
    notes: new Map(notes.map((note) => [textIn(note, 1) ?? '', textIn(note, 2) ?? ''])),
  };
}

function leavesOf(elements: readonly ThriftStruct[]): Leaf[] {
  const leaves: Leaf[] = [];
  let at = 1;
  const walk = (
    parent: Pick<Leaf, 'path' | 'defined' | 'repeated' | 'listDefined' | 'elementDefined'>,
    children: number,
    inList: boolean,
    depth: number,
  ): void => {
    if (depth > MOST_DEPTH) throw new ParquetFault(`its schema is nested deeper than ${MOST_DEPTH}`);
    for (let child = 0; child < children; child += 1) {
      const element = elements[at];
      if (element === undefined) throw new ParquetFault('its schema breaks off');
      at += 1;
      const repetition = numberIn(element, 3) ?? REQUIRED;
      if (repetition > REPEATED || repetition < 0)
        throw new ParquetFault(`its schema holds the repetition ${repetition}`);
      const here = {
        // The group that repeats in a list and the element in it have names of their own, which say nothing.
        path: inList ? parent.path : [...parent.path, textIn(element, 4) ?? ''],
        defined: parent.defined + (repetition === REQUIRED ? 0 : 1),
        repeated: parent.repeated + (repetition === REPEATED ? 1 : 0),
        listDefined: repetition === REPEATED ? parent.defined : parent.listDefined,
        elementDefined: repetition === REPEATED ? parent.defined + 1 : parent.elementDefined,
      };
      const type = numberIn(element, 1);
      const own = numberIn(element, 5) ?? 0;
      if (type === undefined || own > 0) {
        const list = isList(element) || (inList && repetition === REPEATED && own === 1);
        walk(here, own, list, depth + 1);
        continue;
      }
      const physical = physicalTypes[type];
      if (physical === undefined) throw new ParquetFault(`its schema holds the unknown type ${type}`);
      const length = numberIn(element, 2) ?? 0;
      if (physical === 'FIXED_LEN_BYTE_ARRAY' && (length < 1 || length > 1_048_576))
        throw new ParquetFault(`its schema holds values of ${length} bytes`);
      if (leaves.length >= MOST_LEAVES) throw new ParquetFault(`it has more than ${MOST_LEAVES} columns`);
      leaves.push({ ...here, index: leaves.length, type: physical, length, meaning: meaningOf(element) });
    }
  };
  const [root] = elements;
  if (root === undefined) throw new ParquetFault('it has no schema');
  walk(
    { path: [], defined: 0, repeated: 0, listDefined: 0, elementDefined: 0 },
    numberIn(root, 5) ?? 0,
    false,
    0,
  );
  if (at !== elements.length) throw new ParquetFault('its schema holds more than its root says');
  return leaves;
}

const LIST = 3;
const isList = (element: ThriftStruct): boolean =>
  numberIn(element, 6) === LIST || structIn(element, 10)?.has(3) === true;

function meaningOf(element: ThriftStruct): Meaning {
  const logical = structIn(element, 10);
  const decimal = logical === undefined ? undefined : structIn(logical, 5);
  if (decimal !== undefined) return { kind: 'decimal', scale: scaleOf(countIn(decimal, 1)) };
  if (logical?.has(1) || logical?.has(4)) return { kind: 'text' };
  if (logical?.has(6)) return { kind: 'date' };
  if (logical?.has(12)) return { kind: 'json' };
  if (logical?.has(14)) return { kind: 'uuid' };
  if (logical?.has(15)) return { kind: 'float16' };
  for (const field of [7, 8]) {
    const of = logical === undefined ? undefined : structIn(logical, field);
    const unit = of === undefined ? undefined : structIn(of, 2);
    if (of === undefined || unit === undefined) continue;
    const perSecond = unit.has(1) ? 1000 : unit.has(2) ? 1_000_000 : 1_000_000_000;
    return field === 7
      ? { kind: 'time', perSecond }
      : { kind: 'timestamp', perSecond, utc: of.get(1) === true };
  }
  const whole = logical === undefined ? undefined : structIn(logical, 10);
  if (whole !== undefined)
    return { kind: whole.get(2) === false ? 'unsigned' : 'plain', bits: narrow(numberIn(whole, 1) ?? 0) };
  return byOldName(numberIn(element, 6) ?? -1, element);
}

/** The meaning that files have in which it is told as one number (ConvertedType), as all had before 2018. */
function byOldName(name: number, element: ThriftStruct): Meaning {
  if (name === 0 || name === 4) return { kind: 'text' };
  if (name === 5) return { kind: 'decimal', scale: scaleOf(numberIn(element, 7) ?? 0) };
  if (name === 6) return { kind: 'date' };
  if (name === 7 || name === 8) return { kind: 'time', perSecond: name === 7 ? 1000 : 1_000_000 };
  if (name === 9 || name === 10)
    return { kind: 'timestamp', perSecond: name === 9 ? 1000 : 1_000_000, utc: true };
  if (name >= 11 && name <= 18)
    return { kind: name <= 14 ? 'unsigned' : 'plain', bits: narrow(8 << ((name - 11) % 4)) };
  return name === 19 ? { kind: 'json' } : { kind: 'plain', bits: null };
}

/** The widths that no stored type has. */
const narrow = (bits: number): number | null => (bits === 8 || bits === 16 ? bits : null);

function scaleOf(scale: number): number {
  if (scale < 0 || scale > 100) throw new ParquetFault(`its schema holds a decimal of scale ${scale}`);
  return scale;
}

function rowGroupOf(group: ThriftStruct, leaves: readonly Leaf[], dataEnd: number): RowGroup {
  const rows = countIn(group, 3);
  const columns = structsIn(group, 1);
  if (columns.length !== leaves.length)
    throw new ParquetFault(`a row group has ${columns.length} columns, and the schema has ${leaves.length}`);
  const chunks = columns.map((column, at) => chunkOf(column, leaves[at], rows, dataEnd));
  return { rows, chunks };
}

function chunkOf(column: ThriftStruct, leaf: Leaf | undefined, rows: number, dataEnd: number): ColumnChunk {
  if (column.has(1)) throw new ParquetFault('a column lies in another file, which is not followed');
  const meta = structIn(column, 3);
  if (meta === undefined || leaf === undefined)
    throw new ParquetFault('a column has no metadata, or it is encrypted');
  const name = leaf.path.join('.');
  if (physicalTypes[countIn(meta, 1)] !== leaf.type)
    throw new ParquetFault(`column ${name} is of another type than the schema says`);
  // The path tells whether chunks stand in the order of the schema, as they must.
  const path = textsIn(meta, 3);
  if (path[0] !== leaf.path[0]) throw new ParquetFault(`column ${name} stands where another is due`);
  const values = countIn(meta, 5);
  if (leaf.repeated === 0 ? values !== rows : values < rows)
    throw new ParquetFault(`column ${name} claims ${values} values in a row group of ${rows} rows`);
  const data = countIn(meta, 9);
  const dictionary = numberIn(meta, 11);
  // Some writers say 0 where there is no dictionary.
  const offset = dictionary !== undefined && dictionary > 0 && dictionary < data ? dictionary : data;
  const size = countIn(meta, 7);
  // A column without values has nothing at the place that it names.
  if (values > 0 && (offset < 4 || offset + size > dataEnd))
    throw new ParquetFault(
      `column ${name} claims bytes ${offset} to ${offset + size}, and its data end at byte ${dataEnd}`,
    );
  return { codec: countIn(meta, 4), values, offset, size };
}
