import { Readable, pipeline } from 'node:stream';
import { parse, CsvError, type Options } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import { BezoarError } from '../../../contract/errors.ts';
import type { ByteSource } from '../byte-source.ts';
import { countRecords } from '../record-count.ts';
import { defineReader, type TableBatch } from '../reader.ts';

const BLOCK = 256 * 1024;
const BATCH = 500;
export const MOST_LINE_BYTES = 16 * 1024 * 1024;
const MOST_HEADER_BYTES = 1024 * 1024;
/** More columns than any case keeps; a file with more is no table of records. */
const MOST_COLUMNS = 10_000;

const malformed = (name: string, what: string, todo: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${todo}`);

const NOT_UTF8 = 'Save it as UTF-8 text.';

/** The header line's bytes without a byte order mark, to tell the delimiter from. */
async function headerLine(source: ByteSource): Promise<string> {
  const head = await source.read(0, MOST_HEADER_BYTES);
  if (head.includes(0))
    throw malformed(source.name, `byte ${head.indexOf(0)} is a NUL, so this is not text`, NOT_UTF8);
  const text = Buffer.from(head)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) return text.slice(0, at);
  }
  if (head.length === MOST_HEADER_BYTES)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name}: its header line is longer than ${MOST_HEADER_BYTES} bytes. Nothing was imported. ` +
        'The first line must hold the names of the columns.',
    );
  return text;
}

/** A comma, unless the header has none and shows semicolons or tabs. */
export function delimiterOf(header: string): ',' | ';' | '\t' {
  const bare = header.replace(/"[^"]*"/g, '');
  if (bare.includes(',')) return ',';
  if (bare.includes(';')) return ';';
  return bare.includes('\t') ? '\t' : ',';
}

const parserOptions = (delimiter: string): Options => ({
  bom: true,
  delimiter,
  max_record_size: MOST_LINE_BYTES,
  // All three wherever they stand: a file put together from two systems mixes them, and none is part of a cell.
  record_delimiter: ['\r\n', '\n', '\r'],
  skip_empty_lines: true,
});

function asFailure(name: string, error: unknown, fields = 0): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error.lines === 'number' ? error.lines : null;
  const where = line === null ? '' : `line ${line}: `;
  if (error.code === 'CSV_MAX_RECORD_SIZE')
    return new BezoarError(
      'evidence/too-large',
      `${name}: ${where}a record is longer than 16 MB. Nothing was imported. A quotation mark may be missing its partner.`,
    );
  if (error.code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    const record: unknown = error.record;
    const found = Array.isArray(record) ? record.length : 'another number of';
    return malformed(
      name,
      `${where}this record has ${found} fields, and the header has ${fields}`,
      'Mend that line.',
    );
  }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return malformed(name, `${where}a quoted field is not closed before the file ends`, 'Mend that line.');
  return malformed(name, `${where}a quotation mark stands where none may be`, 'Mend that line.');
}

/** The file in blocks, refused where it is not UTF-8 text. */
async function* textBlocks(source: ByteSource): AsyncGenerator<Uint8Array> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  for (let offset = 0; ;) {
    const block = await source.read(offset, BLOCK);
    const zero = block.indexOf(0);
    if (zero >= 0)
      throw malformed(source.name, `byte ${offset + zero} is a NUL, so this is not text`, NOT_UTF8);
    const end = offset + block.length;
    try {
      utf8.decode(block, { stream: block.length > 0 });
    } catch {
      throw malformed(source.name, `the text between bytes ${offset} and ${end} is not UTF-8`, NOT_UTF8);
    }
    if (block.length === 0) return;
    yield block;
    offset = end;
  }
}

async function* recordsOf(source: ByteSource, delimiter: string, fields: number): AsyncGenerator<TableBatch> {
  const parser = parse(parserOptions(delimiter));
  const blocks = Readable.from(textBlocks(source));
  // What goes wrong here destroys the parser with it, and the loop below throws it.
  pipeline(blocks, parser, () => undefined);
  let header = true;
  let firstRow = 0;
  let records: string[][] = [];
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (header) {
        header = false;
        continue;
      }
      records.push(record);
      if (records.length === BATCH) {
        yield { firstRow, records };
        firstRow += records.length;
        records = [];
      }
    }
  } catch (error) {
    throw asFailure(source.name, error, fields);
  } finally {
    blocks.destroy();
    parser.destroy();
  }
  if (records.length > 0) yield { firstRow, records };
}

function headerOf(source: ByteSource, line: string): string[] {
  let names: string[];
  try {
    names = parseSync(line, parserOptions(delimiterOf(line)))[0] ?? [];
  } catch (error) {
    throw asFailure(source.name, error);
  }
  if (names.length === 0)
    throw malformed(source.name, 'it has no header', 'The first line must hold the names of the columns.');
  if (names.length > MOST_COLUMNS)
    throw new BezoarError(
      'evidence/too-large',
      `${source.name}: its header names ${names.length} columns, and Bezoar reads at most ${MOST_COLUMNS}. Nothing was imported. ` +
        'Save the records without the columns that are not needed; activations belong in a .npy file.',
    );
  names = names.map((name, at) => (name.trim() === '' ? `column ${at + 1}` : name.trim()));
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined)
    throw malformed(
      source.name,
      `two columns are named ${JSON.stringify(twice)}`,
      'Give each column a name of its own.',
    );
  return names;
}

/** Comma separated values with a header (RFC 4180), UTF-8, also with semicolons or tabs where the header shows them. */
export const csvReader = defineReader({
  access: 'in-order',
  id: 'csv',
  sniff: () => false,
  named: /\.(csv|tsv|txt)$/i,
  open: async (source) => {
    const line = await headerLine(source);
    const header = headerOf(source, line);
    return {
      entries: [],
      table: {
        header,
        count: (pause) => countRecords(source, pause),
        batches: () => recordsOf(source, delimiterOf(line), header.length),
      },
      findings: [],
    };
  },
});
