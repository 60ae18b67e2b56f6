import { statSync } from 'node:fs';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { openFile } from '../byte-source.ts';
import { compressionOf } from '../unpacked-source.ts';
import { csvBytes, type CsvBytes } from './csv-bytes.ts';
import { csvColumns } from './csv-header.ts';
import type { LogFile } from './log-files.ts';
import { logLines } from './log-lines.ts';
import type { CsvHeader, ReadMessage } from './log-messages.ts';
import { lastLineEnd, lastRecordEnd, recordEnd } from './record-ends.ts';

const LF = 10;
const BLOCK = 4 * 1024 * 1024;
const FIRST_BLOCK = 64 * 1024;
const MOST_LINE_BYTES = 16 * 1024 * 1024;
const MOST_HEADER_BYTES = 1024 * 1024;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Takes a message; resolves when more may be read. */
type Post = (message: ReadMessage) => Promise<void>;

const lineTooLong = (name: string, from: number, most: number): BezoarError =>
  new BezoarError(
    'evidence/too-large',
    `${name}: the line that starts at byte ${from} of its content is longer than ${most} bytes, and no line of a ` +
      'log is. Nothing was imported. See whether the file is what you take it for.',
  );

/**
 * Reads the files of a log one after another, hashes them as they are, decompresses them, and cuts them into blocks of
 * some megabytes where a line ends.
 * @throws BezoarError evidence/...
 */
export async function readBlocks(
  files: readonly LogFile[],
  mapping: Pick<LogMapping, 'format' | 'delimiter' | 'reading' | 'fields'>,
  post: Post,
): Promise<void> {
  const csv = csvBytes(mapping);
  const known = { delimited: csv !== null, encoding: mapping.reading?.encoding ?? null };
  let first: { readonly name: string; readonly columns: readonly string[] } | null = null;
  let before = 0;
  for (const [index, { path, name }] of files.entries()) {
    const file = openFile(path);
    try {
      const compression = compressionOf(file.readNow(0, 4));
      const text = await logLines(file, compression, known);
      const blocks = cutBlocks(name, text.content, csv);
      let next = await blocks.next();
      const told: string[] = [];
      let header: CsvHeader | null = null;
      // A file that a log was rotated to may be empty yet.
      if (csv !== null && next.done !== true) {
        const { names, named } = csvColumns(
          name,
          next.value,
          csv,
          mapping.reading?.header ?? true,
          first?.columns,
        );
        if (!named && first !== null && mapping.reading?.header !== false)
          told.push(`${name} begins without a header; its columns were taken to be those of ${first.name}.`);
        first ??= { name, columns: names };
        told.push(...absentColumns(name, names, mapping));
        header = { names, lines: named ? lineEnds(next.value) : 0 };
        if (named) next = await blocks.next();
      }
      const modifiedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      await post({ kind: 'file', file: { index, name, size: file.bytes, compression, header, modifiedMs } });
      while (next.done !== true) {
        const bytes = next.value;
        next = await blocks.next();
        await post({ kind: 'block', bytes, last: next.done === true, read: before + file.position() });
      }
      before += file.bytes;
      const toldAt = text.toldAt();
      if (toldAt !== null)
        told.push(
          `${name} was read as Windows-1252, because byte ${toldAt} of its text begins no character of UTF-8.`,
        );
      await post({ kind: 'end-file', sha256: file.sha256(), told });
    } finally {
      file.close();
    }
  }
  await post({ kind: 'done' });
}

/** The columns that a part lacks, whose requests have nothing there. Without the time it is refused where it is read. */
function absentColumns(
  name: string,
  names: readonly string[],
  { format, fields }: Pick<LogMapping, 'format' | 'fields'>,
): string[] {
  if (format !== 'csv') return [];
  const absent = fields.filter(({ path, role }) => role !== 'ignored' && !names.includes(path[0] ?? ''));
  return absent.length === 0
    ? []
    : [`${name} has no column ${absent.map(({ path }) => path[0] ?? '').join(', ')}; its requests lack it.`];
}

function lineEnds(bytes: Uint8Array): number {
  let lines = 0;
  for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, end + 1)) lines += 1;
  return lines;
}

/** The content in pieces that end where a record ends; of a CSV file the first piece is its first record alone. */
async function* cutBlocks(
  name: string,
  content: AsyncIterable<Uint8Array>,
  csv: CsvBytes | null,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  // Many logs are many small files.
  let block = new Uint8Array(FIRST_BLOCK);
  let used = 0;
  let offset = 0;
  let started = false;
  let headerDue = csv !== null;
  const wholeEnd = (): number => (csv === null ? lastLineEnd(block, used) : lastRecordEnd(block, used, csv));
  const cut = (end: number): Uint8Array<ArrayBuffer> => {
    const rest = new Uint8Array(BLOCK + (used - end));
    rest.set(block.subarray(end, used));
    const piece = block.subarray(0, end);
    block = rest;
    used -= end;
    offset += end;
    return piece;
  };
  for await (const whole of content) {
    let chunk = whole;
    if (!started) {
      started = true;
      if (BYTE_ORDER_MARK.every((byte, at) => chunk[at] === byte)) {
        chunk = chunk.subarray(3);
        offset = 3;
      }
    }
    const zero = chunk.indexOf(0);
    if (zero >= 0)
      throw new BezoarError(
        'evidence/malformed',
        `${name}: byte ${offset + used + zero} of its content is a NUL, so this is not text. Nothing was imported. ` +
          'Save it as UTF-8 text.',
      );
    let taken = 0;
    while (taken < chunk.length) {
      const fits = Math.min(chunk.length - taken, block.length - used);
      block.set(chunk.subarray(taken, taken + fits), used);
      used += fits;
      taken += fits;
      if (csv !== null && headerDue) {
        const end = recordEnd(block.subarray(0, used), 0, csv);
        if (end > 0) {
          headerDue = false;
          yield cut(end);
        } else if (used >= MOST_HEADER_BYTES) throw lineTooLong(name, offset, MOST_HEADER_BYTES);
      }
      if (used < block.length) continue;
      const end = headerDue || used < BLOCK ? 0 : wholeEnd();
      if (end > 0) yield cut(end);
      else if (used >= MOST_LINE_BYTES) throw lineTooLong(name, offset, MOST_LINE_BYTES);
      else {
        const larger = new Uint8Array(Math.min(MOST_LINE_BYTES, 2 * block.length));
        larger.set(block);
        block = larger;
      }
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
