import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { connect } from './connection.ts';
import { toCaseFailure } from './sqlite-failure.ts';

/** Keeps a case for one process. */
export interface CaseLock {
  release(): void;
}

/**
 * Locks the case with an exclusive lock of the operating system on a file beside it. The system gives the lock up
 * when its holder dies, so what a killed Bezoar left behind never keeps anyone out.
 * @throws BezoarError case/in-use, case/read-only
 */
export function lockCase(path: string): CaseLock {
  const lockPath = `${path}-lock`;
  try {
    closeSync(openSync(lockPath, 'a'));
  } catch (error) {
    throw toCaseFailure(path, error);
  }
  const lock = connect(lockPath);
  try {
    lock.script('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // Its last holder may have removed the file between the opening and the locking.
    if (!existsSync(lockPath)) throw new Error('the lock was just given up');
  } catch (error) {
    lock.close();
    throw toCaseFailure(path, Object.assign(new Error('locked'), { code: 'SQLITE_BUSY', cause: error }));
  }
  return {
    release: () => {
      // Removed while still held, so that no one else can lock a file that is about to go.
      if (process.platform !== 'win32') rmSync(lockPath, { force: true });
      lock.close();
      if (process.platform === 'win32') rmSync(lockPath, { force: true });
    },
  };
}
