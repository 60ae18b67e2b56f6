import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { DatasetRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile, ImportedSample, ImportTransaction } from '../case/case-file.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import type { ImportMessage, Posted, SetToRead } from './import-messages.ts';

/** A set of an import plan with the paths of its files in place of their tokens. */
export interface SetPlan extends Omit<SetToRead, 'rows'> {
  readonly role: DatasetRole;
}

const ENTRY = import.meta.url.endsWith('.ts') ? './import-worker.ts' : './import-worker.js';

/** Rows that a set without records is written with at a time. */
const NUMBERED_BATCH = 1000;

/**
 * Imports all files of the plan or none: a worker thread parses, this thread writes in one transaction and lets other
 * calls through between batches. Cancel and failure leave nothing behind.
 * @throws BezoarError evidence/..., case/disk-full; Cancelled
 */
export async function runImport(
  caseFile: CaseFile,
  plan: readonly SetPlan[],
  context: JobContext,
): Promise<void> {
  const sets = plan.map((set) => againstCase(caseFile, set));
  const total = Math.max(
    1,
    sets.reduce((sum, set) => sum + bytesOf(set), 0),
  );
  context.phase('Reading and writing');
  const transaction = caseFile.beginImport();
  try {
    const writer = createWriter(caseFile, transaction, plan);
    await readInWorker(sets, context, async ({ message, bytes }) => {
      await writer(message);
      context.progress(Math.min(0.99, bytes / total), { done: bytes, total, unit: 'bytes' });
    });
    refuseOverlap(transaction);
    context.phase('Keeping');
    transaction.commit('evidence/import', {
      sets: plan.map(({ role, records, arrays }) => ({
        role,
        columns: records?.columns ?? [],
        arrays: arrays.map((array) => array.role),
      })),
    });
  } finally {
    // Without effect once committed.
    transaction.abandon();
  }
}

/** What the set means for this case: new, in place of another, or arrays for the one that is there. */
function againstCase(caseFile: CaseFile, { role, records, arrays }: SetPlan): SetToRead {
  const present = caseFile.datasets.active(role);
  const twice = arrays.find((array, at) => arrays.findIndex((other) => other.role === array.role) !== at);
  if (twice !== undefined)
    throw new BezoarError(
      'evidence/already-there',
      `Two files were taken for the ${twice.role} of the ${role} set. Nothing was imported. Choose one of them.`,
    );
  if (records === null && arrays.length === 0)
    throw new BezoarError('evidence/malformed', `The ${role} set has no file. Nothing was imported.`);
  if (present === null || (records !== null && role === 'trusted')) return { records, arrays, rows: null };
  if (records !== null)
    throw new BezoarError(
      'evidence/already-there',
      `This case already investigates ${present.name} with ${present.rows} samples. Nothing was imported. Start a new case for ` +
        'another set, or mark these files as trusted.',
    );
  const same = arrays.find((array) => present.matrices.some((matrix) => matrix.role === array.role));
  if (same !== undefined)
    throw new BezoarError(
      'evidence/already-there',
      `The ${role} set already has its ${same.role}. Nothing was imported. ` +
        (role === 'trusted'
          ? 'Give the trusted records along with it to put another trusted set in place of this one.'
          : 'Start a new case for other values.'),
    );
  return { records, arrays, rows: present.rows };
}

