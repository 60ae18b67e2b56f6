import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { Dtype } from '../../contract/evidence.ts';
import { firstNonFinite } from './finite-check.ts';

/** To the thread that checks; without bytes it is asked for the hash. */
export interface ValuesToCheck {
  readonly dtype: Dtype;
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

export interface CheckedValues {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Index of the first value that is no finite number, or -1. */
  readonly nonFinite: number;
}

/** Hashes the values of a matrix, chunk by chunk in their order, and looks for what is no finite number. */
export interface ValueCheck {
  /** The chunk belongs to the check until it is given back. */
  add(bytes: Uint8Array<ArrayBuffer>): Promise<CheckedValues>;
  sha256(): Promise<string>;
  end(): Promise<void>;
}

/** Below it a thread takes longer to start than it saves. */
const LEAST_FOR_THREAD = 64 * 1024 * 1024;
const ENTRY = import.meta.url.endsWith('.ts') ? './value-check-worker.ts' : './value-check-worker.js';

/** @param total bytes of the whole matrix: a large one is checked beside the thread that reads and hashes its file */
export function checkValues(dtype: Dtype, total: number): ValueCheck {
  return total < LEAST_FOR_THREAD ? checkHere(dtype) : checkBeside(dtype);
}

function checkHere(dtype: Dtype): ValueCheck {
  const hash = createHash('sha256');
  return {
    add: (bytes) => {
      hash.update(bytes);
      return Promise.resolve({ bytes, nonFinite: firstNonFinite(dtype, bytes) });
    },
    sha256: () => Promise.resolve(hash.digest('hex')),
    end: () => Promise.resolve(),
  };
}

function checkBeside(dtype: Dtype): ValueCheck {
  const worker = new Worker(new URL(ENTRY, import.meta.url));
  const waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  let broken: Error | null = null;
  const fail = (error: Error): void => {
    broken ??= error;
    for (const { reject } of waiting.splice(0)) reject(broken);
  };
  worker.on('message', (answer: unknown) => waiting.shift()?.resolve(answer));
  worker.on('error', fail);
  worker.on('exit', () => {
    fail(new Error('the thread that checks values ended too early'));
  });
  const ask = <T>(message: ValuesToCheck): Promise<T> => {
    if (broken !== null) return Promise.reject(broken);
    const answer = new Promise<unknown>((resolve, reject) => {
      waiting.push({ resolve, reject });
    });
    // Of several that fail together only the first is waited for.
    answer.catch(() => undefined);
    worker.postMessage(message, message.bytes === null ? [] : [message.bytes.buffer]);
    return answer as Promise<T>;
  };
  return {
    add: (bytes) => ask<CheckedValues>({ dtype, bytes }),
    sha256: () => ask<string>({ dtype, bytes: null }),
    end: async () => {
      // What was still under way when the import failed is told to nobody.
      for (const { resolve } of waiting.splice(0)) resolve(undefined);
      await worker.terminate();
    },
  };
}
