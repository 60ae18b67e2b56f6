import { createInflateRaw, crc32 } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import yauzl from 'yauzl';
import type { Finding } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { partOfFile, type ByteSource, type FileSource } from './byte-source.ts';
import { streamSource } from './stream-source.ts';

/** A member of an archive that passed every check that needs no unpacking. */
export interface ZipMember {
  readonly name: string;
  /** Unpacked. */
  readonly bytes: number;
  readonly packed: boolean;
  /** Byte of the file where its (packed) bytes begin. */
  readonly start: number;
  readonly packedBytes: number;
  readonly crc: number;
}

export interface ZipArchive {
  readonly members: readonly ZipMember[];
  /** Where the directory and the members do not say the same: no value of such an archive may be trusted. */
  readonly contradictions: readonly Finding[];
  /** What lies between the members, which no directory tells of. */
  readonly hidden: readonly Finding[];
}

const MOST_MEMBERS = 100_000;
const MOST_RATIO = 200;
/** Members below this may be packed as well as they like. */
const ALWAYS_FINE = 4096;
const MOST_BYTES = 2 ** 42;
const BLOCK = 256 * 1024;
const [ENCRYPTED, DESCRIPTOR, MASKED] = [0x1, 0x8, 0x2000];
const [STORED, DEFLATED] = [0, 8];
/** Of the attributes that a member has on a disk. */
const IS_FOLDER = 0x10;
const LOCAL_HEADER = 30;

export const looksLikeZip = (head: Uint8Array): boolean =>
  head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && head[3] === head[2] + 1;

const malformed = (file: string, what: string): BezoarError =>
  new BezoarError(
    'evidence/malformed',
    `${file}: ${what}. Nothing was imported. Write the file again with the program that made it.`,
  );

