import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { firstNonFinite } from './finite-check.ts';
import type { ValuesToCheck } from './value-check.ts';

/** Hashes the values of a matrix and gives each chunk back; without a chunk, the hash. */
const hash = createHash('sha256');
parentPort?.on('message', ({ dtype, bytes }: ValuesToCheck) => {
  if (bytes === null) {
    parentPort?.postMessage(hash.digest('hex'));
    return;
  }
  hash.update(bytes);
  const nonFinite = firstNonFinite(dtype, bytes);
  parentPort?.postMessage({ bytes, nonFinite }, [bytes.buffer]);
});
