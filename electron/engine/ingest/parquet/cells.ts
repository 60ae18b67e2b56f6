import type { Cell } from '../reader.ts';
import type { Leaf } from './metadata.ts';
import type { RawValues } from './page-values.ts';
import { halfNumber } from '../half-number.ts';
import { dateText, timestampText, timeText } from '../time-text.ts';
import { ParquetFault } from './thrift.ts';
import { decimalCell, textOf, wholeCell } from '../typed-cells.ts';

/** A signed whole number of any width, its highest byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, value);
}

const DAY_NANOS = 86_400_000_000_000n;
/** Julian days of 1970-01-01, 0001-01-01 and 9999-12-31. */
const [DAY_OF_1970, FIRST_DAY, LAST_DAY] = [2_440_588, 1_721_426, 5_373_484];

/**
 * Nanoseconds since 1970 of an INT96: nanoseconds of the day, then the Julian day.
 * @throws ParquetFault where it is no time of a day in the years 1 to 9999, which programs read as different times
 */
function nanosOfInt96(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [nanos, day] = [view.getBigUint64(0, true), view.getInt32(8, true)];
  if (nanos >= DAY_NANOS || day < FIRST_DAY || day > LAST_DAY)
    throw new ParquetFault(`it holds the time ${nanos} of the Julian day ${day}, which is none`);
  return BigInt(day - DAY_OF_1970) * DAY_NANOS + nanos;
}

/** Stored values as cells of records. Times are texts (ISO 8601), bytes that are no text are missing. */
export function cellsOf({ type, meaning }: Leaf, values: RawValues): Cell[] {
  if (type === 'BOOLEAN')
    return Array.from(values as Uint8Array, (value) => (value === 0 ? 'false' : 'true'));
  if (type === 'FLOAT' || type === 'DOUBLE') return Array.from(values as Float64Array);
  if (type === 'INT96')
    return Array.from(values as readonly Uint8Array[], (bytes) =>
      timestampText(nanosOfInt96(bytes), 1_000_000_000, true),
    );
  if (type === 'INT32' || type === 'INT64') return wholeCells(values as Int32Array | BigInt64Array, meaning);
  const bytes = values as readonly Uint8Array[];
  switch (meaning.kind) {
    case 'decimal':
      return bytes.map((one) => decimalCell(bigEndian(one), meaning.scale));
    case 'float16':
      return bytes.map((one) => halfNumber((one[0] ?? 0) | ((one[1] ?? 0) << 8)));
    case 'uuid':
      return bytes.map((one) =>
        Buffer.from(one)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
      );
    case 'plain':
    case 'text':
    case 'json':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'unsigned':
      return bytes.map(textOf);
  }
}

/** @throws ParquetFault where one is beyond the bits that the schema gives it, which programs cut off or do not */
function checkWidth(values: Int32Array | BigInt64Array, signed: boolean, bits: number): void {
  const [least, most] = signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
  for (const value of values)
    if (value < least || value > most)
      throw new ParquetFault(`it holds the number ${value} in a column of ${bits} bits`);
}

function wholeCells(values: Int32Array | BigInt64Array, meaning: Leaf['meaning']): Cell[] {
  const wide = values instanceof BigInt64Array;
  if ((meaning.kind === 'plain' || meaning.kind === 'unsigned') && meaning.bits !== null)
    checkWidth(values, meaning.kind === 'plain', meaning.bits);
  const mapped = (make: (value: bigint) => Cell): Cell[] =>
    Array.from(values as Iterable<number | bigint>, (one) => make(BigInt(one)));
  switch (meaning.kind) {
    case 'decimal':
      return mapped((value) => decimalCell(value, meaning.scale));
    case 'date':
      return mapped((value) => dateText(Number(value)));
    case 'timestamp':
      return mapped((value) => timestampText(value, meaning.perSecond, meaning.utc));
    case 'time':
      return mapped((value) => timeText(value, meaning.perSecond));
    case 'unsigned':
      return wide
        ? mapped((value) => wholeCell(BigInt.asUintN(64, value)))
        : Array.from(values, (value) => Number(value) >>> 0);
    case 'plain':
    case 'text':
    case 'json':
    case 'uuid':
    case 'float16':
      return wide ? mapped(wholeCell) : Array.from(values);
  }
}
