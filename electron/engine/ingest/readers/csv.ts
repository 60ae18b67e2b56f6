import type { ByteSource } from '../byte-source.ts';
import { columnNames, dialectInWords, dialectOf, type CsvDialect } from '../csv-dialect.ts';
import { csvSplitter, type CsvRecord } from '../csv-splitter.ts';
import { defineReader, type BadRow, type Cell, type Table, type TableBatch } from '../reader.ts';
import { encodingNames, encodingOf, textBlocks, type TextEncoding } from '../text-encoding.ts';

const BATCH = 1000;

/** The beginning of a text, and whether it is all of it. */
async function beginning(
  source: ByteSource,
  encoding: TextEncoding,
): Promise<{ sample: string; whole: boolean }> {
  const blocks = textBlocks(source, encoding);
  const first = await blocks.next();
  const second = await blocks.next();
  await blocks.return(undefined);
  return { sample: first.done ? '' : first.value, whole: second.done ?? false };
}

function batchOf(firstRow: number, records: readonly CsvRecord[]): TableBatch {
  const bad: BadRow[] = [];
  const cells = records.map(({ cells: record, line, fault, text }, at): readonly Cell[] | null => {
    if (fault === null) return record;
    bad.push({ row: firstRow + at, line, reason: fault, text });
    return null;
  });
  return { firstRow, records: cells, lines: records.map(({ line }) => line), bad };
}

async function* recordsOf(
  source: ByteSource,
  encoding: TextEncoding,
  dialect: CsvDialect,
  width: number,
): AsyncGenerator<TableBatch> {
  const splitter = csvSplitter(source.name, dialect, width);
  let waiting = dialect.header;
  let firstRow = 0;
  let records: CsvRecord[] = [];
  const take = function* (some: readonly CsvRecord[], last: boolean): Generator<TableBatch> {
    // The first of all is the header.
    records = records.concat(waiting ? some.slice(1) : some);
    waiting = waiting && some.length === 0;
    let from = 0;
    for (; records.length - from >= BATCH || (last && from < records.length); from += BATCH) {
      const batch = records.slice(from, from + BATCH);
      yield batchOf(firstRow, batch);
      firstRow += batch.length;
    }
    records = records.slice(from);
  };
  for await (const block of textBlocks(source, encoding)) yield* take(splitter.push(block), false);
  yield* take(splitter.end(), true);
}

/**
 * Records as delimited text (RFC 4180 and what is written in its place): any of four delimiters, quoting, encoding and
 * decimal sign told from the content, each of them changed by what is given.
 */
export const csvReader = defineReader({
  access: 'in-order',
  id: 'csv',
  sniff: () => false,
  named: /\.(csv|tsv|tab|psv|txt)$/i,
  open: async (source, given = {}) => {
    const encoding = given.encoding ?? (await encodingOf(source));
    const { sample, whole } = await beginning(source, encoding);
    const dialect = dialectOf(sample, whole, given);
    const header = columnNames(source.name, sample, whole, dialect);
    const table: Table = {
      header,
      typed: false,
      decimal: dialect.decimal,
      rows: null,
      says: `${dialectInWords(dialect)}, ${encodingNames[encoding]}`,
      notes: [],
      reading: { encoding, ...dialect },
      batches: () => recordsOf(source, encoding, dialect, header.length),
    };
    return { entries: [], table, findings: [] };
  },
});