function bytesOf({ records, arrays }: SetToRead): number {
  const paths = [...(records === null ? [] : [records.path]), ...arrays.map(({ path }) => path)];
  // A file that is gone is told of by the worker, which opens it.
  return paths.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

function refuseOverlap(transaction: ImportTransaction): void {
  const overlapping = transaction.overlappingKeys(4);
  if (overlapping.length === 0) return;
  const some = overlapping.slice(0, 3).map((key) => JSON.stringify(key));
  throw new BezoarError(
    'evidence/overlapping-keys',
    `Samples stand in both the investigated and the trusted set: ${some.join(', ')}${overlapping.length > 3 ? ' and more' : ''}. ` +
      'A trusted set must hold other samples than those under suspicion, so nothing was imported. Take them out of the trusted files.',
  );
}

/** Runs the worker; `take` is given its messages one after another, with a turn of the event loop between them. */
async function readInWorker(
  sets: readonly SetToRead[],
  context: JobContext,
  take: (posted: Posted) => Promise<void>,
): Promise<void> {
  if (context.cancelled()) throw new Cancelled();
  const worker = new Worker(new URL(ENTRY, import.meta.url), { workerData: sets });
  const queue: Posted[] = [];
  let ended: Error | null = null;
  let wake: () => void = () => undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake();
  };
  worker.on('message', (posted: Posted) => {
    queue.push(posted);
    wake();
  });
  worker.on('error', end);
  worker.on('exit', () => {
    end(new Error('the import worker ended too early'));
  });
  context.onCancel(() => {
    end(new Cancelled());
  });
  try {
    for (;;) {
      if (context.cancelled()) throw new Cancelled();
      const posted = queue.shift();
      if (posted === undefined) {
        if (ended !== null) throw ended as Error;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const { message } = posted;
      if (message.kind === 'failure') throw new BezoarError(message.failure.code, message.failure.sentence);
      if (message.kind === 'bug') throw new Error(message.stack);
      if (message.kind === 'done') return;
      await take(posted);
      worker.postMessage('written');
      await nextTurn();
    }
  } finally {
    await worker.terminate();
  }
}

/** Writes the worker's messages into the transaction, in the order in which they come. */
function createWriter(
  caseFile: CaseFile,
  transaction: ImportTransaction,
  plan: readonly SetPlan[],
): (message: ImportMessage) => Promise<void> {
  const datasets = plan.map(({ role, records }) =>
    records === null ? (caseFile.datasets.active(role)?.id ?? null) : null,
  );
  let evidence = 0;
  let matrix = 0;

  const roleOf = (set: number): DatasetRole => plan[set]?.role ?? 'investigated';
  const datasetOf = (set: number): number => {
    const dataset = datasets[set] ?? null;
    if (dataset === null) throw new Error(`set ${set} has no dataset yet`);
    return dataset;
  };
  const addDataset = (set: number, name: string, ownKeys: boolean): number => {
    transaction.supersede(roleOf(set));
    return (datasets[set] = transaction.addDataset({ role: roleOf(set), name, ownKeys }));
  };

  return async (message) => {
    switch (message.kind) {
      case 'begin-records': {
        const { set, file, columns, ownKeys } = message;
        const dataset = addDataset(set, file.name, ownKeys);
        evidence = transaction.addEvidence({
          ...file,
          dataset: roleOf(set),
          role: 'records',
          sha256: '',
          rows: 0,
          shape: null,
          dtype: null,
          mapping: plan[set]?.records?.columns ?? [],
        });
        transaction.addColumns(dataset, columns);
        return;
      }
      case 'samples':
        transaction.addSamples(datasetOf(message.set), message.samples);
        return;
      case 'end-records':
        transaction.finishEvidence(evidence, message);
        return;
      case 'numbered': {
        const dataset = addDataset(message.set, message.name, false);
        for (let first = 0; first < message.rows; first += NUMBERED_BATCH) {
          transaction.addSamples(
            dataset,
            numberedSamples(first, Math.min(first + NUMBERED_BATCH, message.rows)),
          );
          await nextTurn();
        }
        return;
      }
      case 'begin-array': {
        const { set, file, role, dtype, shape } = message;
        evidence = transaction.addEvidence({
          ...file,
          dataset: roleOf(set),
          role,
          sha256: '',
          rows: shape[0] ?? 0,
          shape: [...shape],
          dtype,
          mapping: null,
        });
        matrix = transaction.addMatrix(datasetOf(set), evidence, { role, dtype, shape });
        return;
      }
      case 'chunk':
        transaction.addChunk(matrix, message.index, message.firstRow, message.rows, message.bytes);
        return;
      case 'end-array':
        transaction.finishEvidence(evidence, message);
        transaction.finishMatrix(matrix, message.matrixSha256);
        return;
      case 'done':
      case 'failure':
      case 'bug':
        return;
    }
  };
}

function numberedSamples(from: number, to: number): ImportedSample[] {
  return Array.from({ length: to - from }, (_, at) => ({
    row: from + at,
    key: String(from + at),
    label: null,
    predicted: null,
    confidence: null,
    cells: [],
  }));
}
