import { randomInt } from 'node:crypto';
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping, LogRole } from '../../../contract/logs.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import type { CaseFile } from '../../case/case-file.ts';
import type { JobContext } from '../../jobs/job-queue.ts';
import { checkMapping } from './check-mapping.ts';
import { LogAssembly } from './log-assembly.ts';
import { logFiles, type LogFile } from './log-files.ts';
import type { BlockToParse, ParsedBlock, ParseMessage, ReadMessage } from './log-messages.ts';
import type { ParseOrder } from './log-parse-worker.ts';
import type { ReadOrder } from './log-read-worker.ts';

export interface LogPlan {
  /** Files and folders. */
  readonly paths: readonly string[];
  readonly role: LogRole;
  readonly name: string;
  readonly mapping: LogMapping;
  /** Lines that cannot be read are left out and counted; without it they refuse the whole import. */
  readonly acceptBadLines: boolean;
}

const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** One parser is busy with the lines of another's block at most. */
const BLOCKS_PER_PARSER = 2;
const SHOWN_BAD_LINES = 3;
const PHASE_MS = 200;

/**
 * Imports the files as one log, all or nothing: a worker reads, hashes and cuts them into blocks, others parse the blocks,
 * this thread puts them together in their order and writes in one transaction.
 * @param threads parsing workers
 * @returns the log
 * @throws BezoarError evidence/..., log/bad-lines, case/disk-full; Cancelled
 */
export async function importLog(
  caseFile: CaseFile,
  plan: LogPlan,
  context: JobContext,
  threads: number,
): Promise<number> {
  checkMapping(plan.mapping);
  const files = logFiles(plan.paths);
  const total = Math.max(
    1,
    files.reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
  );
  context.phase('Reading and writing');
  const transaction = caseFile.beginLog();
  try {
    const assembly = new LogAssembly(transaction, plan.mapping, threads);
    const hashes: { size: number; sha256: string; compression: string | null }[] = [];
    let told = 0;
    await parseFiles(files, plan.mapping, threads, context, {
      file: ({ name, size, compression, header }) => {
        assembly.beginFile(name, header?.lines ?? 0);
        hashes.push({ size, compression, sha256: '' });
      },
      block: async (worker, block, bytes) => {
        await assembly.add(worker, block);
        if (!plan.acceptBadLines && assembly.badCount > 0) throw badLines(assembly);
        context.progress(Math.min(0.99, bytes / total), { done: bytes, total, unit: 'bytes' });
        if (Date.now() - told < PHASE_MS) return;
        told = Date.now();
        context.phase(`Reading and writing, ${assembly.rows} requests`);
      },
      endFile: (file, sha256) => {
        hashes[file].sha256 = sha256;
      },
    });
    await assembly.finish();
    if (context.cancelled()) throw new Cancelled();
    if (assembly.rows === 0)
      throw new BezoarError(
        'evidence/malformed',
        `${files.length === 1 ? `${files[0].name} holds no request` : `None of the ${files.length} files holds a request`}. Nothing was imported. ` +
          [...assembly.oddities().map(({ sentence }) => sentence), 'Choose the files with the log.'].join(
            ' ',
          ),
      );
    context.phase('Keeping');
    const evidence = assembly.files.map(({ name, rows, badLines: bad }, at) => {
      const { size, sha256, compression } = hashes[at];
      const format = compression === null ? plan.mapping.format : `${plan.mapping.format}, ${compression}`;
      return transaction.addFile({ name, size, sha256, format, rows, badLines: bad });
    });
    const { log } = transaction;
    transaction.commit({
      role: plan.role,
      name: plan.name,
      mapping: plan.mapping,
      ...assembly.facts(evidence),
    });
    return log;
  } finally {
    // Without effect once committed.
    transaction.abandon();
  }
}

function badLines(assembly: LogAssembly): BezoarError {
  const some = assembly.firstBadLines(SHOWN_BAD_LINES);
  return new BezoarError(
    'log/bad-lines',
    `${some.join('; ')}${assembly.badCount > some.length ? '; and more' : ''}. Nothing was imported. ` +
      'Correct the mapping, mend the file, or agree that lines that cannot be read are left out and counted.',
  );
}

/** What is done with the files as they come, in their order. */
interface Sink {
  file(message: Extract<ReadMessage, { kind: 'file' }>): void;
  block(worker: number, block: ParsedBlock, bytes: number): Promise<void>;
  endFile(file: number, sha256: string): void;
}

