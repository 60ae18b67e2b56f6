import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';

/** Sentences of the failures that reading or writing a case file can meet; `path` is the case's. */
export const caseFailure = {
  diskFull: (path: string): BezoarError =>
    new BezoarError(
      'case/disk-full',
      `The disk that holds ${basename(path)} is full or does not take more data. The last step was taken back and the case ` +
        'is as it was before. Free some space and do it again.',
    ),
  readOnly: (path: string): BezoarError =>
    new BezoarError(
      'case/read-only',
      `${basename(path)} cannot be written: the file or its folder is read-only. Nothing was changed. Copy the case to a ` +
        'folder that you may write to and open it there.',
    ),
  corrupt: (path: string, found: string): BezoarError =>
    new BezoarError(
      'case/corrupt',
      `${basename(path)} is damaged: ${found}. Nothing was changed. Open a copy from before the damage.`,
    ),
  inUse: (path: string): BezoarError =>
    new BezoarError(
      'case/in-use',
      `${basename(path)} is open in another Bezoar. Nothing was changed. Close it there, then open it here.`,
    ),
  longName: (path: string): BezoarError =>
    new BezoarError(
      'case/read-only',
      `${basename(path).slice(0, 40)}… cannot be made: its name is longer than the disk takes. Nothing was changed. Choose a shorter one.`,
    ),
  missing: (path: string): BezoarError =>
    new BezoarError(
      'case/missing',
      `${basename(path)} is not there any more, or its folder is not. Nothing was changed. Look for where it was moved to.`,
    ),
} as const;

/** The contract's failure for what SQLite or the file system threw; anything else is returned as it is. */
export function toCaseFailure(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof BezoarError) return error;
  // better-sqlite3 says this in a TypeError: a call that took its time met a case that was closed meanwhile.
  if (error instanceof TypeError && error.message === 'The database connection is not open')
    return new BezoarError(
      'case/not-open',
      `${basename(path)} was closed meanwhile. Nothing more was changed. Open the case and do it again.`,
    );
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return caseFailure.diskFull(path);
  if (
    /^SQLITE_IOERR_(WRITE|FSYNC|DIR_FSYNC|TRUNCATE|SHMSIZE|SHMOPEN|SHMMAP|BEGIN_ATOMIC|COMMIT_ATOMIC)$/.test(
      code,
    )
  )
    return caseFailure.diskFull(path);
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(code)) return caseFailure.corrupt(path, error.message);
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code) || /^(EACCES|EPERM|EROFS|ENOTDIR)$/.test(code))
    return caseFailure.readOnly(path);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return caseFailure.inUse(path);
  if (code === 'ENAMETOOLONG') return caseFailure.longName(path);
  if (code === 'ENOENT') return caseFailure.missing(path);
  return error;
}
