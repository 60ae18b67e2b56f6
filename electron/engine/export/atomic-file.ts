import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BezoarError } from '../../contract/errors.ts';

const BLOCK = 256 * 1024;
/** After so many milliseconds of work other calls are let through. */
const TURN_MS = 10;

function writeFailure(path: string, error: unknown): unknown {
  if (error instanceof BezoarError || !(error instanceof Error) || !('code' in error)) return error;
  const why =
    error.code === 'ENOSPC' || error.code === 'EFBIG' || error.code === 'EDQUOT'
      ? 'the disk is full'
      : error.code === 'ENOENT'
        ? 'its folder is not there'
        : error.code === 'EACCES' ||
            error.code === 'EPERM' ||
            error.code === 'EROFS' ||
            error.code === 'ENOTDIR'
          ? 'the folder may not be written to'
          : error.message;
  return new BezoarError(
    'export/failed',
    `${basename(path)} could not be written: ${why}. No part of it was left, and what stood there before stands. ` +
      'Choose another folder or mend this, and export again.',
  );
}

/**
 * Writes text to `path`, the whole file or none: beside it first, flushed to the disk, then renamed.
 * @throws BezoarError export/failed
 */
export async function writeWhole(
  path: string,
  pieces: Iterable<string>,
): Promise<{ bytes: number; sha256: string }> {
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  const hash = createHash('sha256');
  let bytes = 0;
  let file: number | null = null;
  let made = false;
  try {
    file = openSync(aside, 'wx');
    made = true;
    let text = '';
    const flush = (): void => {
      const block = Buffer.from(text, 'utf8');
      text = '';
      for (let at = 0; at < block.length;) at += writeSync(file ?? -1, block, at);
      hash.update(block);
      bytes += block.length;
    };
    let turn = performance.now();
    for (const piece of pieces) {
      text += piece;
      if (text.length >= BLOCK) flush();
      if (performance.now() - turn < TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
    flush();
    fsyncSync(file);
    closeSync(file);
    file = null;
    renameSync(aside, path);
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    if (file !== null) closeSync(file);
    if (made) rmSync(aside, { force: true });
    throw writeFailure(path, error);
  }
}
