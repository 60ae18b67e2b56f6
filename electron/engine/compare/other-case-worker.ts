import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { BezoarError } from '../../contract/errors.ts';
import { readOtherCase } from '../case/other-case.ts';
import { caseFailure, toCaseFailure } from '../case/sqlite-failure.ts';
import type { OtherCaseMessage } from './read-other-case.ts';

const BLOCK = 4 * 1024 * 1024;

const post = (message: OtherCaseMessage): void => {
  parentPort?.postMessage(message);
};

/** Which file, in which state, stands at the path. */
function stateOf(path: string): { size: number; state: string } {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  return { size: Number(size), state: `${dev}/${ino}/${size}/${mtimeNs}` };
}

function sha256Of(path: string, size: number): string {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const block = Buffer.alloc(BLOCK);
    for (let done = 0; ;) {
      const length = readSync(file, block, 0, BLOCK, null);
      if (length === 0) return hash.digest('hex');
      hash.update(block.subarray(0, length));
      done += length;
      post({ kind: 'hashed', bytes: done, of: size });
    }
  } finally {
    closeSync(file);
  }
}

function read(path: string): void {
  const before = stateOf(path);
  const sha256 = sha256Of(path, before.size);
  const other = readOtherCase(path, (name) => {
    post({ kind: 'phase', name });
  });
  if (stateOf(path).state !== before.state)
    throw new BezoarError(
      'case/in-use',
      `${basename(path)} changed while it was read. Nothing was taken from it. Wait until it is written, and compare again.`,
    );
  post({ kind: 'read', other, file: { name: basename(path), size: before.size, sha256 } });
}

const path = workerData as string;
try {
  read(path);
} catch (error) {
  const known = toCaseFailure(path, error);
  // What else a file makes its reading end with is the file's doing.
  const failure =
    known instanceof BezoarError ? known : caseFailure.corrupt(path, String(error).slice(0, 300));
  post({ kind: 'failure', failure: failure.toFailure() });
}
parentPort?.close();
