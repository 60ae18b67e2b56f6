import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { ByteSource } from '../byte-source.ts';
import { MOST_RECORD_LENGTH } from '../csv-splitter.ts';
import { growingColumns, readValue } from '../json-record.ts';
import { formOf, recordCells, rowBatches, type RecordForm } from '../json-rows.ts';
import { extentOf } from '../json-text.ts';
import { defineReader, type EvidenceContent, type Table, type TableBatch } from '../reader.ts';
import { encodingNames, encodingOf, textBlocks, type TextEncoding } from '../text-encoding.ts';

const tooLong = (name: string, line: number): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${name}: line ${line} is longer than 16 MB. Nothing was imported. JSON Lines have one record a line; save it so.`,
  );

/** The lines of a text that are not blank, with their numbers. */
async function* linesOf(
  source: ByteSource,
  encoding: TextEncoding,
): AsyncGenerator<{ text: string; line: number }> {
  let rest = '';
  let line = 1;
  for await (const block of textBlocks(source, encoding)) {
    const text = rest + block;
    let from = 0;
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      if (to - from > MOST_RECORD_LENGTH) throw tooLong(source.name, line);
      const one = text.slice(from, to);
      if (one.trim() !== '') yield { text: one, line };
      line += 1;
      from = to + 1;
    }
    rest = text.slice(from);
    if (rest.length > MOST_RECORD_LENGTH) throw tooLong(source.name, line);
  }
  if (rest.trim() !== '') yield { text: rest, line };
}

/** @throws BezoarError evidence/malformed where there are no records */
export async function jsonLinesContent(source: ByteSource, given: TextReading): Promise<EvidenceContent> {
  const encoding = given.encoding ?? (await encodingOf(source));
  const columns = growingColumns(source.name);
  let form: RecordForm | null = null;
  const batches = async function* (): AsyncGenerator<TableBatch> {
    const rows = rowBatches();
    for await (const { text, line } of linesOf(source, encoding)) {
      const read = readValue(text);
      if ('value' in read) form ??= formOf(read.value);
      const cells = 'value' in read ? recordCells(read.value, form ?? 'object', columns) : read.fault;
      const batch = rows.add(cells, line, text);
      if (batch !== null) yield batch;
    }
    const last = rows.end();
    if (last !== null) yield last;
  };
  // The columns are those of the first records until more are read.
  await batches().next();
  const table: Table = {
    header: columns.names,
    typed: true,
    decimal: '.',
    rows: null,
    says: `JSON Lines, one record a line, ${encodingNames[encoding]}`,
    notes: [],
    reading: { encoding },
    batches,
  };
  return { entries: [], table, findings: [] };
}

/** Whether a text begins with one value a line: a first line that is whole, and a second that begins in the same way. */
export function looksLikeLines(text: string): boolean {
  const first = text.search(/\S/);
  const opening = text[first];
  if (opening !== '{' && opening !== '[') return false;
  const extent = extentOf(text, first);
  if (extent === null) return false;
  const after = text.slice(extent.end);
  return /^[ \t\r]*\n/.test(after) && after.trimStart().startsWith(opening);
}

/** One JSON value a line. Objects may be nested and have keys of their own; all keys together are the columns. */
export const jsonLinesReader = defineReader({
  access: 'in-order',
  id: 'json-lines',
  sniff: (head) =>
    looksLikeLines(
      Buffer.from(head)
        .toString('utf8')
        .replace(/^\uFEFF/, ''),
    ),
  named: /\.(jsonl|ndjson|jsonlines)$/i,
  open: (source, given = {}) => jsonLinesContent(source, given),
});
