import { workerData } from 'node:worker_threads';
import { connect } from './connection.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CheckpointOrder } from './background-checkpoint.ts';

/** Moves the write-ahead log of a case into its file; readers and writers of the case go on meanwhile. */
const { path, ended } = workerData as CheckpointOrder;
const flag = new Int32Array(ended);
try {
  const connection = connect(path);
  try {
    connection.pragma('wal_checkpoint(PASSIVE)');
  } finally {
    connection.close();
  }
} catch (error) {
  // What could not be moved, as on a full disk, is as safe where it is, and is moved when the case is closed or next opened.
  if (!(error instanceof BezoarError)) throw error;
} finally {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
