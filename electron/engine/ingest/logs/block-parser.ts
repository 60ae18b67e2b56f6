import type { LogMapping } from '../../../contract/logs.ts';
import { CsvLines } from './csv-lines.ts';
import { JsonLines } from './json-lines.ts';
import type { BlockToParse, ParsedBlock } from './log-messages.ts';
import { RowWriter } from './row-writer.ts';
import { SchemaLines } from './schema-lines.ts';
import { schemaNamed } from './schemas/registry.ts';

/** Turns blocks of a log into typed columns, one after another. */
export interface BlockParser {
  parse(block: BlockToParse): ParsedBlock;
}

const HEADER_AGAIN = 'the header stands again among the records';
const NO_SCHEMA = { dropped: [], unpaired: 0, timeless: 0 };

/** @param idSalts of the two hashes by which double request ids are found; the same for all parsers of an import */
export function createBlockParser(mapping: LogMapping, idSalts: readonly [number, number]): BlockParser {
  const writer = new RowWriter(mapping, idSalts);
  const schema = schemaNamed(mapping.format);
  if (schema !== null) return new SchemaLines(mapping, schema, writer);
  if (mapping.format === 'csv') {
    const lines = new CsvLines(mapping, writer);
    let present = -1;
    return {
      parse: ({ index, file, bytes, last }) => {
        if (file.index !== present) lines.header(file.name, file.header?.names ?? []);
        present = file.index;
        const count = lines.block(bytes, last);
        const again = lines.takeHeadersAgain();
        const dropped = again === 0 ? [] : [[HEADER_AGAIN, again] as const];
        return writer.take(index, count, { ...NO_SCHEMA, dropped });
      },
    };
  }
  const lines = new JsonLines(mapping, writer);
  return { parse: ({ index, bytes, last }) => writer.take(index, lines.block(bytes, last), NO_SCHEMA) };
}