/** A step of the log in its order: what the reader said, a block with its parsed rows once a worker has them. */
interface Step {
  readonly message: Extract<ReadMessage, { kind: 'file' | 'end-file' | 'done' | 'block' }>;
  readonly index: number;
}

async function parseFiles(
  files: readonly LogFile[],
  mapping: LogMapping,
  threads: number,
  context: JobContext,
  sink: Sink,
): Promise<void> {
  if (context.cancelled()) throw new Cancelled();
  const idSalts = [randomInt(2 ** 32), randomInt(2 ** 32)] as const;
  const order = { mapping, idSalts } satisfies ParseOrder;
  const reading = {
    files,
    delimiter: mapping.format === 'csv' ? (mapping.delimiter ?? ',') : null,
    inFlight: threads * BLOCKS_PER_PARSER + 1,
  } satisfies ReadOrder;
  const reader = new Worker(new URL(`./log-read-worker.${ENDING}`, import.meta.url), { workerData: reading });

  const steps: Step[] = [];
  /** Started one after another, as blocks wait for them. */
  const parsers: Worker[] = [];
  const parsed = new Map<number, { worker: number; block: ParsedBlock }>();
  const waiting: BlockToParse[] = [];
  /** Blocks that are with each parser. */
  const load: number[] = [];
  let file: Extract<ReadMessage, { kind: 'file' }> | null = null;
  let blocks = 0;
  let ended: Error | null = null;
  let wake: () => void = () => undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake();
  };
  const hand = (): void => {
    for (;;) {
      if (waiting.length === 0) return;
      let free = load.indexOf(0);
      if (free < 0 && parsers.length < threads) free = startParser();
      if (free < 0) free = load.findIndex((there) => there < BLOCKS_PER_PARSER);
      const block = free < 0 ? undefined : waiting.shift();
      if (block === undefined) return;
      load[free] += 1;
      parsers[free].postMessage(block, [block.bytes.buffer]);
    }
  };
  const failed = (message: ReadMessage | ParseMessage): boolean => {
    if (message.kind === 'failure') end(new BezoarError(message.failure.code, message.failure.sentence));
    else if (message.kind === 'bug') end(new Error(message.stack));
    return message.kind === 'failure' || message.kind === 'bug';
  };
  reader.on('message', (message: ReadMessage) => {
    if (failed(message) || message.kind === 'failure' || message.kind === 'bug') return;
    if (message.kind === 'file') file = message;
    steps.push({ message, index: blocks });
    if (message.kind === 'block') {
      const { file: at, bytes, last } = message;
      waiting.push({
        index: blocks,
        file: at,
        name: file?.name ?? '',
        header: file?.header ?? null,
        bytes,
        last,
      });
      blocks += 1;
      hand();
    }
    wake();
  });
  function startParser(): number {
    const worker = parsers.length;
    const url = new URL(`./log-parse-worker.${ENDING}`, import.meta.url);
    const parser = new Worker(url, { workerData: order });
    parser.on('message', (message: ParseMessage) => {
      if (failed(message) || message.kind !== 'parsed') return;
      load[worker] -= 1;
      parsed.set(message.block.index, { worker, block: message.block });
      hand();
      wake();
    });
    parser.on('error', end);
    parser.on('exit', () => {
      end(new Error('a parsing worker ended too early'));
    });
    parsers.push(parser);
    load.push(0);
    return worker;
  }
  reader.on('error', end);
  context.onCancel(() => {
    end(new Cancelled());
  });
  try {
    for (;;) {
      if (ended !== null) throw ended as Error;
      if (context.cancelled()) throw new Cancelled();
      const step = steps.at(0);
      const ready = step?.message.kind !== 'block' || parsed.has(step.index);
      if (step === undefined || !ready) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      steps.shift();
      const { message } = step;
      if (message.kind === 'done') return;
      if (message.kind === 'file') sink.file(message);
      else if (message.kind === 'end-file') sink.endFile(message.file, message.sha256);
      else {
        const done = parsed.get(step.index);
        parsed.delete(step.index);
        if (done !== undefined) await sink.block(done.worker, done.block, message.read);
        reader.postMessage('taken');
      }
    }
  } finally {
    for (const worker of [reader, ...parsers]) worker.removeAllListeners('exit');
    await Promise.all([reader, ...parsers].map((worker) => worker.terminate()));
  }
}
