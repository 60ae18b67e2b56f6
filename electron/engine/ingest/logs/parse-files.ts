import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import type { JobContext } from '../../jobs/job-queue.ts';
import type { LogFile } from './log-files.ts';
import type { BlockToParse, OpenedFile, ParsedBlock, ParseMessage, ReadMessage } from './log-messages.ts';
import type { ParseOrder } from './log-parse-worker.ts';
import type { ReadOrder } from './log-read-worker.ts';
import { schemaNamed } from './schemas/registry.ts';

const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
/** The next block lies ready when a parser has done with one. */
const BLOCKS_PER_PARSER = 2;

/** What is done with the files as they come, in their order. */
interface Sink {
  file(file: OpenedFile): void;
  /** @param bytes of the files, read so far */
  block(worker: number, block: ParsedBlock, bytes: number): Promise<void>;
  /** Of the file begun last. */
  endFile(sha256: string, told: readonly string[]): void;
}

/** A step in the order of the log; a block is taken once a worker has parsed it. */
type Step =
  | { readonly kind: 'file'; readonly file: OpenedFile }
  | { readonly kind: 'end-file'; readonly sha256: string; readonly told: readonly string[] }
  | { readonly kind: 'block'; readonly index: number; readonly read: number }
  | { readonly kind: 'done' };

/**
 * Has the files read by one worker and their blocks parsed by others, and gives `sink` what they hold in its order.
 * @param threads parsing workers at most; they start as blocks wait for them
 * @throws BezoarError evidence/...; Cancelled
 */
export async function parseFiles(
  files: readonly LogFile[],
  mapping: LogMapping,
  threads: number,
  context: JobContext,
  sink: Sink,
): Promise<void> {
  if (context.cancelled()) throw new Cancelled();
  const pairs = schemaNamed(mapping.format)?.pairs ?? false;
  const most = pairs ? 1 : threads;
  const parsing: ParseOrder = { mapping, idSalts: [randomInt(2 ** 32), randomInt(2 ** 32)] };
  const reading: ReadOrder = { files, mapping, inFlight: most * BLOCKS_PER_PARSER + 1 };
  const start = (entry: string, workerData: ParseOrder | ReadOrder): Worker =>
    new Worker(new URL(`./${entry}.${ENDING}`, import.meta.url), { workerData });

  const steps: Step[] = [];
  const parsed = new Map<number, { worker: number; block: ParsedBlock }>();
  const waiting: BlockToParse[] = [];
  const parsers: Worker[] = [];
  /** Blocks that are with each parser. */
  const load: number[] = [];
  let file: OpenedFile | null = null;
  let blocks = 0;
  let ended: Error | null = null;
  let wake: () => void = () => undefined;
  const end = (error: Error): void => {
    ended ??= error;
    wake();
  };
  const reader = start('log-read-worker', reading);

  const startParser = (): number => {
    const worker = parsers.length;
    const parser = start('log-parse-worker', parsing);
    parser.on('message', (message: ParseMessage) => {
      if (message.kind === 'failure') end(new BezoarError(message.failure.code, message.failure.sentence));
      else if (message.kind === 'bug') end(new Error(message.stack));
      else {
        load[worker] -= 1;
        parsed.set(message.block.index, { worker, block: message.block });
        hand();
        wake();
      }
    });
    parser.on('error', end);
    parser.on('exit', () => {
      end(new Error('a parsing worker ended too early'));
    });
    parsers.push(parser);
    load.push(0);
    return worker;
  };
  /** Gives waiting blocks to parsers that are free. */
  const hand = (): void => {
    while (waiting.length > 0) {
      let free = load.indexOf(0);
      if (free < 0 && parsers.length < most) free = startParser();
      if (free < 0) free = load.findIndex((there) => there < BLOCKS_PER_PARSER);
      const block = free < 0 ? undefined : waiting.shift();
      if (block === undefined) return;
      load[free] += 1;
      parsers[free].postMessage(block, [block.bytes.buffer]);
    }
  };
  const addBlock = (
    bytes: Uint8Array<ArrayBuffer>,
    read: number,
    of: { last: boolean; rest: boolean },
  ): void => {
    if (file === null) throw new Error('a block came before its file');
    steps.push({ kind: 'block', index: blocks, read });
    waiting.push({ index: blocks, file, bytes, ...of });
    blocks += 1;
    hand();
  };
  let read = 0;
  reader.on('message', (message: ReadMessage) => {
    switch (message.kind) {
      case 'failure':
        end(new BezoarError(message.failure.code, message.failure.sentence));
        return;
      case 'bug':
        end(new Error(message.stack));
        return;
      case 'block':
        read = message.read;
        addBlock(message.bytes, read, { last: message.last, rest: false });
        break;
      case 'file':
        file = message.file;
        steps.push(message);
        break;
      case 'done':
        if (pairs && file !== null) addBlock(new Uint8Array(0), read, { last: false, rest: true });
        steps.push(message);
        break;
      case 'end-file':
        steps.push(message);
    }
    wake();
  });
  reader.on('error', end);
  context.onCancel(() => {
    end(new Cancelled());
  });
  try {
    for (;;) {
      if (ended !== null) throw ended as Error;
      if (context.cancelled()) throw new Cancelled();
      const step = steps.at(0);
      const block = step?.kind === 'block' ? parsed.get(step.index) : undefined;
      if (step === undefined || (step.kind === 'block' && block === undefined)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      steps.shift();
      if (step.kind === 'done') return;
      if (step.kind === 'file') sink.file(step.file);
      else if (step.kind === 'end-file') sink.endFile(step.sha256, step.told);
      else if (block !== undefined) {
        parsed.delete(step.index);
        await sink.block(block.worker, block.block, step.read);
        reader.postMessage('taken');
      }
    }
  } finally {
    for (const parser of parsers) parser.removeAllListeners('exit');
    await Promise.all([reader, ...parsers].map((worker) => worker.terminate()));
  }
}
