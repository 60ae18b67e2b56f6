import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { ArrayRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { ImportedSample } from '../case/case-file.ts';
import { chunkRows } from '../case/chunk-rows.ts';
import { openFile, type OpenFile } from './byte-source.ts';
import { looksNumeric, numberOf } from './cell-values.ts';
import { firstNonFinite } from './finite-check.ts';
import type { FileFacts, ImportMessage, KeptColumn, SetToRead } from './import-messages.ts';
import { readerOf } from './readers/registry.ts';
import type { Reader, TableReader } from './reader.ts';

/** Takes a message and the bytes that its file has given so far; resolves when more may be read. */
export type Post = (message: ImportMessage, fileBytes: number) => Promise<void>;

/** So many records tell whether a column holds numbers. */
const TYPE_ROWS = 500;

function readerFor<K extends Reader['kind']>(file: OpenFile, kind: K): Extract<Reader, { kind: K }> {
  const reader = readerOf(file.read(0, 4096), file.name);
  if (reader?.kind !== kind)
    throw new BezoarError(
      'evidence/unknown-format',
      `${file.name} is not ${kind === 'array' ? 'a .npy array' : 'a .csv file of records'}. Nothing was imported. ` +
        'Say in the dialog what the file is, or leave it out.',
    );
  return reader as Extract<Reader, { kind: K }>;
}

const factsOf = (file: OpenFile, format: string): FileFacts => ({ name: file.name, size: file.size, format });

const describeArray = (path: string): { name: string; rows: number } => {
  const file = openFile(path);
  try {
    return { name: file.name, rows: readerFor(file, 'array').describe(file).shape[0] ?? 0 };
  } finally {
    file.close();
  }
};

const mismatch = (a: string, rowsA: number, b: string, rowsB: number): BezoarError =>
  new BezoarError(
    'evidence/length-mismatch',
    `${a} has ${rowsA} rows and ${b} has ${rowsB}. Row i of the one must be row i of the other, so nothing was imported. ` +
      'Choose files of the same run, or write them again.',
  );

/** Reads the files of one set and posts what they hold. @throws BezoarError evidence/... */
export async function readSet(
  set: number,
  { records, arrays, rows: present }: SetToRead,
  post: Post,
): Promise<void> {
  const headers = arrays.map(({ path }) => describeArray(path));
  const [first] = headers;
  for (const other of headers.slice(1))
    if (first !== undefined && other.rows !== first.rows)
      throw mismatch(first.name, first.rows, other.name, other.rows);
  if (first !== undefined && present !== null && first.rows !== present)
    throw mismatch(first.name, first.rows, 'the set in the case', present);
  if (records !== null) {
    const rows = await readRecords(set, records, post);
    if (first !== undefined && first.rows !== rows)
      throw mismatch(first.name, first.rows, basename(records.path), rows);
  } else if (present === null && first !== undefined)
    await post({ kind: 'numbered', set, name: first.name, rows: first.rows }, 0);
  for (const { path, role } of arrays) await readArray(set, path, role, post);
}

async function readArray(set: number, path: string, role: ArrayRole, post: Post): Promise<void> {
  const file = openFile(path);
  try {
    const reader = readerFor(file, 'array');
    const { dtype, shape } = reader.describe(file);
    const [rows = 0, ...rest] = shape;
    const fits =
      role === 'images'
        ? dtype === 'uint8' && (rest.length === 2 || (rest.length === 3 && rest[2] === 3))
        : dtype !== 'uint8' && rest.length === 1;
    if (!fits)
      throw new BezoarError(
        'evidence/malformed',
        `${file.name} is ${dtype} of shape (${shape.join(', ')}) and cannot be ${role}. Nothing was imported. ` +
          (role === 'images'
            ? 'Images are uint8 [rows, height, width] or [rows, height, width, 3].'
            : 'Activations and logits are float16, float32 or float64 [rows, width].'),
      );
    await post({ kind: 'begin-array', set, file: factsOf(file, reader.id), role, dtype, shape }, 0);
    const width = rest.reduce((a, b) => a * b, 1);
    const hash = createHash('sha256');
    const rowBytes = file.size / rows;
    let index = 0;
    for (const chunk of reader.chunks(file, chunkRows(dtype, shape))) {
      const bad = firstNonFinite(dtype, chunk.bytes);
      if (bad >= 0)
        throw new BezoarError(
          'evidence/not-finite',
          `${file.name}: row ${chunk.firstRow + Math.floor(bad / width)}, column ${bad % width} is not a finite number ` +
            '(rows and columns counted from 0). Nothing was imported. Find out why the model gave it, and leave out or mend that row in all files.',
        );
      hash.update(chunk.bytes);
      await post({ kind: 'chunk', index, ...chunk }, Math.floor((chunk.firstRow + chunk.rows) * rowBytes));
      index += 1;
    }
    await post(
      { kind: 'end-array', sha256: file.sha256(), rows, matrixSha256: hash.digest('hex') },
      file.size,
    );
  } finally {
    file.close();
  }
}

type RecordsPlan = NonNullable<SetToRead['records']>;

interface Columns {
  readonly key: number;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly kept: readonly (KeptColumn & { readonly at: number })[];
}

function columnsOf(
  name: string,
  header: readonly string[],
  plan: RecordsPlan['columns'],
  firstRecords: readonly (readonly string[])[],
): Columns {
  const positions = plan.map((column) => ({ ...column, at: header.indexOf(column.name) }));
  const absent = positions.find(({ at }) => at < 0);
  if (absent !== undefined)
    throw new BezoarError(
      'evidence/missing-column',
      `${name} has no column named ${JSON.stringify(absent.name)}; it has ${header.join(', ')}. Nothing was imported. ` +
        'Choose among these.',
    );
  const one = (role: 'key' | 'label' | 'predicted' | 'confidence' | 'gradient-norm'): number => {
    const found = positions.filter((column) => column.role === role);
    if (found.length > 1)
      throw new BezoarError(
        'evidence/malformed',
        `${name}: ${found.map((column) => column.name).join(' and ')} were both taken for the ${role}. Nothing was imported. ` +
          'Choose one.',
      );
    return found[0]?.at ?? -1;
  };
  const kept = positions
    .filter(
      ({ role }) => role === 'loss' || role === 'gradient-norm' || role === 'text' || role === 'feature',
    )
    .map(({ name: column, role, at }) => {
      const numeric =
        role === 'loss' ||
        role === 'gradient-norm' ||
        (role === 'feature' && looksNumeric(firstRecords.map((record) => record[at] ?? '')));
      return { name: column, role, at, type: numeric ? ('number' as const) : ('text' as const) };
    });
  one('gradient-norm');
  return {
    key: one('key'),
    label: one('label'),
    predicted: one('predicted'),
    confidence: one('confidence'),
    kept,
  };
}

async function readRecords(set: number, { path, columns: plan }: RecordsPlan, post: Post): Promise<number> {
  const file = openFile(path);
  try {
    const reader: TableReader = readerFor(file, 'table');
    const header = reader.header(file);
    const seen = new Map<string, number>();
    let columns: Columns | null = null;
    let rows = 0;
    for await (const { firstRow, records, bytes } of reader.records(file)) {
      if (columns === null) {
        columns = columnsOf(file.name, header, plan, records.slice(0, TYPE_ROWS));
        await post(
          {
            kind: 'begin-records',
            set,
            file: factsOf(file, reader.id),
            columns: columns.kept.map(({ name, role, type }) => ({ name, role, type })),
            ownKeys: columns.key >= 0,
          },
          0,
        );
      }
      const made = columns;
      const samples = records.map((record, at) =>
        sampleOf(file.name, header, made, record, firstRow + at, seen),
      );
      rows += samples.length;
      await post({ kind: 'samples', set, samples }, bytes);
    }
    if (rows === 0)
      throw new BezoarError(
        'evidence/malformed',
        `${file.name} holds a header and no records. Nothing was imported. Choose the file with the records.`,
      );
    await post({ kind: 'end-records', sha256: file.sha256(), rows }, file.size);
    return rows;
  } finally {
    file.close();
  }
}

function sampleOf(
  file: string,
  header: readonly string[],
  columns: Columns,
  record: readonly string[],
  row: number,
  seen: Map<string, number>,
): ImportedSample {
  const number = (at: number): number | null => {
    const cell = record[at] ?? '';
    const value = numberOf(cell);
    if (value === undefined)
      throw new BezoarError(
        'evidence/malformed',
        `${file}: row ${row} (counted from 0) says ${JSON.stringify(cell.slice(0, 60))} in column ${header[at] ?? ''}, which ` +
          'holds numbers. Nothing was imported. Mend that cell, or take the column as text.',
      );
    return value;
  };
  const text = (at: number): string | null => {
    const cell = at < 0 ? '' : (record[at] ?? '');
    return cell === '' ? null : cell;
  };
  const key = columns.key < 0 ? String(row) : (record[columns.key] ?? '');
  if (columns.key >= 0) {
    if (key === '')
      throw new BezoarError(
        'evidence/malformed',
        `${file}: row ${row} (counted from 0) has no key in column ${header[columns.key] ?? ''}. Nothing was imported. ` +
          'Give it a key, or take the records without a key column.',
      );
    const before = seen.get(key);
    if (before !== undefined)
      throw new BezoarError(
        'evidence/duplicate-key',
        `${file}: the key ${JSON.stringify(key)} stands in rows ${before} and ${row} (counted from 0). Nothing was imported. ` +
          'Choose another key column, or remove one of the two rows in all files.',
      );
    seen.set(key, row);
  }
  return {
    row,
    key,
    label: text(columns.label),
    predicted: text(columns.predicted),
    confidence: columns.confidence < 0 ? null : number(columns.confidence),
    cells: columns.kept.map(({ at, type }) => (type === 'number' ? number(at) : text(at))),
  };
}
