import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { bytesToFill } from './spare-bytes.ts';

/** Bytes to read by position, cheapest from front to back; the readers know nothing else of a file. */
export interface ByteSource {
  readonly name: string;
  /** All bytes. Of what is packed this unpacks it once, and keeps nothing. */
  size(): Promise<number>;
  /** The bytes from `offset`: `length` of them, fewer only at the end. They are at the start of a buffer of their own. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes that can be read anywhere at once. */
export interface FileSource extends ByteSource {
  readonly bytes: number;
  /** The same as `read`, without waiting. */
  readNow(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

export interface OpenFile extends FileSource {
  /** Bytes read so far, in order from the first. */
  position(): number;
  /** SHA-256 of the whole file. Everything read in order so far is in it already; the rest is read now. */
  sha256(): string;
  close(): void;
}

const BLOCK = 4 * 1024 * 1024;
/** What a reader skips, such as the padding between two arrays, is hashed in passing, up to this. */
const SKIPPED = 64 * 1024;

/**
 * Opens a file read-only. The bytes that the readers are given are the bytes that are hashed, so that the hash is of
 * what was imported even where the file changes meanwhile.
 * @throws BezoarError evidence/unreadable
 */
export function openFile(path: string): OpenFile {
  const name = basename(path);
  const unreadable = (error: unknown): BezoarError =>
    new BezoarError(
      'evidence/unreadable',
      `${name} cannot be read (${error instanceof Error ? error.message : String(error)}). Nothing was imported. ` +
        'See whether it is still there and you may read it.',
    );
  let file: number | undefined;
  let size: number;
  try {
    // Without waiting: a named pipe that nobody writes to would hold the engine for ever.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error('it is not a file');
    size = stat.size;
  } catch (error) {
    if (file !== undefined) closeSync(file);
    throw unreadable(error);
  }
  const hash = createHash('sha256');
  let digest: string | null = null;
  let hashed = 0;
  const take = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = bytesToFill(Math.max(0, Math.min(length, size - offset)));
    let done = 0;
    while (done < bytes.length) {
      let got: number;
      try {
        got = readSync(file, bytes, done, bytes.length - done, offset + done);
      } catch (error) {
        throw unreadable(error);
      }
      if (got === 0)
        throw unreadable(new Error(`it became shorter while it was read, at byte ${offset + done}`));
      done += got;
    }
    if (offset <= hashed && offset + bytes.length > hashed) {
      hash.update(bytes.subarray(hashed - offset));
      hashed = offset + bytes.length;
    }
    return bytes;
  };
  const readNow = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    if (offset > hashed && offset - hashed <= SKIPPED && length > 0) take(hashed, offset - hashed);
    return take(offset, length);
  };
  return {
    name,
    bytes: size,
    size: () => Promise.resolve(size),
    readNow,
    read: (offset, length) => Promise.resolve().then(() => readNow(offset, length)),
    position: () => hashed,
    sha256: () => {
      while (hashed < size) take(hashed, BLOCK);
      return (digest ??= hash.digest('hex'));
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** Bytes in memory as a file. */
export function bytesAsSource(name: string, bytes: Uint8Array): FileSource {
  const readNow = (offset: number, length: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(bytes.subarray(offset, offset + Math.max(0, length)));
  return {
    name,
    bytes: bytes.length,
    size: () => Promise.resolve(bytes.length),
    readNow,
    read: (offset, length) => Promise.resolve(readNow(offset, length)),
  };
}

/** A part of a file as a file of its own. */
export function partOfFile(source: FileSource, name: string, start: number, bytes: number): FileSource {
  const readNow = (offset: number, length: number): Uint8Array<ArrayBuffer> =>
    source.readNow(start + offset, Math.max(0, Math.min(length, bytes - offset)));
  return {
    name,
    bytes,
    size: () => Promise.resolve(bytes),
    readNow,
    read: (offset, length) => Promise.resolve().then(() => readNow(offset, length)),
  };
}
