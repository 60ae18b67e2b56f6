import { mixHash } from '../../native-workers/numeric/hash.ts';

/** Draws that follow from a seed, an entry's name and the number of the input alone. */
export interface Draws {
  /** A whole number from 0 to below `n`. */
  below(n: number): number;
  oneOf<T>(choices: readonly T[]): T;
}

export function drawsOf(seed: number, entry: string, input: number): Draws {
  let purpose = entry.length;
  for (let at = 0; at < entry.length; at += 1) purpose = mixHash(purpose, entry.charCodeAt(at) + 1);
  const stream = mixHash(mixHash(seed, purpose), input);
  let count = 0;
  const below = (n: number): number => Math.floor((mixHash(mixHash(count++, stream), input) / 2 ** 32) * n);
  return { below, oneOf: (choices) => choices[below(choices.length)] };
}

const BYTES = [
  0, 1, 2, 3, 4, 8, 0x0a, 0x20, 0x22, 0x2c, 0x30, 0x39, 0x40, 0x5c, 0x7b, 0x7f, 0x80, 0xc0, 0xfe, 0xff,
];
const DIGITS = [
  '0', '1', '-1', '2', '7', '255', '65536', '2147483647', '4294967296', '9007199254740993', '1152921504606846976',
  '18446744073709551615', '1e308', '1e999', '0.5', '00', 'NaN', '',
]; // prettier-ignore
const MOST_BLOCK = 64;
/** Headers and footers of this many bytes are looked for more often than the rest. */
const EDGE = 256;

type Change = (bytes: Buffer, draws: Draws, others: readonly Uint8Array[]) => Buffer;

/** A place: often among the first or last bytes, where lengths and offsets stand. */
function place(bytes: Uint8Array, draws: Draws): number {
  const edge = Math.min(EDGE, bytes.length);
  switch (draws.below(4)) {
    case 0:
      return draws.below(edge);
    case 1:
      return bytes.length - 1 - draws.below(edge);
    default:
      return draws.below(bytes.length);
  }
}

const block = (bytes: Uint8Array, draws: Draws): [number, number] => {
  const from = place(bytes, draws);
  return [from, Math.min(bytes.length, from + 1 + draws.below(MOST_BLOCK))];
};

const flipBit: Change = (bytes, draws) => {
  bytes[place(bytes, draws)] ^= 1 << draws.below(8);
  return bytes;
};

const setByte: Change = (bytes, draws) => {
  bytes[place(bytes, draws)] = draws.below(2) === 0 ? draws.oneOf(BYTES) : draws.below(256);
  return bytes;
};

/** A count, a length or an offset as a whole number of 2, 4 or 8 bytes. */
const setWord: Change = (bytes, draws) => {
  const width = draws.oneOf([2, 4, 4, 8]);
  if (bytes.length < width) return bytes;
  const at = Math.min(
    bytes.length - width,
    draws.below(2) === 0 ? place(bytes, draws) & -width : place(bytes, draws),
  );
  const little = draws.below(3) > 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const before =
    width === 2
      ? BigInt(view.getUint16(0, little))
      : width === 4
        ? BigInt(view.getUint32(0, little))
        : view.getBigUint64(0, little);
  const all = 1n << BigInt(8 * width);
  const size = BigInt(bytes.length);
  const value = draws.oneOf([
    0n, 1n, before + 1n, before - 1n, before * 2n, before / 2n, before << 8n, size, size - 1n, size + 1n, size - BigInt(at),
    all - 1n, all / 2n, all / 2n - 1n, all - size, 1n << 20n, 1n << 31n, 1n << 60n,
  ]); // prettier-ignore
  const kept = ((value % all) + all) % all;
  if (width === 2) view.setUint16(0, Number(kept), little);
  else if (width === 4) view.setUint32(0, Number(kept), little);
  else view.setBigUint64(0, kept, little);
  return bytes;
};

/** A number that is written in digits, as headers in text hold them. */
const setDigits: Change = (bytes, draws) => {
  let from = place(bytes, draws);
  const isDigit = (at: number): boolean => bytes[at] >= 0x30 && bytes[at] <= 0x39;
  for (let looked = 0; looked < bytes.length && !isDigit(from); looked += 1) from = (from + 1) % bytes.length;
  if (!isDigit(from)) return bytes;
  let to = from;
  while (from > 0 && isDigit(from - 1)) from -= 1;
  while (to < bytes.length && isDigit(to)) to += 1;
  const text = Buffer.from(draws.oneOf(DIGITS));
  return Buffer.concat([bytes.subarray(0, from), text, bytes.subarray(to)]);
};

const cutOff: Change = (bytes, draws) => bytes.subarray(0, place(bytes, draws));

const remove: Change = (bytes, draws) => {
  const [from, to] = block(bytes, draws);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
};

const insert: Change = (bytes, draws) => {
  const at = place(bytes, draws);
  const noise = Buffer.from(
    Array.from({ length: 1 + draws.below(12) }, () => draws.oneOf([draws.below(256), draws.oneOf(BYTES)])),
  );
  return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
};

const repeat: Change = (bytes, draws) => {
  const [from, to] = block(bytes, draws);
  const at = place(bytes, draws);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
};

const copyOver: Change = (bytes, draws) => {
  const [from, to] = block(bytes, draws);
  bytes.copy(bytes, place(bytes, draws), from, to);
  return bytes;
};

const swap: Change = (bytes, draws) => {
  const length = 1 + draws.below(16);
  if (bytes.length < 2 * length) return bytes;
  const [one, two] = [draws.below(bytes.length - length), draws.below(bytes.length - length)];
  const kept = Buffer.from(bytes.subarray(one, one + length));
  bytes.copy(bytes, one, two, two + length);
  kept.copy(bytes, two);
  return bytes;
};

const splice: Change = (bytes, draws, others) => {
  const other = draws.oneOf(others);
  const share = draws.below(1024) / 1024;
  return Buffer.concat([
    bytes.subarray(0, Math.floor(share * bytes.length)),
    other.subarray(Math.floor((draws.below(4) === 0 ? draws.below(1024) / 1024 : share) * other.length)),
  ]);
};

const changes: readonly Change[] = [
  flipBit, flipBit, setByte, setByte, setWord, setWord, setWord, setDigits, setDigits, cutOff, remove, insert, repeat,
  copyOver, swap, splice,
]; // prettier-ignore

/** Bytes with one to eight changes; `others` are what they may be spliced with. */
export function changed(bytes: Uint8Array, others: readonly Uint8Array[], draws: Draws): Uint8Array {
  let made: Buffer = Buffer.from(bytes);
  for (let left = 1 + (draws.below(2) === 0 ? 0 : draws.below(8)); left > 0 && made.length > 0; left -= 1)
    made = draws.oneOf(changes)(made, draws, others);
  return new Uint8Array(made);
}
