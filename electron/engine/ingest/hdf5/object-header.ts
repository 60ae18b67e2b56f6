import { BezoarError } from '../../../contract/errors.ts';
import type { StoredDtype } from '../../../contract/evidence.ts';
import type { FileSource } from '../byte-source.ts';

/** A message of an object's header. */
export interface HeaderMessage {
  readonly type: number;
  /** Whether its body is only a pointer to where it stands. */
  readonly shared: boolean;
  readonly body: DataView;
}

export const MESSAGE = { datatype: 3, externalFiles: 7, layout: 8, filters: 11 } as const;

const CONTINUATION = 16;
const MOST_BLOCKS = 1000;
const MOST_BYTES = 16 * 1024 * 1024;
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

const malformed = (source: FileSource, what: string): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${source.name} cannot be read as HDF5: ${what}. Nothing was imported. The file was cut off or is damaged; write it again.`,
  );

/** Where the file's signature stands among its first bytes: at 0 or a power of two from 512; -1 where there is none. */
export function signatureAt(head: Uint8Array): number {
  for (let at = 0; at + 8 <= head.length; at = at === 0 ? 512 : at * 2)
    if (SIGNATURE.every((byte, index) => head[at + index] === byte)) return at;
  return -1;
}

function viewOf(source: FileSource, at: number, length: number): DataView {
  const bytes = source.readNow(at, length);
  if (bytes.length !== length) throw malformed(source, `it ends within a header at byte ${at}`);
  return new DataView(bytes.buffer);
}

const wide = (source: FileSource, view: DataView, at: number): number => {
  if (at + 8 > view.byteLength) throw malformed(source, 'a header is too short');
  return Number(view.getBigUint64(at, true));
};

/** The address that all others are counted from. @throws BezoarError evidence/malformed */
export function baseAddress(source: FileSource): number {
  const at = signatureAt(source.readNow(0, 4096));
  if (at < 0) throw malformed(source, 'its signature is not among its first 4096 bytes');
  const block = viewOf(source, at, 48);
  const version = block.getUint8(8);
  const offsetBytes = block.getUint8(version < 2 ? 13 : 9);
  if (version > 3 || offsetBytes !== 8)
    throw malformed(source, `its superblock has version ${version} and addresses of ${offsetBytes} bytes`);
  return wide(source, block, version < 2 ? (version === 0 ? 24 : 28) : 12);
}

/** The messages of the object whose header stands at `at`. @throws BezoarError evidence/malformed */
export function headerMessages(source: FileSource, base: number, address: number): HeaderMessage[] {
  const messages: HeaderMessage[] = [];
  const first = viewOf(source, base + address, 16);
  const newer = first.getUint32(0, false) === 0x4f484452;
  const flags = newer ? first.getUint8(5) : 0;
  const blocks: { at: number; bytes: number }[] = [];
  if (newer) {
    const lengthAt = 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    const lengthBytes = 1 << (flags & 3);
    const length = viewOf(source, base + address + lengthAt, lengthBytes);
    let bytes = 0;
    for (let at = lengthBytes - 1; at >= 0; at -= 1) bytes = bytes * 256 + length.getUint8(at);
    blocks.push({ at: base + address + lengthAt + lengthBytes, bytes });
  } else {
    if (first.getUint8(0) !== 1)
      throw malformed(source, `no object's header stands at byte ${base + address}`);
    blocks.push({ at: base + address + 16, bytes: first.getUint32(8, true) });
  }
  let total = 0;
  for (let index = 0; index < blocks.length; index += 1) {
    const { at: start = 0, bytes = 0 } = blocks[index] ?? {};
    total += bytes;
    if (index >= MOST_BLOCKS || !(total <= MOST_BYTES))
      throw malformed(source, 'an object has too long a header');
    const block = viewOf(source, start, bytes);
    const headBytes = newer ? (flags & 4 ? 6 : 4) : 8;
    for (let at = 0; at + headBytes <= bytes;) {
      const type = newer ? block.getUint8(at) : block.getUint16(at, true);
      const size = block.getUint16(at + (newer ? 1 : 2), true);
      const messageFlags = block.getUint8(at + (newer ? 3 : 4));
      if (at + headBytes + size > bytes) {
        // What is left at the end of a newer block may be a gap.
        if (newer && type === 0) break;
        throw malformed(source, `a header's message at byte ${start + at} is longer than its block`);
      }
      const body = new DataView(block.buffer, at + headBytes, size);
      if (type === CONTINUATION) {
        const next = base + wide(source, body, 0);
        const length = wide(source, body, 8);
        // A newer block has a signature in front and a checksum behind.
        blocks.push(newer ? { at: next + 4, bytes: Math.max(0, length - 8) } : { at: next, bytes: length });
      } else messages.push({ type, shared: (messageFlags & 2) !== 0, body });
      at += headBytes + size;
    }
  }
  return messages;
}

