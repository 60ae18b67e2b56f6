import { BezoarError } from '../../../contract/errors.ts';
import type { OpenFile } from '../byte-source.ts';
import type { Cell, Table } from '../reader.ts';
import { arrowReader } from '../readers/arrow.ts';
import { parquetReader } from '../readers/parquet.ts';
import { unpackIntoMemory, type Compression } from '../unpacked-source.ts';
import type { TextEncoding } from '../text-encoding.ts';
import { CsvText } from './csv-text.ts';
import { ListLines } from './list-lines.ts';
import { logContent } from './log-content.ts';

/** How the requests of a file are written. */
export type LogForm = 'lines' | 'list' | 'parquet' | 'arrow';

export interface LogText {
  readonly form: LogForm;
  /** UTF-8: one request a line, or the lines of a CSV file. */
  readonly content: AsyncGenerator<Uint8Array<ArrayBuffer>>;
  /** The encoding, as far as the content was read. */
  encoding(): TextEncoding;
  /** The byte of the text that told that it is Windows-1252; null where nothing of the kind was told. */
  toldAt(): number | null;
}

/** What is known of a text before it is looked at. */
interface KnownText {
  /** Lines of cells; null: told by the first byte that is not blank, which opens an object elsewhere. */
  readonly delimited: boolean | null;
  /** Of delimited text without a byte order mark; null: told from it. */
  readonly encoding: TextEncoding | null;
}

const tables = [parquetReader, arrowReader] as const;
const MARK = [0xef, 0xbb, 0xbf];
const [LF, CR, TAB, SPACE, BRACKET, BRACE] = [10, 13, 9, 32, 91, 123];
const none = () => null;

/**
 * The content of a log as lines: those of a text as they are, the elements of one JSON list and the records of a Parquet or
 * Arrow file as JSON, one a line. UTF-16, and Windows-1252 in delimited text, become UTF-8. `file.position()` tells how far the file itself was read.
 *
 * @throws BezoarError evidence/malformed, evidence/too-large
 */
export async function logLines(
  file: OpenFile,
  compression: Compression | null,
  known: KnownText = { delimited: null, encoding: null },
): Promise<LogText> {
  const content = logContent(file, compression);
  const first = await content.next();
  const utf8: Pick<LogText, 'encoding' | 'toldAt'> = { encoding: () => 'utf-8', toldAt: none };
  if (first.done === true) return { ...utf8, form: 'lines', content };
  const reader = tables.find(({ sniff }) => sniff(first.value));
  if (reader !== undefined) {
    await content.return(undefined);
    const source = compression === null ? file : await unpackIntoMemory(file, compression);
    const { table } = await reader.open(source);
    return { ...utf8, form: reader.id === 'arrow' ? 'arrow' : 'parquet', content: recordLines(table) };
  }
  const marked = MARK.every((byte, at) => first.value[at] === byte);
  const given = known.encoding === 'utf-16le' || known.encoding === 'utf-16be' ? known.encoding : null;
  const wide = utf16(first.value) ?? (marked ? null : given);
  const whole =
    wide === null ? after(first.value, content) : decoded(file.name, wide, after(first.value, content));
  const text = await whole.next();
  if (text.done === true) return { ...utf8, form: 'lines', content: whole };
  const begins = firstByte(text.value);
  const lines = after(text.value, whole);
  if (begins === BRACKET && known.delimited !== true)
    return { ...utf8, form: 'list', content: listLines(lines) };
  if (wide !== null) return { form: 'lines', content: lines, encoding: () => wide, toldAt: none };
  if (marked || !(known.delimited ?? begins !== BRACE)) return { ...utf8, form: 'lines', content: lines };
  const narrow = known.encoding === 'windows-1252' || known.encoding === 'utf-8' ? known.encoding : null;
  const csv = new CsvText(narrow);
  return {
    form: 'lines',
    content: csvLines(csv, lines),
    encoding: () => csv.encoding ?? 'utf-8',
    toldAt: () => (narrow === null && csv.encoding === 'windows-1252' ? csv.toldAt : null),
  };
}

async function* csvLines(
  text: CsvText,
  content: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const block of content) yield text.take(block);
  const end = text.end();
  if (end.length > 0) yield end;
}

async function* after(
  first: Uint8Array<ArrayBuffer>,
  rest: AsyncGenerator<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield first;
  yield* rest;
}

/** The first byte that is not blank, behind a byte order mark; 0 where there is none. */
function firstByte(bytes: Uint8Array): number {
  const from = MARK.every((byte, at) => bytes[at] === byte) ? MARK.length : 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte !== LF && byte !== CR && byte !== TAB && byte !== SPACE) return byte;
  }
  return 0;
}

async function* listLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const lines = new ListLines();
  for await (const block of content) yield lines.block(block);
  const end = lines.end();
  if (end.length > 0) yield end;
}

/** Text in UTF-16 begins with its byte order mark, or with two plain letters, every other byte of which is zero. */
function utf16([a = 0, b = 0, c = 0, d = 0]: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if ((a === 0xff && b === 0xfe) || (a >= SPACE && b === 0 && c > 0 && d === 0)) return 'utf-16le';
  return (a === 0xfe && b === 0xff) || (a === 0 && b >= SPACE && c === 0 && d > 0) ? 'utf-16be' : null;
}

async function* decoded(
  name: string,
  encoding: 'utf-16le' | 'utf-16be',
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const text = (block?: Uint8Array): Uint8Array<ArrayBuffer> => {
    try {
      return new Uint8Array(Buffer.from(decoder.decode(block, { stream: block !== undefined })));
    } catch {
      throw new BezoarError(
        'evidence/malformed',
        `${name} begins as UTF-16 text and does not go on as such. Nothing was imported. Save it as UTF-8 text.`,
      );
    }
  };
  for await (const block of content) yield text(block);
  yield text();
}

/** Numbers that are none stay words, so that they are counted like those of a text. */
function jsonOf(cell: Cell, isList: boolean): string {
  if (typeof cell === 'number') return String(cell);
  return isList && cell !== null ? cell : JSON.stringify(cell);
}

async function* recordLines(table: Table | null): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (table === null) return;
  const lists = new Set(table.lists);
  const isList = table.header.map((name) => lists.has(name));
  const keys = table.header.map((name) => `${JSON.stringify(name)}:`);
  for await (const { records } of table.batches()) {
    let lines = '';
    for (const record of records)
      if (record !== null)
        lines += `{${record.map((cell, at) => (keys[at] ?? '') + jsonOf(cell, isList[at] ?? false)).join(',')}}\n`;
    yield new Uint8Array(Buffer.from(lines));
  }
}
