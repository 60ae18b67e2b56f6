import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FileLook } from './look-into-file.ts';
import type { FileToLookInto, LookPosted } from './look-worker.ts';
import { unknownFile } from './unknown-file.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './look-worker.ts' : './look-worker.js';

/** Longer than any file needs that is not made to take long. */
const MOST_MILLISECONDS = 120_000;
const MOST_HEAP_MEGABYTES = 2048;

function given(up: FileToLookInto | undefined, why: string): FileLook {
  const path = up?.path ?? '';
  const name = basename(path);
  return {
    labels: null,
    proposal: {
      ...unknownFile,
      name,
      size: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
      format: 'unknown',
      problem: `${name}: ${why}, so it was given up. Nothing was imported. Leave it out, or write it again.`,
    },
  };
}

/**
 * Looks into files off this thread, because what they hold is not known. A file that takes too long or too much memory is
 * given up, and the others are looked into.
 */
export async function lookIntoFiles(files: readonly FileToLookInto[]): Promise<FileLook[]> {
  const looks: FileLook[] = [];
  while (looks.length < files.length) {
    const before = looks.length;
    const failure = await lookOn(files.slice(before), (look) => {
      looks.push(look);
    });
    if (looks.length < files.length && failure !== null) looks.push(given(files[looks.length], failure));
  }
  return looks;
}

/** Looks into the files in one worker; why it ended before the last of them, or null. */
async function lookOn(
  files: readonly FileToLookInto[],
  take: (look: FileLook) => void,
): Promise<string | null> {
  const worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData: files,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MEGABYTES },
  });
  let clock: NodeJS.Timeout | undefined;
  let done = 0;
  try {
    return await new Promise<string | null>((resolve, reject) => {
      const wait = (): void => {
        clearTimeout(clock);
        clock = setTimeout(() => {
          resolve('it took longer than two minutes to look into');
        }, MOST_MILLISECONDS);
      };
      worker.on('message', (posted: LookPosted) => {
        if ('bug' in posted) {
          reject(new Error(posted.bug));
          return;
        }
        take(posted.look);
        done += 1;
        wait();
      });
      worker.on('error', (error: Error & { code?: string }) => {
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve('it takes too much memory to look into');
        else reject(error);
      });
      worker.on('exit', () => {
        resolve(done === files.length ? null : 'what looked into it ended');
      });
      wait();
    });
  } finally {
    clearTimeout(clock);
    await worker.terminate();
  }
}
