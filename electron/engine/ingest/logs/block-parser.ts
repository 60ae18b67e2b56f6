import type { LogMapping } from '../../../contract/logs.ts';
import { CsvLines } from './csv-lines.ts';
import { JsonLines } from './json-lines.ts';
import type { BlockToParse, ParsedBlock } from './log-messages.ts';
import { RowWriter } from './row-writer.ts';

/** Turns blocks of a log into typed columns, one after another. */
export interface BlockParser {
  parse(block: BlockToParse): ParsedBlock;
}

/** @param idSalts of the two hashes by which double request ids are found; the same for all parsers of an import */
export function createBlockParser(mapping: LogMapping, idSalts: readonly [number, number]): BlockParser {
  const writer = new RowWriter(mapping, idSalts);
  const none = { dropped: [], unpaired: 0 };
  if (mapping.format === 'csv') {
    const lines = new CsvLines(mapping, writer);
    let file = -1;
    return {
      parse: (block) => {
        if (block.file !== file) lines.header(block.name, block.header?.names ?? []);
        file = block.file;
        return writer.take(block.index, lines.block(block.bytes, block.last), none);
      },
    };
  }
  const lines = new JsonLines(mapping, writer);
  return { parse: (block) => writer.take(block.index, lines.block(block.bytes, block.last), none) };
}
