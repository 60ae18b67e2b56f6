import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Dataset, DatasetRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile, ImportTransaction } from '../case/case-file.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { isMatrix } from './entry-roles.ts';
import { forkDecoder, type StartDecoder } from './images/decoder-process.ts';
import { serveDecoders } from './images/relayed-decoder.ts';
import type { LinkedPlace } from './linked-place.ts';
import type { ImportMessage, ImportOrder, Posted, SetToRead, Written } from './import-messages.ts';

/** Samples without records that are written between two turns: some 20 ms. */
const NUMBERED_BATCH = 20_000;

/** A set of an import plan with the paths of its files in place of their tokens. */
export interface SetPlan extends Omit<SetToRead, 'rows'> {
  readonly role: DatasetRole;
}

const ENTRY = import.meta.url.endsWith('.ts') ? './import-worker.ts' : './import-worker.js';

/**
 * Imports all files of the plan or none: a worker thread parses, this thread writes in one transaction and lets other
 * calls through between batches. Cancel and failure leave nothing behind.
 * @throws BezoarError evidence/..., case/disk-full; Cancelled
 */
export async function runImport(
  caseFile: CaseFile,
  plan: readonly SetPlan[],
  context: JobContext,
  models: readonly string[] = [],
  startDecoder: StartDecoder = forkDecoder,
): Promise<void> {
  const sets = plan.map((set) => againstCase(caseFile, set));
  const total = Math.max(
    1,
    sets.reduce((sum, set) => sum + bytesOf(set), 0) +
      models.reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
  );
  context.phase('Reading and writing');
  const transaction = caseFile.beginImport();
  try {
    const writer = createWriter(caseFile, transaction, plan);
    await readInWorker({ sets, models }, context, startDecoder, async ({ message, bytes, images }, turn) => {
      await writer(message, turn);
      if (images === null)
        context.progress(Math.min(0.99, bytes / total), { done: bytes, total, unit: 'bytes' });
      else {
        const { done, total: steps } = images;
        context.progress(Math.min(0.99, done / steps), {
          done: Math.floor(done / 2),
          total: steps / 2,
          unit: 'images',
        });
      }
    });
    refuseOverlap(transaction);
    context.phase('Keeping');
    transaction.commit('evidence/import', {
      sets: plan.map(({ role, records, tables, arrays, acceptBadRows }) => ({
        role,
        columns: records?.columns ?? [],
        ...(tables === undefined || tables.length === 0
          ? {}
          : { tables: tables.map(({ key, columns }) => ({ key, columns })) }),
        ...(acceptBadRows === true ? { acceptBadRows } : {}),
        arrays: arrays.map(({ entry, role: array }) => (entry === null ? array : `${array} (${entry})`)),
      })),
    });
  } finally {
    // Without effect once committed.
    transaction.abandon();
  }
}

/** What the set means for this case: new, in place of another, or arrays for the one that is there. */
function againstCase(caseFile: CaseFile, { role, ...set }: SetPlan): SetToRead {
  const { records, tables = [], arrays } = set;
  const present = caseFile.datasets.active(role);
  const twice = arrays.find(
    (array, at) => array.role !== 'losses' && arrays.findIndex((other) => other.role === array.role) !== at,
  );
  if (twice !== undefined)
    throw new BezoarError(
      'evidence/already-there',
      `Two arrays were taken for the ${twice.role} of the ${role} set. Nothing was imported. Choose one of them.`,
    );
  if (records === null && arrays.length === 0 && tables.length === 0)
    throw new BezoarError('evidence/malformed', `The ${role} set has no file. Nothing was imported.`);
  if (present === null || (records !== null && role === 'trusted')) return { ...set, rows: null };
  if (records !== null)
    throw new BezoarError(
      'evidence/already-there',
      `This case already investigates ${present.name} with ${present.rows} samples. Nothing was imported. Start a new case for ` +
        'another set, or mark these files as trusted.',
    );
  const column =
    arrays.find((array) => !isMatrix(array.role))?.role ?? (tables.length > 0 ? 'tables' : undefined);
  if (column !== undefined)
    throw new BezoarError(
      'evidence/already-there',
      `The samples of the ${role} set are in the case and are not changed any more, so its ${column} cannot be added. ` +
        'Nothing was imported. Start a new case and give them along with the records.',
    );
  const same = arrays.find((array) =>
    present.matrices.some((matrix) => matrix.role === array.role && matrix.builtIn === null),
  );
  if (same !== undefined)
    throw new BezoarError(
      'evidence/already-there',
      `The ${role} set already has its ${same.role}. Nothing was imported. ` +
        (role === 'trusted'
          ? 'Give the trusted records along with it to put another trusted set in place of this one.'
          : 'Start a new case for other values.'),
    );
  const named = arrays.map((array) =>
    array.column === undefined ? array : { ...array, names: namesIn(caseFile, present, array.column) },
  );
  return { ...set, arrays: named, rows: present.rows };
}

/** The cells of a column of samples that are in the case; '' is the key. */
function namesIn(caseFile: CaseFile, { id }: Dataset, column: string): (string | null)[] {
  return column === '' ? caseFile.datasets.keys(id) : caseFile.datasets.textColumn(id, column);
}