const tooLarge = (file: string, what: string): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${file}: ${what}. Nothing was imported. If it is what it claims to be, unpack it yourself and give the arrays one by one.`,
  );

type Entry = Omit<yauzl.Entry, 'fileName'> & { readonly fileName: Buffer };

interface Directory {
  readonly entries: readonly Entry[];
  /** Bytes from and to which the entries of the directory stand. */
  readonly start: number;
  readonly end: number;
  readonly commentBytes: number;
}

/** The directory at the end of the file, as it is written there. */
async function directoryOf(source: FileSource): Promise<Directory> {
  class Bytes extends yauzl.RandomAccessReader {
    override read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      const bytes = source.readNow(position, length);
      buffer.set(bytes, offset);
      callback(null, bytes.length);
    }
  }
  try {
    const archive = await yauzl.fromRandomAccessReaderPromise(new Bytes(), source.bytes, {
      // Names are checked as bytes: what reads as another name to another program is the trick.
      decodeStrings: false,
      validateEntrySizes: false,
      autoClose: false,
    });
    if (archive.entryCount > MOST_MEMBERS)
      throw tooLarge(
        source.name,
        `it claims ${archive.entryCount} members, and ${MOST_MEMBERS} are the most that Bezoar opens`,
      );
    // The place in the directory is a plain property, though the types do not tell of it.
    const place = archive as unknown as { readEntryCursor: number };
    const start = place.readEntryCursor;
    const entries: Entry[] = [];
    for await (const entry of archive.eachEntry()) entries.push(entry as unknown as Entry);
    return { entries, start, end: place.readEntryCursor, commentBytes: archive.comment.length };
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw malformed(
      source.name,
      `the directory of this ZIP archive cannot be read (${error instanceof Error ? error.message : String(error)})`,
    );
  }
}

/** Refuses a directory that goes on behind the members that it counts: some programs read those too. */
function checkDirectoryEnd(source: FileSource, { end, commentBytes }: Directory): void {
  const closing = source.bytes - commentBytes - 22;
  const signature = new DataView(source.readNow(end, 4).buffer);
  const wide = signature.byteLength === 4 && signature.getUint32(0, true) === 0x06064b50;
  if (end !== closing - (wide ? 76 : 0))
    throw malformed(
      source.name,
      `the directory of this ZIP archive ends at byte ${end}, and what closes it stands at byte ${closing}: programs differ in what they read of it`,
    );
}

/**
 * Opens a ZIP archive and holds everything that it says of itself against everything else that it says: nothing is
 * unpacked. Refused are other packing than deflate, members that lie over each other or outside the file,
 * names that come twice, lead out of a folder or hold a NUL, and what unpacks to more than 200 times its size.
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export async function openZip(source: FileSource): Promise<ZipArchive> {
  const file = source.name;
  const directory = await directoryOf(source);
  checkDirectoryEnd(source, directory);
  const contradictions: Finding[] = [];
  const members: ZipMember[] = [];
  const spans: { from: number; to: number; name: string }[] = [];
  const seen = new Set<string>();
  let total = 0;
  for (const entry of directory.entries) {
    const name = nameOf(file, entry);
    if (name.endsWith('/') && entry.uncompressedSize === 0) continue;
    const shown = JSON.stringify(name);
    if (seen.has(name))
      throw malformed(file, `two members are named ${shown}, and programs differ in which they read`);
    seen.add(name);
    const { compressionMethod: method, compressedSize: packedBytes, uncompressedSize: bytes } = entry;
    if (method !== STORED && method !== DEFLATED)
      throw malformed(file, `its member ${shown} is packed by method ${method}, and only deflate is read`);
    if (bytes > MOST_RATIO * Math.max(packedBytes, ALWAYS_FINE))
      throw tooLarge(
        file,
        `its member ${shown} claims to unpack from ${packedBytes} to ${bytes} bytes, more than ${MOST_RATIO} times as much`,
      );
    total += bytes;
    if (!(total <= MOST_BYTES))
      throw tooLarge(file, `its members claim to unpack to more than ${MOST_BYTES} bytes`);
    if (method === STORED && packedBytes !== bytes)
      throw malformed(
        file,
        `its member ${shown} is not packed and would take ${packedBytes} bytes for ${bytes}`,
      );
    const from = entry.relativeOffsetOfLocalHeader;
    const header = source.readNow(from, LOCAL_HEADER);
    const local = new DataView(header.buffer);
    if (header.length < LOCAL_HEADER || local.getUint32(0, true) !== 0x04034b50)
      throw malformed(
        file,
        `at byte ${from}, where the directory places the member ${shown}, no member begins`,
      );
    const [nameLength, extraLength] = [local.getUint16(26, true), local.getUint16(28, true)];
    const start = from + LOCAL_HEADER + nameLength + extraLength;
    if (start + packedBytes > source.bytes)
      throw malformed(
        file,
        `its member ${shown} would end at byte ${start + packedBytes}, and the file ends at ${source.bytes}`,
      );
    const rest = source.readNow(from + LOCAL_HEADER, nameLength + extraLength);
    contradictions.push(
      ...differences(file, entry, name, local, rest.subarray(0, nameLength), rest.subarray(nameLength)),
    );
    spans.push({ from, to: start + packedBytes + descriptorBytes(source, entry, start + packedBytes), name });
    members.push({ name, bytes, packed: method === DEFLATED, start, packedBytes, crc: entry.crc32 });
  }
  return { members, contradictions, hidden: gaps(source, spans, directory.start) };
}

function nameOf(file: string, entry: Entry): string {
  const raw = entry.fileName;
  const name = raw.toString('utf8');
  const shown = JSON.stringify(name);
  if (raw.length === 0 || raw.includes(0))
    throw malformed(file, `a member's name ${shown} is empty or holds a NUL`);
  // Another name in an extra field is read by some programs and not by others.
  if (entry.extraFields.some(({ id }) => id === 0x7075))
    throw malformed(
      file,
      `its member ${shown} carries a second name, and programs differ in which they read`,
    );
  if (!Buffer.from(name, 'utf8').equals(raw))
    throw malformed(file, `the name of its member ${shown} is not UTF-8`);
  if (/^[/\\]|^[A-Za-z]:|\\/.test(name) || name.split('/').includes('..'))
    throw malformed(file, `the name of its member ${shown} leads out of the archive`);
  return name;
}

