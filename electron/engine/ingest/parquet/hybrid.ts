import { ParquetFault } from './thrift.ts';

/** Reads so many of the values into an array from a place on. @throws ParquetFault where there are fewer */
export type ReadLevels = (into: Uint8Array | Int32Array, at: number, count: number) => void;

const broken = (): ParquetFault => new ParquetFault('the levels or indices of a page break off');

/**
 * The hybrid of runs and packed bits (parquet-format, Encodings.md, RLE = 3) between two places of a page. Values are
 * made as they are asked for, so that a run of any length takes no memory.
 * @param width bits of a value, 0 to 32
 */
export function hybridReader(bytes: Uint8Array, from: number, to: number, width: number): ReadLevels {
  let at = from;
  let left = 0;
  let packed = false;
  let value = 0;
  /** Bit of the packed group to read next. */
  let bit = 0;

  const nextRun = (): void => {
    let header = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = at < to ? bytes[at] : undefined;
      if (byte === undefined || scale > 2 ** 28) throw broken();
      at += 1;
      header += (byte & 127) * scale;
      if (byte < 128) break;
    }
    packed = header % 2 === 1;
    const count = Math.floor(header / 2);
    if (packed) {
      left = count * 8;
      bit = at * 8;
      // The last group may be cut short where its values are not all needed.
      at = Math.min(to, at + count * width);
      return;
    }
    left = count;
    const wide = Math.ceil(width / 8);
    if (at + wide > to) throw broken();
    value = 0;
    for (let k = wide - 1; k >= 0; k -= 1) value = value * 256 + (bytes[at + k] ?? 0);
    at += wide;
  };

  return (into, start, count) => {
    // Values of no bits are all 0; some writers leave their runs away.
    if (width === 0) {
      into.fill(0, start, start + count);
      return;
    }
    for (let done = 0; done < count;) {
      if (left === 0) {
        nextRun();
        // A run of nothing would never end.
        if (left === 0 && at >= to) throw broken();
        continue;
      }
      const some = Math.min(left, count - done);
      if (packed) {
        if (bit + some * width > to * 8) throw broken();
        for (let k = 0; k < some; k += 1) {
          let made = 0;
          for (let got = 0; got < width;) {
            const inByte = bit & 7;
            const take = Math.min(8 - inByte, width - got);
            made += (((bytes[bit >> 3] ?? 0) >> inByte) & ((1 << take) - 1)) * 2 ** got;
            got += take;
            bit += take;
          }
          into[start + done + k] = made;
        }
      } else into.fill(value, start + done, start + done + some);
      left -= some;
      done += some;
    }
  };
}

/** Bits that hold every number up to `most`. */
export const bitsFor = (most: number): number => 32 - Math.clz32(most);
