import { ArrowFault, type FlatTable } from './flatbuffer.ts';

/** What the values of a field are; counts are bits or bytes as Arrow has them. */
export type ArrowType =
  | { readonly kind: 'null' | 'bool' | 'text' | 'large-text' | 'text-view' }
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'decimal'; readonly bytes: number; readonly scale: number }
  | { readonly kind: 'date'; readonly unit: 'day' | 'millisecond' }
  | { readonly kind: 'time'; readonly bits: 32 | 64; readonly perSecond: number }
  | { readonly kind: 'timestamp'; readonly perSecond: number; readonly utc: boolean }
  | { readonly kind: 'duration' }
  | { readonly kind: 'fixed-bytes'; readonly bytes: number }
  | { readonly kind: 'list' | 'large-list' }
  | { readonly kind: 'fixed-list'; readonly size: number }
  | { readonly kind: 'struct' }
  /** Read over: with so many buffers of its own. */
  | { readonly kind: 'other'; readonly name: string; readonly buffers: number };

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly children: readonly ArrowField[];
  /** The dictionary that its values are places in, with the type of those places. */
  readonly dictionary: { readonly id: number; readonly index: ArrowType } | null;
}

const units = [1, 1000, 1_000_000, 1_000_000_000];
const MOST_DEPTH = 16;
const MOST_FIELDS = 10_000;

/** The fields of a schema. @throws ArrowFault */
export function fieldsOf(schema: FlatTable): ArrowField[] {
  if (schema.int16(0, 0) !== 0) throw new ArrowFault('its numbers are big-endian, which is not read');
  let fields = 0;
  const fieldOf = (table: FlatTable, depth: number): ArrowField => {
    fields += 1;
    if (fields > MOST_FIELDS) throw new ArrowFault(`it has more than ${MOST_FIELDS} columns`);
    if (depth > MOST_DEPTH) throw new ArrowFault(`its schema is nested deeper than ${MOST_DEPTH}`);
    const encoding = table.table(4);
    const indexType = encoding?.table(1) ?? null;
    return {
      name: table.text(0) ?? '',
      type: typeOf(table.int8(2, 0), table.table(3)),
      children: table.tables(5).map((child) => fieldOf(child, depth + 1)),
      dictionary:
        encoding === null
          ? null
          : {
              id: encoding.count(0),
              index: indexType === null ? { kind: 'int', bits: 32, signed: true } : intOf(indexType),
            },
    };
  };
  return schema.tables(1).map((field) => fieldOf(field, 0));
}

function intOf(type: FlatTable): ArrowType {
  const bits = type.int32(0, 0);
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64)
    throw new ArrowFault(`its schema holds whole numbers of ${bits} bits`);
  return { kind: 'int', bits, signed: type.int8(1, 0) !== 0 };
}

const unitOf = (type: FlatTable, field: number, otherwise: number): number => {
  const perSecond = units[type.int16(field, otherwise)];
  if (perSecond === undefined) throw new ArrowFault('its schema holds an unknown unit of time');
  return perSecond;
};

const other = (name: string, buffers: number): ArrowType => ({ kind: 'other', name, buffers });

function widthOf(type: FlatTable, field: number, otherwise = 0): number {
  const width = type.int32(field, otherwise);
  if (width < 0 || width > 1_048_576) throw new ArrowFault(`its schema holds values of ${width} parts`);
  return width;
}

function typeOf(kind: number, type: FlatTable | null): ArrowType {
  if (type === null) throw new ArrowFault('a column has no type');
  switch (kind) {
    case 1:
      return { kind: 'null' };
    case 2:
      return intOf(type);
    case 3: {
      const bits = ([16, 32, 64] as const)[type.int16(0, 0)];
      if (bits === undefined) throw new ArrowFault('its schema holds an unknown floating-point number');
      return { kind: 'float', bits };
    }
    case 4:
    case 5:
      return { kind: 'text' };
    case 6:
      return { kind: 'bool' };
    case 7: {
      const [scale, bits] = [type.int32(1, 0), type.int32(2, 128)];
      if (scale < 0 || scale > 100 || ![32, 64, 128, 256].includes(bits))
        throw new ArrowFault(`its schema holds decimals of ${bits} bits and scale ${scale}`);
      return { kind: 'decimal', bytes: bits / 8, scale };
    }
    case 8:
      return { kind: 'date', unit: type.int16(0, 1) === 0 ? 'day' : 'millisecond' };
    case 9:
      return { kind: 'time', bits: type.int32(1, 32) === 64 ? 64 : 32, perSecond: unitOf(type, 0, 1) };
    case 10:
      return { kind: 'timestamp', perSecond: unitOf(type, 0, 0), utc: type.text(1) !== null };
    case 11:
      return other('an interval', 2);
    case 12:
      return { kind: 'list' };
    case 13:
      return { kind: 'struct' };
    case 14:
      // Dense unions have places beside their kinds.
      return other('a union', type.int16(0, 0) === 1 ? 2 : 1);
    case 15:
      return { kind: 'fixed-bytes', bytes: widthOf(type, 0) };
    case 16:
      return { kind: 'fixed-list', size: widthOf(type, 0) };
    case 17:
      return other('a map', 2);
    case 18:
      return { kind: 'duration' };
    case 19:
    case 20:
      return { kind: 'large-text' };
    case 21:
      return { kind: 'large-list' };
    case 22:
      return other('run-end encoded', 0);
    case 23:
    case 24:
      return { kind: 'text-view' };
    case 25:
    case 26:
      return other('a list view', 3);
    default:
      throw new ArrowFault(`its schema holds the unknown type ${kind}`);
  }
}

const nested: ReadonlySet<ArrowType['kind']> = new Set([
  'null',
  'list',
  'large-list',
  'fixed-list',
  'struct',
  'other',
]);

/** Whether each value of a field is a cell by itself; only such are read as the elements of lists. */
export const isPlain = ({ type, dictionary }: ArrowField): boolean =>
  dictionary !== null || !nested.has(type.kind);

export const isList = ({ type, dictionary }: ArrowField): boolean =>
  dictionary === null && (type.kind === 'list' || type.kind === 'large-list' || type.kind === 'fixed-list');