/** Exponent's place and bits, bits of the fraction, bias: what makes a floating-point number one of IEEE 754. */
const floats: Readonly<Record<string, StoredDtype>> = {
  '2: 10 5 0 10 15, sign 15': 'float16',
  '2: 7 8 0 7 127, sign 15': 'bfloat16',
  '4: 23 8 0 23 127, sign 31': 'float32',
  '8: 52 11 0 52 1023, sign 63': 'float64',
};

export interface StoredType {
  readonly dtype: StoredDtype;
  readonly bigEndian: boolean;
}

/** What a datatype message says, or in words what else it is. `names` are those of an enumeration's values. */
export function typeOfMessage(
  body: DataView,
  names: Readonly<Record<string, number>> | null,
): StoredType | string {
  if (body.byteLength < 8) return 'a type that cannot be read';
  const kind = body.getUint8(0) & 15;
  const bits = body.getUint8(1);
  const bytes = body.getUint32(4, true);
  if (kind === 8) {
    const inner = typeOfMessage(new DataView(body.buffer, body.byteOffset + 8, body.byteLength - 8), null);
    const isBool = names !== null && Object.keys(names).length === 2 && names.FALSE === 0 && names.TRUE === 1;
    return isBool && typeof inner !== 'string' && inner.dtype.endsWith('int8')
      ? { dtype: 'bool', bigEndian: false }
      : 'an enumeration';
  }
  if (kind === 0) {
    if (body.byteLength < 12 || ![1, 2, 4, 8].includes(bytes)) return `a whole number of ${bytes} bytes`;
    if (body.getUint16(8, true) !== 0 || body.getUint16(10, true) !== 8 * bytes)
      return 'a whole number of fewer bits than it has room for';
    const dtype = `${bits & 8 ? 'int' : 'uint'}${8 * bytes}` as StoredDtype;
    return { dtype, bigEndian: (bits & 1) === 1 };
  }
  if (kind === 1) {
    if (body.byteLength < 20) return 'a type that cannot be read';
    const layout = [12, 13, 14, 15].map((at) => body.getUint8(at)).join(' ');
    const dtype = floats[`${bytes}: ${layout} ${body.getUint32(16, true)}, sign ${body.getUint8(2)}`];
    const plain =
      body.getUint16(8, true) === 0 && body.getUint16(10, true) === 8 * bytes && (bits & 0x70) === 0x20;
    return dtype !== undefined && plain
      ? { dtype, bigEndian: (bits & 1) === 1 }
      : `a floating-point number of ${bytes} bytes in a form of its own`;
  }
  return (
    [
      '',
      '',
      'times',
      'text',
      'bit fields',
      'raw bytes',
      'structured values',
      'references',
      '',
      'rows of various lengths',
      'arrays',
      'complex numbers',
    ][kind] ?? 'a type that is not known'
  );
}

/** Byte where the values of a dataset stand one after the other, or null where they do not. */
export function contiguousAddress(messages: readonly HeaderMessage[]): number | null {
  const body = messages.find(({ type }) => type === MESSAGE.layout)?.body;
  if (body === undefined || body.byteLength < 18) return null;
  const version = body.getUint8(0);
  if ((version !== 3 && version !== 4) || body.getUint8(1) !== 1) return null;
  const address = body.getBigUint64(2, true);
  // All ones: nothing was ever written.
  return address === 0xffffffffffffffffn ? null : Number(address);
}

/** Where the tree of a dataset's chunks stands, in the form that every version of the library reads; else null. */
export function chunkTreeAddress(messages: readonly HeaderMessage[]): number | null {
  const body = messages.find(({ type }) => type === MESSAGE.layout)?.body;
  if (body === undefined || body.byteLength < 11 || body.getUint8(0) !== 3 || body.getUint8(1) !== 2)
    return null;
  const address = body.getBigUint64(3, true);
  return address === 0xffffffffffffffffn ? null : Number(address);
}
