import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { Cell } from '../../electron/engine/ingest/reader.ts';
import type { TextReading } from '../../electron/contract/evidence.ts';
import type { ReadArray } from './fuzz-entry.ts';
import type { ReadTable } from './read-evidence.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The tensors of a safetensors file by JSON.parse and slices of its bytes. */
export function safetensorsDiffers(bytes: Uint8Array, arrays: readonly ReadArray[]): string | null {
  const length = Number(Buffer.from(bytes).readBigUInt64LE(0));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString('utf8')) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  for (const { name, shape, sha256: told } of arrays) {
    const tensor = header[name ?? ''];
    const [from, to] = tensor.data_offsets;
    if (JSON.stringify(tensor.shape) !== JSON.stringify(shape)) return `${name ?? ''} is of another shape`;
    if (sha256(bytes.subarray(8 + length + from, 8 + length + to)) !== told)
      return `${name ?? ''} has other values`;
  }
  return null;
}

const textOf = (bytes: Uint8Array, { encoding }: TextReading): string =>
  new TextDecoder(encoding).decode(bytes);

/** Delimited text by csv-parse; only where it takes every record. */
export function csvDiffers(bytes: Uint8Array, { header, reading, records }: ReadTable): string | null {
  const { delimiter, quote, escape } = reading;
  if (delimiter === undefined || records.includes(null)) return null;
  const text = textOf(bytes, reading);
  // A backslash before another letter is a letter here, as it stands in paths; csv-parse leaves it out.
  if (escape === 'backslash' && /\\[^\\"']/.test(text)) return null;
  let expected: string[][];
  try {
    expected = parse(text, {
      delimiter,
      quote: quote === 'none' || quote === undefined ? false : quote,
      escape: escape === 'backslash' ? '\\' : (quote ?? '"'),
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
    });
  } catch {
    return null;
  }
  const found = [...(reading.header === false ? [] : [null]), ...records];
  if (found.length !== expected.length)
    return `it has ${expected.length} records in place of ${found.length}`;
  for (const [row, cells] of found.entries()) {
    if (cells === null) continue;
    const wanted = expected[row];
    if (wanted.length !== header.length || wanted.some((cell, at) => cell !== (cells[at] ?? '')))
      return `record ${row} is ${JSON.stringify(wanted)} in place of ${JSON.stringify(cells)}`;
  }
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function flattened(
  record: Record<string, unknown>,
  prefix: string,
  into: Map<string, unknown>,
): Map<string, unknown> {
  for (const [key, value] of Object.entries(record))
    if (isObject(value)) flattened(value, `${prefix}${key}.`, into);
    else into.set(prefix + key, value);
  return into;
}

/** Whether a cell says what a JSON value does: numbers beyond 2^53 stand as text, lists as JSON, truth values as words. */
function says(cell: Cell | undefined, value: unknown): boolean {
  if (value === null || value === undefined) return (cell ?? null) === null;
  if (typeof value === 'number')
    return typeof cell === 'number' ? Object.is(cell, value) || cell === value : Number(cell) === value;
  if (typeof value === 'string') return cell === value;
  if (typeof value === 'boolean') return cell === String(value);
  return typeof cell === 'string' && saysInside(JSON.parse(cell.replaceAll('Infinity', '1e999')), value);
}

function saysInside(found: unknown, value: unknown): boolean {
  if (Array.isArray(value))
    return (
      Array.isArray(found) &&
      found.length === value.length &&
      value.every((one, at) => saysInside(found[at], one))
    );
  if (isObject(value)) {
    const keys = Object.keys(value);
    return (
      isObject(found) &&
      Object.keys(found).length === keys.length &&
      keys.every((key) => saysInside(found[key], value[key]))
    );
  }
  return (
    found === value || (typeof value === 'number' && typeof found === 'string' && Number(found) === value)
  );
}

function recordDiffers(value: unknown, cells: readonly Cell[], header: readonly string[]): string | null {
  const wanted = isObject(value)
    ? flattened(value, '', new Map())
    : new Map(
        (Array.isArray(value) ? (value as unknown[]) : [value]).map((one, at) => [header[at] ?? '', one]),
      );
  for (const [at, name] of header.entries())
    if (!says(cells[at], wanted.get(name)))
      return `${name} is ${JSON.stringify(wanted.get(name))} in place of ${JSON.stringify(cells[at])}`;
  return null;
}

/** Text that JSON.parse does not know, and Python and this project do. */
const STRANGE = /NaN|Infinity/;

/** JSON Lines by JSON.parse, line by line. */
export function jsonLinesDiffers(bytes: Uint8Array, { header, reading, records }: ReadTable): string | null {
  const lines = textOf(bytes, reading)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length !== records.length) return `it has ${lines.length} lines in place of ${records.length}`;
  for (const [row, line] of lines.entries()) {
    const cells = records[row];
    if (cells === null || STRANGE.test(line)) continue;
    const problem = recordDiffers(JSON.parse(line), cells, header);
    if (problem !== null) return `line ${row}: ${problem}`;
  }
  return null;
}

/** A JSON array of records by JSON.parse; other forms are turned about and are left to the fixtures' golden tests. */
export function jsonDiffers(bytes: Uint8Array, { header, reading, records }: ReadTable): string | null {
  const text = textOf(bytes, reading);
  if (!text.trimStart().startsWith('[') || STRANGE.test(text)) return null;
  const whole = JSON.parse(text) as unknown[];
  if (whole.length !== records.length) return `it has ${whole.length} records in place of ${records.length}`;
  for (const [row, cells] of records.entries()) {
    const problem = cells === null ? null : recordDiffers(whole[row], cells, header);
    if (problem !== null) return `record ${row}: ${problem}`;
  }
  return null;
}