/** The files of a set, each once. */
export const pathsOf = ({ records, tables = [], arrays }: Omit<SetToRead, 'rows'>): ReadonlySet<string> =>
  new Set([
    ...[...(records === null ? [] : [records]), ...arrays].flatMap(({ path, parts = [] }) => [
      path,
      ...parts,
    ]),
    ...tables.map(({ path }) => path),
  ]);

function bytesOf(set: SetToRead): number {
  const paths = pathsOf(set);
  // A file that is gone is told of by the worker, which opens it.
  return [...paths].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
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

/** Lets other calls through. @throws Cancelled */
type Turn = () => Promise<void>;

/** Runs the worker; `take` is given its messages one after another, with a turn of the event loop between them. */
async function readInWorker(
  order: Omit<ImportOrder, 'decoders'>,
  context: JobContext,
  startDecoder: StartDecoder,
  take: (posted: Posted, turn: Turn) => Promise<void>,
): Promise<void> {
  if (context.cancelled()) throw new Cancelled();
  const { port1, port2 } = new MessageChannel();
  const endDecoders = serveDecoders(port1, startDecoder);
  const worker = new Worker(new URL(ENTRY, import.meta.url), {
    workerData: { ...order, decoders: port2 } satisfies ImportOrder,
    transferList: [port2],
  });
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
  const turn = async (): Promise<void> => {
    await nextTurn();
    if (context.cancelled()) throw new Cancelled();
  };
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
      await take(posted, turn);
      const spare = message.kind === 'chunk' ? message.bytes : null;
      worker.postMessage({ spare } satisfies Written, spare === null ? [] : [spare.buffer]);
      await turn();
    }
  } finally {
    endDecoders();
    const gone = worker.terminate();
    // A thread in the midst of parsing one huge value ends when it is through; it only reads, so nobody needs to wait.
    if (!((ended as Error | null) instanceof Cancelled)) await gone;
  }
}

/** Writes the worker's messages into the transaction, in the order in which they come. */
function createWriter(
  caseFile: CaseFile,
  transaction: ImportTransaction,
  plan: readonly SetPlan[],
): (message: ImportMessage, turn: Turn) => Promise<void> {
  const datasets = plan.map(({ role, records }) =>
    records === null ? (caseFile.datasets.active(role)?.id ?? null) : null,
  );
  /** Ids of the evidence of each set, by its number there. */
  const evidence: number[][] = plan.map(() => []);
  let matrix = 0;
  /** Matrices of the set that stay in their file, until its hash is known. */
  let links: { matrix: number; evidence: number; place: LinkedPlace }[] = [];

  const roleOf = (set: number): DatasetRole => plan[set]?.role ?? 'investigated';
  const datasetOf = (set: number): number => {
    const dataset = datasets[set] ?? null;
    if (dataset === null) throw new Error(`set ${set} has no dataset yet`);
    return dataset;
  };
  const evidenceOf = (set: number, number: number): number => {
    const id = evidence[set]?.[number];
    if (id === undefined) throw new Error(`evidence ${number} of set ${set} was not begun`);
    return id;
  };

  return async (message, turn) => {
    switch (message.kind) {
      case 'begin-set': {
        const { set, name, ownKeys, columns } = message;
        transaction.supersede(roleOf(set));
        const dataset = transaction.addDataset({ role: roleOf(set), name, ownKeys });
        transaction.addColumns(dataset, columns);
        datasets[set] = dataset;
        return;
      }
      case 'begin-again':
        transaction.emptySet(datasetOf(message.set));
        transaction.addColumns(datasetOf(message.set), message.columns);
        return;
      case 'samples':
        transaction.addSamples(datasetOf(message.set), message.samples);
        return;
      case 'numbered': {
        const dataset = datasetOf(message.set);
        for (let first = 0; first < message.rows; first += NUMBERED_BATCH) {
          transaction.addNumbered(dataset, Math.min(NUMBERED_BATCH, message.rows - first));
          await turn();
        }
        return;
      }
      case 'begin-evidence': {
        const { set, facts } = message;
        const records = facts.role === 'records';
        evidence[set]?.push(
          transaction.addEvidence({
            ...facts,
            dataset: roleOf(set),
            sha256: '',
            rows: 0,
            shape: facts.shape === null ? null : [...facts.shape],
            mapping: records ? (plan[set]?.records?.columns ?? []) : null,
          }),
        );
        return;
      }
      case 'begin-matrix':
        // What the model says takes the place of what stood in for it.
        if (message.role === 'activations') transaction.supersedeBuiltIn();
        matrix = transaction.addMatrix(
          datasetOf(message.set),
          evidenceOf(message.set, message.evidence),
          message,
        );
        return;
      case 'chunk':
        transaction.addChunk(matrix, message.index, message.firstRow, message.rows, message.bytes);
        return;
      case 'checked':
        return;
      case 'end-matrix':
        transaction.finishMatrix(matrix, message.sha256);
        if (message.link !== null) links.push({ matrix, evidence: message.evidence, place: message.link });
        return;
      case 'end-evidence':
        transaction.finishEvidence(evidenceOf(message.set, message.evidence), message);
        for (const { matrix: linked, evidence: of, place } of links)
          if (of === message.evidence) transaction.linkMatrix(linked, { ...place, sha256: message.sha256 });
        links = links.filter(({ evidence: of }) => of !== message.evidence);
        return;
      case 'model':
        transaction.addModel(message);
        return;
      case 'done':
      case 'failure':
      case 'bug':
        return;
    }
  };
}
