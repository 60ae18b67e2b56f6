import { closeSync, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';

/** So much is read at once: a block of whole lines is parsed within a few milliseconds. */
const BLOCK_BYTES = 256 * 1024;
/** A line that is longer is dropped and counted. */
const MOST_LINE_BYTES = 16 * 1024 * 1024;
/** A file that was cut and written anew in between is told by its first bytes. */
const HEAD_BYTES = 512;
const LF = 10;

/** What happened to the file besides growing, for the notes of the run. */
export interface FileEvents {
  /** Another file took its place. */
  rotated: number;
  /** It was cut short and written anew. */
  truncated: number;
  /** Lines without an end that were left when the file was cut. */
  lostBytes: number;
  /** Lines longer than 16 MiB. */
  longLines: number;
}

export interface LineBlock {
  /** Whole lines, each with its line end; the last line of a file that was replaced may lack it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first block of a file, and the file's first line where the block does not begin with it. */
  readonly first: boolean;
  readonly header: Uint8Array<ArrayBuffer> | null;
  /** Nothing more comes of this file. */
  readonly last: boolean;
}

/** A log file that others write to, read from where it was left. */
export interface FollowedFile {
  readonly events: FileEvents;
  /** Device and inode of every file that was opened. */
  readonly identities: ReadonlySet<string>;
  /** The next block of whole lines; null where there is none now. */
  next(): LineBlock | null;
  /** Bytes that are there and not read. */
  behind(): number;
  /** The file is not there at present. */
  missing(): boolean;
  close(): void;
}

/**
 * Follows a path. A file that takes its place (rotation) is read from its start after the old one's last byte; one that is cut
 * short, or whose first bytes change, is read from its start.
 *
 * @param fromStart false: what is there already is skipped, up to its last line end
 */
export function followFile(path: string, fromStart: boolean): FollowedFile {
  const events: FileEvents = { rotated: 0, truncated: 0, lostBytes: 0, longLines: 0 };
  const buffer = Buffer.alloc(BLOCK_BYTES);
  let file: number | null = null;
  const identities = new Set<string>();
  let identity = '';
  let offset = 0;
  let head: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** The start of a line whose end has not come yet. */
  let partial: Buffer<ArrayBufferLike>[] = [];
  let partialBytes = 0;
  let skipping = false;
  let untold = true;
  let header: Uint8Array<ArrayBuffer> | null = null;
  const present = (): Stats | null => {
    const stats = statSync(path, { throwIfNoEntry: false }) ?? null;
    return stats?.isFile() === true ? stats : null;
  };
  let skip = !fromStart && present() !== null;

  const open = (): boolean => {
    const there = present();
    if (there === null) return false;
    try {
      file = openSync(path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    identity = identityOf(fstatSync(file));
    identities.add(identity);
    offset = 0;
    untold = true;
    head = readAt(file, 0, HEAD_BYTES);
    if (skip) offset = lastLineEnd(file, fstatSync(file).size);
    header = offset > 0 ? firstLine(file) : null;
    skip = false;
    return true;
  };

  const forgetPartial = (): void => {
    events.lostBytes += partialBytes;
    partial = [];
    partialBytes = 0;
    skipping = false;
  };

  /** The whole lines of what was read, behind what was left of the line before. */
  const cut = (read: Buffer<ArrayBufferLike>): Buffer<ArrayBufferLike> | null => {
    let bytes = read;
    if (skipping) {
      const end = bytes.indexOf(LF);
      if (end < 0) return null;
      skipping = false;
      bytes = bytes.subarray(end + 1);
    }
    const end = bytes.lastIndexOf(LF) + 1;
    const rest = bytes.subarray(end);
    const whole = end === 0 ? null : Buffer.concat([...partial, bytes.subarray(0, end)]);
    if (whole !== null) {
      partial = [];
      partialBytes = 0;
    }
    if (rest.length > 0) {
      partial.push(Buffer.from(rest));
      partialBytes += rest.length;
    }
    if (partialBytes > MOST_LINE_BYTES) {
      events.longLines += 1;
      partial = [];
      partialBytes = 0;
      skipping = true;
    }
    return whole;
  };

  const told = (bytes: Buffer<ArrayBufferLike>, last: boolean): LineBlock => {
    const first = untold;
    untold = false;
    return { bytes: new Uint8Array(bytes), first, header: first ? header : null, last };
  };

  /** The old file has nothing more: its unfinished last line is all there will be of it. */
  const leave = (): LineBlock | null => {
    if (file !== null) closeSync(file);
    file = null;
    events.rotated += 1;
    const rest = skipping ? Buffer.alloc(0) : Buffer.concat(partial);
    partial = [];
    partialBytes = 0;
    skipping = false;
    return rest.length === 0 ? null : told(rest, true);
  };

  return {
    events,
    identities,
    next: () => {
      for (;;) {
        if (file === null && !open()) return null;
        const from = file ?? -1;
        const { size } = fstatSync(from);
        const start = readAt(from, 0, HEAD_BYTES);
        if (size < offset || !start.subarray(0, head.length).equals(head)) {
          events.truncated += 1;
          forgetPartial();
          offset = 0;
          untold = true;
          header = null;
        }
        head = start;
        const read = readSync(from, buffer, 0, buffer.length, offset);
        if (read > 0) {
          offset += read;
          const whole = cut(buffer.subarray(0, read));
          if (whole !== null) return told(whole, false);
          continue;
        }
        const there = present();
        if (there === null || identityOf(there) === identity) return null;
        const rest = leave();
        if (rest !== null) return rest;
      }
    },
    behind: () => (file === null ? (present()?.size ?? 0) : Math.max(0, fstatSync(file).size - offset)),
    missing: () => present() === null,
    close: () => {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

export const identityOf = (stats: Pick<Stats, 'dev' | 'ino'>): string => `${stats.dev}:${stats.ino}`;

function readAt(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, from));
}

/** The first line of the file with its line end; empty when it has none yet. */
function firstLine(file: number): Uint8Array<ArrayBuffer> {
  const bytes = readAt(file, 0, BLOCK_BYTES);
  return new Uint8Array(bytes.subarray(0, bytes.indexOf(LF) + 1));
}

/** Where the last whole line of the file ends. */
function lastLineEnd(file: number, size: number): number {
  for (let end = size; end > 0; end -= BLOCK_BYTES) {
    const from = Math.max(0, end - BLOCK_BYTES);
    const at = readAt(file, from, end - from).lastIndexOf(LF);
    if (at >= 0) return from + at + 1;
  }
  return 0;
}
