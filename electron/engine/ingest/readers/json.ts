import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { ByteSource } from '../byte-source.ts';
import { MOST_RECORD_LENGTH } from '../csv-splitter.ts';
import { isTable, rowsOfDocument } from '../json-document.ts';
import { growingColumns, readValue } from '../json-record.ts';
import { formOf, recordCells, rowBatches, type RecordForm } from '../json-rows.ts';
import { extentOf } from '../json-text.ts';
import { defineReader, type EvidenceContent, type Table, type TableBatch } from '../reader.ts';
import { encodingNames, encodingOf, textBlocks, type TextEncoding } from '../text-encoding.ts';
import { jsonLinesContent, looksLikeLines } from './json-lines.ts';

/** A JSON file that is one object is read whole. */
const MOST_DOCUMENT_LENGTH = 128 * 1024 * 1024;

/** What may stand between the values of JSON, and nothing else may. */
const SPACE: ReadonlySet<number> = new Set([9, 10, 13, 32]);

/** By its name, packed or not. */
const NAMED_LINES = /\.(jsonl|ndjson|jsonlines)(\.(gz|zst|zstd))?$/i;

const malformed = (name: string, what: string, todo: string): BezoarError =>
  new BezoarError('evidence/malformed', `${name}: ${what}. Nothing was imported. ${todo}`);

const BROKEN = 'The file was cut off or is damaged; write it again.';

/** The elements of a JSON array as texts, with the lines on which they begin. */
async function* elementsOf(
  source: ByteSource,
  encoding: TextEncoding,
): AsyncGenerator<{ text: string; line: number }> {
  const { name } = source;
  let rest = '';
  let line = 1;
  /** Due next: the opening bracket, an element (or the end, in an empty array), what follows one, or nothing more. */
  let due: 'open' | 'first' | 'element' | 'comma' | 'nothing' = 'open';
  for await (const block of textBlocks(source, encoding)) {
    const text = rest + block;
    let at = 0;
    let counted = 0;
    const toLine = (to: number): number => {
      for (; counted < to; counted += 1) if (text.charCodeAt(counted) === 10) line += 1;
      return line;
    };
    for (;;) {
      while (at < text.length && SPACE.has(text.charCodeAt(at))) at += 1;
      if (at >= text.length) break;
      const character = text[at] ?? '';
      if (due === 'nothing')
        throw malformed(name, `line ${toLine(at)}: something follows the end of the array`, BROKEN);
      if (due === 'open') {
        if (character !== '[') throw malformed(name, 'it is not an array of records', BROKEN);
        due = 'first';
        at += 1;
      } else if (due === 'comma') {
        if (character !== ',' && character !== ']')
          throw malformed(name, `line ${toLine(at)}: a comma or the end of the array is due`, BROKEN);
        due = character === ',' ? 'element' : 'nothing';
        at += 1;
      } else if (character === ']' && due === 'first') {
        due = 'nothing';
        at += 1;
      } else {
        const extent = extentOf(text, at);
        if (extent === null) break;
        if (extent.end === at) throw malformed(name, `line ${toLine(at)}: a record is due`, BROKEN);
        yield { text: text.slice(at, extent.end), line: toLine(at) };
        at = extent.end;
        due = 'comma';
      }
    }
    toLine(at);
    rest = text.slice(at);
    if (rest.length > MOST_RECORD_LENGTH)
      throw new BezoarError(
        'evidence/too-large',
        `${name}: line ${line}: a record is longer than 16 MB. Nothing was imported. Arrays of that size belong in a .npy file.`,
      );
  }
  if (due !== 'nothing' || rest !== '')
    throw malformed(name, `line ${line}: the array is not closed before the file ends`, BROKEN);
}

