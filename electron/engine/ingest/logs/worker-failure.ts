import { BezoarError } from '../../../contract/errors.ts';
import type { ReadFailure } from './log-messages.ts';

/** What a worker posts of an error: an expected failure with its sentence, a bug with its stack. */
export function workerFailure(error: unknown): ReadFailure {
  if (error instanceof BezoarError) return { kind: 'failure', failure: error.toFailure() };
  return { kind: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
