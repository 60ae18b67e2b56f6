import { statSync } from 'node:fs';
import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { LogFormat } from '../../../contract/logs.ts';
import { openFile } from '../byte-source.ts';
import { dialectOf } from '../csv-dialect.ts';
import { csvBytes, plainCsv } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';
import { areNames, csvColumns } from './csv-header.ts';
import { isTime } from './event-time.ts';
import { compressionOf, type Compression } from '../unpacked-source.ts';
import type { LogFile } from './log-files.ts';
import { logLines, type LogForm } from './log-lines.ts';
import { schemaOf } from './schemas/registry.ts';
import { lastLineEnd, lastRecordEnd, recordEnd } from './record-ends.ts';

/** A log's fields are told by what fits into this much content, and so many lines. */
const HEAD_BYTES = 2 * 1024 * 1024;
/** Of further files the kind is told by this much. */
const OTHER_BYTES = 64 * 1024;
const HEAD_LINES = 5000;
/** How it is delimited, by the first so many characters. */
const DIALECT_SAMPLE = 32 * 1024;

/** The beginning of a file of a log. */
export interface LogHead {
  readonly file: LogFile;
  readonly size: number;
  readonly compression: Compression | null;
  /** When it was changed last, milliseconds since 1970 UTC. */
  readonly modifiedMs: number;
  readonly format: LogFormat;
  /** How the text of a CSV file is written. */
  readonly reading: Required<TextReading> | null;
  /** Its first records; of a CSV file by column, cells as text. */
  readonly records: readonly object[];
  /** The bytes that hold them, and of a CSV file its header. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly header: readonly string[] | null;
}

/**
 * Looks at the beginning of a file.
 * @param given of how the text of a CSV file is written
 * @param first the first file of the log, `unknown` before it is chosen, null for this one, of which most is looked at
 * @returns null where it is empty
 * @throws BezoarError evidence/... where it is no log
 */
export async function readHead(
  file: LogFile,
  given: TextReading,
  first: LogHead | 'unknown' | null = null,
): Promise<LogHead | null> {
  const most = first === null ? HEAD_BYTES : OTHER_BYTES;
  const source = openFile(file.path);
  try {
    const compression = compressionOf(source.readNow(0, 4));
    const parts: Uint8Array[] = [];
    let length = 0;
    const text = await logLines(source, compression, {
      delimited: null,
      encoding: given.encoding ?? null,
    });
    for await (const block of text.content) {
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
    if (start === undefined) return null;
    if (start === 91 && text.form === 'list')
      throw unknown(file, 'it is one JSON list, and not of JSON objects');
    if (start === 91) throw unknown(file, 'its lines are JSON lists, not JSON objects');
    if (start === 123) return { ...facts, ...jsonHead(content, whole, text.form) };
    const encoding = text.encoding();
    return {
      ...facts,
      ...csvHead(file, content, whole, { ...given, encoding }, first === 'unknown' ? null : first),
    };
  } finally {
    source.close();
  }
}

const unknown = (file: LogFile, why: string): BezoarError =>
  new BezoarError(
    'evidence/unknown-format',
    `${file.name} is no log that Bezoar reads: ${why}. Nothing was imported. Logs are JSON Lines, one JSON list, CSV, Parquet or Arrow, also compressed by gzip or zstd.`,
  );

type Content = Pick<LogHead, 'format' | 'reading' | 'records' | 'bytes' | 'header'>;

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
    reading: null,
    records,
    bytes: content.subarray(0, end),
    header: null,
  };
}

function csvHead(
  file: LogFile,
  content: Uint8Array<ArrayBuffer>,
  whole: boolean,
  given: TextReading & Pick<Required<TextReading>, 'encoding'>,
  first: LogHead | null,
): Content {
  const sample = Buffer.from(content.subarray(0, DIALECT_SAMPLE)).toString('utf8');
  const told = dialectOf(sample, whole && content.length <= DIALECT_SAMPLE, given);
  const { delimiter, quote, escape, decimal } = told;
  const csv = csvBytes({ delimiter, reading: { quote, escape } }) ?? plainCsv(delimiter);
  const firstEnd = recordEnd(content, 0, csv) || content.length;
  const firstRecord = content.subarray(0, firstEnd);
  const header = given.header ?? (told.header && !cellsOf(firstRecord, csv).some(isTime));
  const columns = csvColumns(
    file.name,
    firstRecord,
    csv,
    // A further file is held against the first one.
    first?.reading?.header ?? header,
    first?.header,
  );
  const { names } = columns;
  if (names.length < 2) throw unknown(file, 'its first line names no columns and is no JSON object');
  const rest = content.subarray(columns.named ? firstEnd : 0);
  const bytes = rest.subarray(0, whole ? rest.length : lastRecordEnd(rest, rest.length, csv));
  const known = new Set(names);
  const records: object[] = [];
  for (let start = 0; start < bytes.length && records.length < HEAD_LINES;) {
    const end = recordEnd(bytes, start, csv) || bytes.length;
    const cells = cellsOf(bytes.subarray(start, end), csv);
    if ((cells.length > 1 || cells[0] !== '') && !areNames(cells, known))
      records.push(Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])));
    start = end;
  }
  return {
    format: schemaOf(records)?.format ?? 'csv',
    reading: { encoding: given.encoding, delimiter, quote, escape, decimal, header },
    records,
    bytes,
    header: names,
  };
}
