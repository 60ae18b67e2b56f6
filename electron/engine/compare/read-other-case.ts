import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BezoarError, type Failure } from '../../contract/errors.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { OtherCase } from '../case/other-case.ts';
import { caseFailure } from '../case/sqlite-failure.ts';
import type { JobContext } from '../jobs/job-queue.ts';

const ENTRY = import.meta.url.endsWith('.ts') ? './other-case-worker.ts' : './other-case-worker.js';

/** What the other case's verdicts, keys and audit lines may take; its matrices pass by in chunks. */
const MOST_HEAP_MIB = 2048;
/** A case is hashed and checked at some hundred megabytes a second; one that takes this long was made to. */
const LEAST_MILLISECONDS = 120_000;
const SLOWEST_BYTES_A_MILLISECOND = 10_000;

/** The file that a case was read from. */
export interface OtherCaseFile {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export type OtherCaseMessage =
  | { readonly kind: 'hashed'; readonly bytes: number; readonly of: number }
  | { readonly kind: 'phase'; readonly name: string }
  | { readonly kind: 'read'; readonly other: OtherCase; readonly file: OtherCaseFile }
  | { readonly kind: 'failure'; readonly failure: Failure };

/**
 * Reads another case in a thread that may die of it.
 * @throws Cancelled; BezoarError case/... when the file is not to be read
 */
export function readOtherCaseApart(
  path: string,
  context: JobContext,
): Promise<{ other: OtherCase; file: OtherCaseFile }> {
  const name = basename(path);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const most = LEAST_MILLISECONDS + size / SLOWEST_BYTES_A_MILLISECOND;
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(ENTRY, import.meta.url), {
      workerData: path,
      resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
    });
    const timer = setTimeout(() => {
      reject(caseFailure.corrupt(path, `it was not read within ${Math.round(most / 1000)} seconds`));
      void worker.terminate();
    }, most);
    context.onCancel(() => {
      // Not waited for: the thread may be deep in SQLite, and nothing depends on it.
      reject(new Cancelled());
      void worker.terminate();
    });
    context.phase('hashing the file');
    worker.on('message', (message: OtherCaseMessage) => {
      if (message.kind === 'hashed') {
        const { bytes, of } = message;
        context.progress((0.3 * bytes) / Math.max(1, of), { done: bytes, total: of, unit: 'bytes' });
      } else if (message.kind === 'phase') {
        context.phase(message.name);
        context.progress(message.name === 'reading its verdicts' ? 0.8 : 0.3);
      } else if (message.kind === 'read') resolve({ other: message.other, file: message.file });
      else reject(new BezoarError(message.failure.code, message.failure.sentence));
    });
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      clearTimeout(timer);
      // Of no consequence where it was read, refused or cancelled before.
      reject(
        new BezoarError(
          'case/corrupt',
          `${name} ended the thread that read it. Nothing was taken from it. It is damaged, or was made to do so.`,
        ),
      );
    });
  });
}
