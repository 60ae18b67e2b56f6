import { closeSync, fdatasync, openSync } from 'node:fs';

/** This much is written between two calls. */
const SYNC_BYTES = 64 * 1024 * 1024;

/**
 * Has the disk write a large import while it is still coming in, so that the commit, which waits for the disk, has
 * little left to wait for. What goes wrong here goes wrong there too, and is told there.
 */
export function earlySync(path: string): { written(bytes: number): void; end(): void } {
  let file: number | null = null;
  let since = 0;
  let busy = false;
  let ended = false;
  const close = (): void => {
    if (file !== null) closeSync(file);
    file = null;
  };
  return {
    written: (bytes) => {
      since += bytes;
      if (since < SYNC_BYTES || busy || ended) return;
      since = 0;
      try {
        file ??= openSync(`${path}-wal`, 'r+');
      } catch {
        return;
      }
      busy = true;
      fdatasync(file, () => {
        busy = false;
        if (ended) close();
      });
    },
    end: () => {
      ended = true;
      if (!busy) close();
    },
  };
}
