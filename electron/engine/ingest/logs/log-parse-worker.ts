import { parentPort, workerData } from 'node:worker_threads';
import type { LogMapping } from '../../../contract/logs.ts';
import { createBlockParser } from './block-parser.ts';
import type { BlockToParse, ParsedColumn, ParseMessage } from './log-messages.ts';
import { workerFailure } from './worker-failure.ts';

export interface ParseOrder {
  readonly mapping: LogMapping;
  readonly idSalts: readonly [number, number];
}

const buffersOf = (column: ParsedColumn): ArrayBuffer[] =>
  column.type === 'number'
    ? [column.values.buffer]
    : column.type === 'category'
      ? [column.codes.buffer]
      : [column.ends.buffer, column.bytes.buffer];

/** Parses the blocks that it is sent, in the order in which they come. Opens nothing. */
function main({ mapping, idSalts }: ParseOrder): void {
  const port = parentPort;
  if (port === null) return;
  const parser = createBlockParser(mapping, idSalts);
  port.on('message', (order: BlockToParse) => {
    try {
      const block = parser.parse(order);
      const buffers = [
        ...block.columns.flatMap(buffersOf),
        block.line.buffer,
        ...(block.file === null ? [] : [block.file.buffer]),
        ...(block.idHashes === null ? [] : [block.idHashes.buffer]),
      ];
      port.postMessage({ kind: 'parsed', block } satisfies ParseMessage, buffers);
    } catch (error) {
      port.postMessage(workerFailure(error) satisfies ParseMessage);
    }
  });
}

main(workerData as ParseOrder);