/** Where the header in front of a member says another thing than the directory. */
function differences(
  file: string,
  entry: Entry,
  name: string,
  local: DataView,
  localName: Uint8Array,
  localExtra: Uint8Array,
): Finding[] {
  const later = (entry.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  const sizes = localSizes(local, localExtra);
  const facts: readonly [string, number | bigint, number | bigint][] = [
    ['flags', entry.generalPurposeBitFlag, local.getUint16(6, true)],
    ['packing', entry.compressionMethod, local.getUint16(8, true)],
    // What comes after the member's bytes may be left at 0 in front of them.
    [
      'checksum',
      entry.crc32,
      later && local.getUint32(14, true) === 0 ? entry.crc32 : local.getUint32(14, true),
    ],
    ['packed size', entry.compressedSize, later && sizes.packed === 0 ? entry.compressedSize : sizes.packed],
    ['size', entry.uncompressedSize, later && sizes.bytes === 0 ? entry.uncompressedSize : sizes.bytes],
  ];
  const found: [string, string, string][] = facts
    .filter(([, central, own]) => central !== own)
    .map(([what, central, own]) => [what, String(central), String(own)]);
  if (!Buffer.from(localName).equals(entry.fileName))
    found.push(['name', JSON.stringify(name), JSON.stringify(Buffer.from(localName).toString('latin1'))]);
  const differing = found.map(([what, central, own]) => ({
    kind: 'tampered-archive' as const,
    subject: name,
    offset: entry.relativeOffsetOfLocalHeader,
    sentence:
      `${file}: the ${what} of its member ${JSON.stringify(name)} is ${central} in the archive's directory and ${own} at byte ` +
      `${entry.relativeOffsetOfLocalHeader}, in front of the member. Programs differ in which they believe, so that a check may see another thing than a loader; ` +
      'none of its values were read.',
  }));
  const differ = (says: string): Finding => ({
    kind: 'tampered-archive',
    subject: name,
    offset: entry.relativeOffsetOfLocalHeader,
    sentence: `${file}: the archive's directory says that its member ${JSON.stringify(name)} ${says}; none of its values were read.`,
  });
  return [
    ...((entry.generalPurposeBitFlag & (ENCRYPTED | MASKED)) === 0
      ? []
      : [differ('is encrypted. Some programs then stop and others read it as it is')]),
    // PyTorch's loader then gives whatever stood in its memory.
    ...((entry.externalFileAttributes & IS_FOLDER) === 0
      ? []
      : [differ('is a folder, and it has bytes. Some programs read them and others do not')]),
    ...differing,
  ];
}

/** Sizes in front of a member, from its ZIP64 field where they stand there. */
function localSizes(local: DataView, extra: Uint8Array): { packed: number; bytes: number } {
  let [packed, bytes] = [local.getUint32(18, true), local.getUint32(22, true)];
  if (packed !== 0xffffffff && bytes !== 0xffffffff) return { packed, bytes };
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    const end = Math.min(extra.length, next + view.getUint16(at + 2, true));
    const take = (before: number): number => {
      if (before !== 0xffffffff || next + 8 > end) return before;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    };
    bytes = take(bytes);
    packed = take(packed);
    break;
  }
  return { packed, bytes };
}

/** Bytes of the description that follows a member whose sizes were not known before it. */
function descriptorBytes(source: FileSource, entry: Entry, end: number): number {
  if ((entry.generalPurposeBitFlag & DESCRIPTOR) === 0) return 0;
  const after = source.readNow(end, 24);
  const view = new DataView(after.buffer);
  const signed = after.length >= 4 && view.getUint32(0, true) === 0x08074b50 ? 4 : 0;
  const says = (wide: boolean): boolean => {
    const length = signed + (wide ? 20 : 12);
    if (after.length < length || view.getUint32(signed, true) !== entry.crc32) return false;
    const number = (at: number): number =>
      wide ? Number(view.getBigUint64(signed + 4 + 2 * at, true)) : view.getUint32(signed + 4 + at, true);
    return number(0) === entry.compressedSize && number(4) === entry.uncompressedSize;
  };
  if (says(true)) return signed + 20;
  return says(false) ? signed + 12 : 0;
}

