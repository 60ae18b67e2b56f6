import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BezoarError } from '../../contract/errors.ts';
import type { ExportRecord } from '../../contract/exports.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile } from '../case/case-file.ts';
import { fileIdentity } from '../case/file-identity.ts';
import { fileSha256 } from '../case/file-sha256.ts';
import type { JobContext } from '../jobs/job-queue.ts';

/** After so many milliseconds of work other calls are let through. */
const TURN_MS = 10;

const failed = (path: string, why: string): BezoarError =>
  new BezoarError(
    'export/failed',
    `${basename(path)} could not be written: ${why}. No part of it was left, and what stood there before stands. ` +
      'Choose another place or mend this, and export again.',
  );

/** The failure of the file that was written aside, told of the file that was asked for. */
function told(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'case/disk-full' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return failed(path, 'the disk is full');
  if (code === 'case/read-only' || code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return failed(path, 'the folder may not be written to');
  if (code === 'case/missing' || code === 'ENOENT') return failed(path, 'its folder is not there');
  return error;
}

/**
 * Writes a portable case of the open one, the whole file or none, and keeps that in the audit.
 * @returns how many samples it holds
 * @throws BezoarError export/nothing, export/failed; Cancelled
 */
export async function exportPortableCase(
  caseFile: CaseFile,
  target: string,
  context: Pick<JobContext, 'phase' | 'progress' | 'cancelled'>,
): Promise<number> {
  const path = resolve(target);
  if (fileIdentity(path) !== null && fileIdentity(path) === fileIdentity(caseFile.path))
    throw failed(path, 'it is the open case itself');
  // The log of another case beside a new file would be taken for its own.
  if (existsSync(`${path}-wal`) || existsSync(`${path}-journal`))
    throw failed(path, 'a case that is open or was not closed stands there');
  const aside = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  const head = caseFile.audit.head();
  let turnAt = performance.now();
  try {
    context.phase('writing');
    closeSync(openSync(aside, 'wx'));
    const samples = await caseFile.writePortable(aside, async (fraction) => {
      if (performance.now() - turnAt < TURN_MS) return;
      context.progress(fraction);
      await nextTurn();
      if (context.cancelled()) throw new Cancelled();
      turnAt = performance.now();
    });
    const file = openSync(aside, 'r+');
    fsyncSync(file);
    closeSync(file);
    const sha256 = await fileSha256(aside);
    await caseFile.writable();
    if (context.cancelled()) throw new Cancelled();
    const record: ExportRecord = {
      kind: 'portable-case',
      name: basename(path),
      bytes: statSync(aside).size,
      sha256,
      auditHead: head.hash,
      atMs: Date.now(),
      who: caseFile.actor(),
    };
    renameSync(aside, path);
    caseFile.exports.add(record, { samples });
    return samples;
  } catch (error) {
    throw told(path, error);
  } finally {
    for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(aside + ending, { force: true });
  }
}
