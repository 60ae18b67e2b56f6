import { statSync } from 'node:fs';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogFormat } from '../../../contract/logs.ts';
import { openFile } from '../byte-source.ts';
import { cellsOf } from './csv-cells.ts';
import { csvHeader, delimiterOfHeader, type Delimiter } from './csv-header.ts';
import { compressionOf, type Compression } from '../unpacked-source.ts';
import type { LogFile } from './log-files.ts';
import { logLines, type LogForm } from './log-lines.ts';
import { schemaOf } from './schemas/registry.ts';
import { lastLineEnd, lastRecordEnd, recordEnd } from './record-ends.ts';

/** A log's fields are told by what fits into this much content, and so many lines. */
const HEAD_BYTES = 2 * 1024 * 1024;
const HEAD_LINES = 5000;

/** The beginning of a file of a log. */
export interface LogHead {
  readonly file: LogFile;
  readonly size: number;
  readonly compression: Compression | null;
  /** When it was changed last, milliseconds since 1970 UTC. */
  readonly modifiedMs: number;
  readonly format: LogFormat;
  readonly delimiter: Delimiter | null;
  /** Its first records; of a CSV file by column, cells as text. */
  readonly records: readonly object[];
  /** The bytes that hold them, and of a CSV file its header. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly header: readonly string[] | null;
}

/**
 * Looks at the beginning of a file.
 * @param most bytes of content to look at
 * @throws BezoarError evidence/... where it is no log
 */
export async function readHead(file: LogFile, most = HEAD_BYTES): Promise<LogHead> {
  const source = openFile(file.path);
  try {
    const compression = compressionOf(source.readNow(0, 4));
    const parts: Uint8Array[] = [];
    let length = 0;
    const { form, content: blocks } = await logLines(source, compression);
    for await (const block of blocks) {
      parts.push(block);
      length += block.length;
      if (length >= most) break;
    }
    const whole = length < most;
    let content = new Uint8Array(Buffer.concat(parts));
    if (content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf) content = content.subarray(3);
    if (content.includes(0)) throw unknown(file, 'it holds NUL bytes, so it is not text');
    const modifiedMs = statSync(file.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const facts = { file, size: source.bytes, compression, modifiedMs };
    const start = content.find((byte) => byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13);
    if (start === undefined) throw unknown(file, 'it is empty');
    if (start === 91 && form === 'list') throw unknown(file, 'it is one JSON list, and not of JSON objects');
    if (start === 91) throw unknown(file, 'its lines are JSON lists, not JSON objects');
    return { ...facts, ...(start === 123 ? jsonHead(content, whole, form) : csvHead(file, content, whole)) };
  } finally {
    source.close();
  }
}

const unknown = (file: LogFile, why: string): BezoarError =>
  new BezoarError(
    'evidence/unknown-format',
    `${file.name} is no log that Bezoar reads: ${why}. Nothing was imported. Logs are JSON Lines, one JSON list, CSV, Parquet or Arrow, also compressed by gzip or zstd.`,
  );

type Content = Pick<LogHead, 'format' | 'delimiter' | 'records' | 'bytes' | 'header'>;

function jsonHead(content: Uint8Array<ArrayBuffer>, whole: boolean, form: LogForm): Content {
  const end = whole ? content.length : lastLineEnd(content, content.length);
  const text = Buffer.from(content.buffer, content.byteOffset, end).toString('utf8');
  const records: object[] = [];
  for (const line of text.split('\n', HEAD_LINES)) {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) records.push(value);
    } catch {
      // Bad lines are told of by the import.
    }
  }
  return {
    format: schemaOf(records)?.format ?? (form === 'parquet' || form === 'arrow' ? form : 'jsonl'),
    delimiter: null,
    records,
    bytes: content.subarray(0, end),
    header: null,
  };
}

function csvHead(file: LogFile, content: Uint8Array<ArrayBuffer>, whole: boolean): Content {
  const line = content.indexOf(10);
  const delimiter = delimiterOfHeader(
    Buffer.from(content.subarray(0, line < 0 ? content.length : line)).toString('utf8'),
  );
  const byte = delimiter.charCodeAt(0);
  const headerEnd = recordEnd(content, 0, byte) || content.length;
  const header = csvHeader(file.name, content.subarray(0, headerEnd), delimiter);
  if (header.length < 2) throw unknown(file, 'its first line names no columns and is no JSON object');
  const rest = content.subarray(headerEnd);
  const bytes = rest.subarray(0, whole ? rest.length : lastRecordEnd(rest, rest.length, byte));
  const records: object[] = [];
  for (let start = 0; start < bytes.length && records.length < HEAD_LINES;) {
    const end = recordEnd(bytes, start, byte) || bytes.length;
    const cells = cellsOf(bytes.subarray(start, end), byte);
    if (cells.length > 1 || cells[0] !== '')
      records.push(Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])));
    start = end;
  }
  return { format: schemaOf(records)?.format ?? 'csv', delimiter, records, bytes, header };
}