/** Refuses members that lie over each other, and tells of bytes before, between and after them. */
function gaps(
  source: FileSource,
  spans: readonly { from: number; to: number; name: string }[],
  end: number,
): Finding[] {
  const hidden: Finding[] = [];
  const sorted = [...spans, { from: end, to: end, name: 'the directory' }].sort(
    (a, b) => a.from - b.from || a.to - b.to,
  );
  let reached = 0;
  let before = '';
  for (const { from, to, name } of sorted) {
    if (from < reached)
      throw malformed(
        source.name,
        `its members ${JSON.stringify(before)} and ${JSON.stringify(name)} lie over each other at byte ${from}`,
      );
    if (from > reached)
      hidden.push({
        kind: 'hidden-bytes',
        subject: `${from - reached} bytes`,
        offset: reached,
        sentence:
          `${source.name}: ${from - reached} bytes from byte ${reached} belong to no member that the archive's directory names. ` +
          'Nothing of them was read; a loader of another kind may read them.',
      });
    reached = to;
    before = name;
  }
  return hidden;
}

export interface MemberSource extends ByteSource {
  /** Reads what was not read yet and holds the checksum against it. @throws BezoarError evidence/malformed */
  verify(): Promise<void>;
}

const wrongSum = (file: string, { name }: ZipMember): BezoarError =>
  malformed(
    file,
    `the bytes of its member ${JSON.stringify(name)} do not have the checksum that the directory says`,
  );

/** The unpacked bytes of a member, under the archive's name. A stored one can be read anywhere at once. */
export function openMember(source: FileSource, member: ZipMember): MemberSource & Partial<FileSource> {
  return member.packed ? inflated(source, member) : stored(source, member);
}

function stored(source: FileSource, member: ZipMember): MemberSource & FileSource {
  const part = partOfFile(source, source.name, member.start, member.bytes);
  let summed = 0;
  let sum = 0;
  const readNow = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = part.readNow(offset, length);
    if (offset <= summed && offset + bytes.length > summed) {
      sum = crc32(bytes.subarray(summed - offset), sum);
      summed = offset + bytes.length;
    }
    return bytes;
  };
  return {
    ...part,
    readNow,
    read: (offset, length) => Promise.resolve().then(() => readNow(offset, length)),
    verify: async () => {
      while (summed < member.bytes) {
        readNow(summed, BLOCK);
        await Promise.resolve();
      }
      if (sum !== member.crc) throw wrongSum(source.name, member);
    },
  };
}

function inflated(source: FileSource, member: ZipMember): MemberSource {
  const stream = streamSource(source.name, member.bytes, async function* () {
    const inflate = createInflateRaw({ chunkSize: BLOCK });
    const from = Readable.from(
      (function* () {
        for (let at = 0; at < member.packedBytes; at += BLOCK)
          yield source.readNow(member.start + at, Math.min(BLOCK, member.packedBytes - at));
      })(),
    );
    pipeline(from, inflate, () => undefined);
    let [bytes, sum] = [0, 0];
    try {
      for await (const chunk of inflate as AsyncIterable<Uint8Array<ArrayBuffer>>) {
        bytes += chunk.length;
        if (bytes > member.bytes)
          throw malformed(
            source.name,
            `its member ${JSON.stringify(member.name)} unpacks to more than the ${member.bytes} bytes that the directory says`,
          );
        sum = crc32(chunk, sum);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof BezoarError) throw error;
      throw malformed(
        source.name,
        `its member ${JSON.stringify(member.name)} cannot be unpacked (${error instanceof Error ? error.message : String(error)})`,
      );
    } finally {
      from.destroy();
      inflate.destroy();
    }
    if (bytes !== member.bytes)
      throw malformed(
        source.name,
        `its member ${JSON.stringify(member.name)} unpacks to ${bytes} bytes, and the directory says ${member.bytes}`,
      );
    if (sum !== member.crc) throw wrongSum(source.name, member);
  });
  return { ...stream, verify: () => stream.finish() };
}
