import { Worker } from 'node:worker_threads';
import type { Result } from '../../../contract/calls.ts';
import type { FileToken } from '../../../contract/case.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import type { ReadFailure } from './log-messages.ts';
import type { NamedMapping } from './mapping.ts';

type LogProposal = Result<'log/propose'>;

const ENTRY = import.meta.url.endsWith('.ts') ? './log-look-worker.ts' : './log-look-worker.js';
/** Some megabytes of some files are looked into. */
const MOST_MILLISECONDS = 120_000;

/** What the worker is given. */
export interface LogLook {
  readonly dropped: readonly { readonly token: FileToken; readonly path: string }[];
  readonly mapping: LogMapping | null;
  readonly reading?: TextReading | undefined;
  /** Where mappings are remembered. */
  readonly userData: string;
  readonly said: NamedMapping | null;
}

/** What the worker posts. */
export type LogLooked = { readonly kind: 'looked'; readonly proposal: LogProposal } | ReadFailure;

/**
 * Proposes what the fields of a log are, in a thread of its own that may die.
 * @throws BezoarError evidence/malformed where a file holds it for too long or ends it; what the proposal throws
 */
export function lookAtLog(look: LogLook): Promise<LogProposal> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(ENTRY, import.meta.url), { workerData: look });
    let why = 'ended the thread that read it';
    const timer = setTimeout(() => {
      why = `was not understood within ${MOST_MILLISECONDS / 1000} seconds`;
      void worker.terminate();
    }, MOST_MILLISECONDS);
    worker.on('message', (looked: LogLooked) => {
      if (looked.kind === 'looked') resolve(looked.proposal);
      else if (looked.kind === 'failure')
        reject(new BezoarError(looked.failure.code, looked.failure.sentence));
      else reject(new Error(looked.stack));
    });
    // A thread that ran out of memory ends with an error, and is told of like one that ended without.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      clearTimeout(timer);
      reject(
        new BezoarError(
          'evidence/malformed',
          `One of the files ${why}. Nothing was imported. It is damaged, or was made to do so; drop them one by one to find it.`,
        ),
      );
    });
  });
}
