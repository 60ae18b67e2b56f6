import { Worker } from 'node:worker_threads';
import type { TextReading } from '../../contract/evidence.ts';
import { unreadableFile, type Looked } from './look.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './look-worker.ts' : './look-worker.js';

/** A header is read in milliseconds; a packed file is counted at some hundred megabytes a second. */
const MOST_MILLISECONDS = 120_000;

/** A file, and how its text is written in place of what is told from it. */
export interface FileToLookAt {
  readonly path: string;
  readonly reading?: TextReading | undefined;
}

/** What the worker is given: files to look into one after another. */
export interface FilesToLookAt {
  readonly files: readonly FileToLookAt[];
  readonly hash: boolean;
}

/** From the worker, in the order of the files. */
export type LookMessage = { readonly looked: Looked } | { readonly bug: string };

/**
 * Looks into files in a thread that may die: a file that ends it, or holds it for too long, is told of and left, and
 * the others are looked into by another.
 *
 * @param hash also hashes each file; then the time limit is lifted
 * @throws Error what a reader ends with that is no refusal
 */
export async function lookAtFiles(
  files: readonly FileToLookAt[],
  { hash }: { readonly hash: boolean },
): Promise<Looked[]> {
  const looked: Looked[] = [];
  while (looked.length < files.length) {
    const rest = files.slice(looked.length);
    const ended = await lookInWorker({ files: rest, hash }, (one) => looked.push(one));
    const stuck = files[looked.length]?.path;
    if (stuck !== undefined)
      looked.push(unreadableFile(stuck, `${unreadableFile(stuck, '').facts.name} ${ended}`));
  }
  return looked;
}

/** Resolves when the worker has ended, with why it ended too early. */
function lookInWorker(data: FilesToLookAt, take: (looked: Looked) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(ENTRY, import.meta.url), { workerData: data });
    let why =
      'ended the thread that read it. Nothing was imported. It is damaged, or was made to do so; leave it out.';
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(timer);
      if (data.hash) return;
      timer = setTimeout(() => {
        why = `was not understood within ${MOST_MILLISECONDS / 1000} seconds. Nothing was imported. It is damaged, or was made to take long; leave it out.`;
        void worker.terminate();
      }, MOST_MILLISECONDS);
    };
    wait();
    worker.on('message', (message: LookMessage) => {
      wait();
      if ('bug' in message) reject(new Error(message.bug));
      else take(message.looked);
    });
    // A thread that ran out of memory ends with an error, and is told of like one that ended without.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      clearTimeout(timer);
      resolve(why);
    });
  });
}
