import { ParquetFault } from './thrift.ts';

const broken = (): ParquetFault => new ParquetFault('the differences of a page break off');
const MOST_BLOCK = 65_536;

/**
 * Whole numbers as differences in blocks (parquet-format, Encodings.md, DELTA_BINARY_PACKED = 5), at most `most`.
 * Returns them and where they end.
 * @throws ParquetFault
 */
export function readDeltas(
  bytes: Uint8Array,
  from: number,
  most: number,
): { values: BigInt64Array<ArrayBuffer>; end: number } {
  let at = from;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at];
      if (byte === undefined || shift > 63n) throw broken();
      at += 1;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const signed = (): bigint => {
    const value = varint();
    return (value >> 1n) ^ -(value & 1n);
  };
  const block = Number(varint());
  const parts = Number(varint());
  const count = Number(varint());
  const each = block / parts;
  if (block === 0 || block > MOST_BLOCK || !Number.isInteger(each) || each % 8 !== 0 || count > most)
    throw new ParquetFault('the differences of a page are not as their head says');
  const values = new BigInt64Array(count);
  let last = BigInt.asIntN(64, signed());
  let made = 0;
  if (count > 0) {
    values[0] = last;
    made = 1;
  }
  while (made < count) {
    const least = signed();
    const widths = at;
    at += parts;
    if (at > bytes.length) throw broken();
    for (let part = 0; part < parts && made < count; part += 1) {
      const width = bytes[widths + part] ?? 0;
      if (width > 64 || at + (each * width) / 8 > bytes.length) throw broken();
      let bit = at * 8;
      for (let k = 0; k < each && made < count; k += 1) {
        let difference = 0n;
        for (let got = 0; got < width;) {
          const inByte = bit & 7;
          const take = Math.min(8 - inByte, width - got);
          difference |= BigInt(((bytes[bit >> 3] ?? 0) >> inByte) & ((1 << take) - 1)) << BigInt(got);
          got += take;
          bit += take;
        }
        last = BigInt.asIntN(64, last + least + difference);
        values[made] = last;
        made += 1;
      }
      at += (each * width) / 8;
    }
  }
  return { values, end: at };
}