async function arrayContent(source: ByteSource, encoding: TextEncoding): Promise<EvidenceContent> {
  const columns = growingColumns(source.name);
  let form: RecordForm | null = null;
  const batches = async function* (): AsyncGenerator<TableBatch> {
    const rows = rowBatches();
    for await (const { text, line } of elementsOf(source, encoding)) {
      const read = readValue(text);
      // Where brackets alone tell the records apart, nothing after a broken one can be believed.
      if ('fault' in read && read.fault === 'is not JSON')
        throw malformed(source.name, `line ${line}: the record there is not JSON`, BROKEN);
      if ('value' in read) form ??= formOf(read.value);
      const cells = 'value' in read ? recordCells(read.value, form ?? 'object', columns) : read.fault;
      const batch = rows.add(cells, line, text);
      if (batch !== null) yield batch;
    }
    const last = rows.end();
    if (last !== null) yield last;
  };
  await batches().next();
  const table: Table = {
    header: columns.names,
    typed: true,
    decimal: '.',
    rows: null,
    says: `a JSON array of records, ${encodingNames[encoding]}`,
    notes: [],
    reading: { encoding },
    batches,
  };
  return { entries: [], table, findings: [] };
}

async function documentContent(source: ByteSource, encoding: TextEncoding): Promise<EvidenceContent> {
  let text = '';
  for await (const block of textBlocks(source, encoding)) {
    text += block;
    if (text.length > MOST_DOCUMENT_LENGTH)
      throw new BezoarError(
        'evidence/too-large',
        `${source.name} is one JSON object of more than ${MOST_DOCUMENT_LENGTH} characters, which would have to be read whole. ` +
          'Nothing was imported. Save it as JSON Lines, one record a line.',
      );
  }
  const read = readValue(text);
  if ('fault' in read) throw malformed(source.name, `what it holds ${read.fault}`, BROKEN);
  const found = rowsOfDocument(read.value);
  if (!isTable(found))
    throw malformed(source.name, found, 'Records are an array of objects, or an object of columns.');
  const columns = growingColumns(source.name);
  const twice = found.names.find((name, at) => columns.at(name) !== at);
  if (twice !== undefined)
    throw malformed(
      source.name,
      `two columns are named ${JSON.stringify(twice)}`,
      'Give each column a name of its own.',
    );
  const batches = function* (): Generator<TableBatch> {
    const rows = rowBatches();
    for (const value of found.rows()) {
      const batch = rows.add(recordCells(value, found.form, columns), 1, JSON.stringify(value) ?? '');
      if (batch !== null)
        yield { ...batch, lines: null, bad: batch.bad.map((one) => ({ ...one, line: null })) };
    }
    const last = rows.end();
    if (last !== null) yield { ...last, lines: null, bad: last.bad.map((one) => ({ ...one, line: null })) };
  };
  batches().next();
  const table: Table = {
    header: columns.names,
    typed: true,
    decimal: '.',
    rows: null,
    says: `a JSON object of ${found.says}, ${encodingNames[encoding]}`,
    notes: [],
    reading: { encoding },
    batches: async function* () {
      yield* batches();
      await Promise.resolve();
    },
  };
  return { entries: [], table, findings: [] };
}

/** Records as one JSON value: an array of them, which is streamed, or an object of columns or rows, which is read whole. */
export const jsonReader = defineReader({
  access: 'in-order',
  id: 'json',
  sniff: (head) => {
    const text = Buffer.from(head)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart();
    return (/^\[\s*[[{\]]/.test(text) || /^\{\s*("|\})/.test(text)) && !looksLikeLines(text);
  },
  named: /\.json$/i,
  open: async (source, given: TextReading = {}) => {
    const encoding = given.encoding ?? (await encodingOf(source));
    let head = '';
    for await (const block of textBlocks(source, encoding)) {
      head += block;
      const first = head.search(/\S/);
      if (first >= 0 && (extentOf(head, first) !== null || head.length > MOST_RECORD_LENGTH)) break;
    }
    const first = head.trimStart()[0];
    // Long lines hide from the first bytes that there are several, and one line looks like an object.
    if (looksLikeLines(head) || (first === '{' && NAMED_LINES.test(source.name)))
      return jsonLinesContent(source, { encoding });
    if (first === '[') return arrayContent(source, encoding);
    if (first === '{') return documentContent(source, encoding);
    throw malformed(
      source.name,
      'it holds neither an array nor an object',
      'Records are an array of objects, or an object of columns.',
    );
  },
});
