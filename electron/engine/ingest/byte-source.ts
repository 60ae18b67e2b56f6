import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';

/** A file to read by position; the readers know nothing else of it. */
export interface ByteSource {
  readonly name: string;
  readonly size: number;
  /** The bytes from `offset`: `length` of them, fewer only at the end of the file. */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

export interface OpenFile extends ByteSource {
  /** SHA-256 of the whole file. Everything read in order so far is in it already; the rest is read now. */
  sha256(): string;
  close(): void;
}

const BLOCK = 4 * 1024 * 1024;

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
  let hashed = 0;
  const take = (offset: number, length: number): Uint8Array<ArrayBuffer> => {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
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
  return {
    name,
    size,
    read: take,
    sha256: () => {
      while (hashed < size) take(hashed, BLOCK);
      return hash.digest('hex');
    },
    close: () => {
      closeSync(file);
    },
  };
}

/** Bytes in memory as a file. */
export function bytesAsSource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => new Uint8Array(bytes.subarray(offset, offset + length)),
  };
}
