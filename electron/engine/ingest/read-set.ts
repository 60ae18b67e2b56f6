import { createHash } from 'node:crypto';
import type { ArrayRole, TextReading } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { chunkRows } from '../case/chunk-rows.ts';
import { refuseBadRows } from './bad-rows.ts';
import { columnsOfEntry, type ArrayColumn } from './column-entries.ts';
import { imageShape, isMatrix, matrixDtype, possibleRoles, wantedOf } from './entry-roles.ts';
import { firstNonFinite } from './finite-check.ts';
import type { ArrayToRead, EvidenceFacts, ImportMessage, SetToRead, TableToRead } from './import-messages.ts';
import { folderColumns } from './folder-columns.ts';
import { readJoinedTable, type JoinedTable } from './join-table.ts';
import { keptRows } from './kept-rows.ts';
import { openEvidence, type OpenEvidence } from './open-evidence.ts';
import { numberSamples, readRecords, type RecordsRead, type SampleTaker } from './read-records.ts';
import type { RecordsPart } from './record-parts.ts';
import type { ArrayEntry, Table } from './reader.ts';
import { sideOfArrays } from './side-columns.ts';
import { caseBytes } from './stored-values.ts';

/** Takes a message and the bytes that the set's files have given so far; resolves when more may be read. */
export type Post = (message: ImportMessage, bytes: number) => Promise<void>;

interface OpenArray extends ArrayToRead {
  readonly file: OpenEvidence;
  readonly array: ArrayEntry;
  /** Names the file, and the array where it has a name. */
  readonly name: string;
}

const mismatch = (a: string, rowsA: number, b: string, rowsB: number): BezoarError =>
  new BezoarError(
    'evidence/length-mismatch',
    `${a} has ${rowsA} rows and ${b} has ${rowsB}. Row i of the one must be row i of the other, so nothing was imported. ` +
      'Choose files of the same run, or write them again.',
  );

const rowsOf = ({ array }: OpenArray): number => array.shape[0] ?? 0;

/** Reads the files of one set and posts what they hold. @throws BezoarError evidence/... */
export async function readSet(set: number, plan: SetToRead, post: Post): Promise<void> {
  const files = new Map<string, OpenEvidence>();
  const readings = readingsOf(plan);
  const opened = async (path: string): Promise<OpenEvidence> => {
    const file = files.get(path) ?? (await openEvidence(path, readings.get(path)));
    files.set(path, file);
    return file;
  };
  try {
    const arrays: OpenArray[] = [];
    for (const one of plan.arrays) arrays.push(openArray(await opened(one.path), one));
    checkLengths(arrays, plan.rows);
    const bytes = (): number => [...files.values()].reduce((sum, file) => sum + file.position(), 0);
    await readOpen(set, plan, arrays, opened, (message) => post(message, bytes()));
  } finally {
    for (const file of files.values()) file.close();
  }
}

/** How the text of each file is written, as far as the plan says. */
function readingsOf({ records, tables = [], arrays }: SetToRead): ReadonlyMap<string, TextReading> {
  const readings = new Map<string, TextReading>();
  const take = (path: string, reading: TextReading | undefined): void => {
    if (reading !== undefined && !readings.has(path)) readings.set(path, reading);
  };
  for (const { path, reading } of [...tables, ...arrays]) take(path, reading);
  for (const path of records === null ? [] : [records.path, ...(records.parts ?? [])])
    take(path, records?.reading);
  return readings;
}

function openArray(file: OpenEvidence, one: ArrayToRead): OpenArray {
  const array = file.content.entries.find(({ name }) => name === one.entry);
  if (array === undefined)
    throw new BezoarError(
      'evidence/unknown-format',
      one.entry === null
        ? `${file.name} is not a file of one array. Nothing was imported. Say in the dialog what the file is, or leave it out.`
        : `${file.name} holds no array named ${JSON.stringify(one.entry)}. Nothing was imported. Choose among those it holds.`,
    );
  const name = one.entry === null ? file.name : `${file.name}: ${one.entry}`;
  if (array.problem !== null) throw new BezoarError('evidence/malformed', array.problem);
  if (array.dtype === null || !possibleRoles(array.dtype, array.shape).includes(one.role))
    throw new BezoarError(
      'evidence/malformed',
      `${name} is ${array.stored} of shape (${array.shape.join(', ')}) and cannot be ${one.role}. Nothing was imported. ${wantedOf[one.role]}`,
    );
  return { ...one, file, array, name };
}

function checkLengths(arrays: readonly OpenArray[], present: number | null): void {
  const [first, ...others] = arrays;
  if (first === undefined) return;
  for (const other of others)
    if (rowsOf(other) !== rowsOf(first)) throw mismatch(first.name, rowsOf(first), other.name, rowsOf(other));
  if (present !== null && rowsOf(first) !== present)
    throw mismatch(first.name, rowsOf(first), 'the set in the case', present);
}

type PostMessage = (message: ImportMessage) => Promise<void>;

/** Posts the evidence of a set, numbered as it comes. */
function evidencePoster(set: number, post: PostMessage) {
  let evidence = 0;
  return {
    begin: async (
      file: OpenEvidence,
      facts: Partial<EvidenceFacts> & Pick<EvidenceFacts, 'role'>,
    ): Promise<number> => {
      const { name, size, format } = file;
      const nothing = { entry: null, shape: null, dtype: null, findings: [], mapping: null, report: null };
      const all = { name, size, format, ...nothing, badRows: { count: 0, first: [] }, ...facts };
      await post({ kind: 'begin-evidence', set, evidence, facts: all });
      evidence += 1;
      return evidence - 1;
    },
    end: (at: number, file: OpenEvidence, rows: number): Promise<void> =>
      post({ kind: 'end-evidence', set, evidence: at, sha256: file.sha256(), rows }),
  };
}

function takerOf(set: number, name: string, post: PostMessage): SampleTaker {
  let begun = false;
  return {
    begin: ({ columns, ownKeys }) => {
      const message: ImportMessage = begun
        ? { kind: 'begin-again', set, columns }
        : { kind: 'begin-set', set, name, columns, ownKeys };
      begun = true;
      return post(message);
    },
    samples: (samples) => post({ kind: 'samples', set, samples }),
  };
}

function tableOf({ name, content }: OpenEvidence): Table {
  if (content.table !== null) return content.table;
  throw new BezoarError(
    'evidence/unknown-format',
    `${name} is not a file of records. Nothing was imported. Say in the dialog what the file is, or leave it out.`,
  );
}

interface OpenTable {
  readonly file: OpenEvidence;
  readonly plan: TableToRead;
  readonly joined: JoinedTable;
}

async function openTables(
  tables: readonly TableToRead[],
  accept: boolean,
  opened: (path: string) => Promise<OpenEvidence>,
): Promise<OpenTable[]> {
  const open: OpenTable[] = [];
  for (const plan of tables) {
    const file = await opened(plan.path);
    const joined = await readJoinedTable(file.name, tableOf(file), plan.columns, plan.key);
    if (!accept) refuseBadRows(file.name, joined.rows, joined.bad);
    open.push({ file, plan, joined });
  }
  return open;
}

async function readOpen(
  set: number,
  { records, tables = [], acceptBadRows = false, rows: present }: SetToRead,
  arrays: readonly OpenArray[],
  opened: (path: string) => Promise<OpenEvidence>,
  post: PostMessage,
): Promise<void> {
  const columns: ArrayColumn[] = [];
  for (const { name, array, role } of arrays)
    if (!isMatrix(role)) columns.push(...(await columnsOfEntry(name, array, role)));
  const joins = await openTables(tables, acceptBadRows, opened);
  const sides = [sideOfArrays(columns), ...joins.map(({ joined }) => joined)];
  const posted = evidencePoster(set, post);
  const [first] = arrays;
  const begun: { evidence: number; file: OpenEvidence; rows: number }[] = [];

  let left: readonly number[] = [];
  if (records !== null) {
    const paths = [records.path, ...(records.parts ?? [])] as const;
    const files: OpenEvidence[] = [];
    for (const path of paths) files.push(await opened(path));
    const folders = folderColumns(paths);
    const parts = files.map((file, at): RecordsPart => ({
      name: file.name,
      table: tableOf(file),
      constants: folders[at] ?? [],
    }));
    const [firstPart] = parts;
    const [firstFile] = files;
    if (firstPart === undefined || firstFile === undefined) throw new Error('a set of records has no file');
    const taker = takerOf(set, firstFile.name, post);
    const read = await readRecords(
      [firstPart, ...parts.slice(1)],
      records.columns,
      sides,
      acceptBadRows,
      taker,
    );
    checkRows(read, firstFile.name, first, joins);
    left = read.left;
    for (const [at, file] of files.entries()) {
      const { rows, bad } = read.parts[at] ?? { rows: 0, bad: { count: 0, first: [] } };
      const table = tableOf(file);
      const notes = at === 0 ? [...table.notes, ...read.notes] : [...table.notes];
      const report = { says: table.says, records: rows, join: null, notes };
      const { findings } = file.content;
      const evidence = await posted.begin(file, {
        role: 'records',
        findings,
        mapping: records.columns,
        report,
        badRows: bad,
      });
      begun.push({ evidence, file, rows: rows - bad.count });
    }
  } else if (present === null && first !== undefined)
    await numberSamples(rowsOf(first), sides, takerOf(set, first.file.name, post));
  for (const { file, plan, joined } of joins) {
    const { says, notes } = tableOf(file);
    const report = { says, records: joined.rows, join: joined.report(), notes: [...notes] };
    const evidence = await posted.begin(file, {
      role: 'records',
      mapping: plan.columns,
      report,
      badRows: joined.bad,
    });
    begun.push({ evidence, file, rows: joined.rows - joined.bad.count });
  }

  const told = new Set(begun.map(({ file }) => file));
  for (const array of arrays) {
    const { file, role, entry } = array;
    const { shape, stored } = array.array;
    // What was found in a file is told once, with the first that comes of it.
    const findings = told.has(file) ? [] : file.content.findings;
    told.add(file);
    const evidence = await posted.begin(file, { role, entry, shape, dtype: stored, findings });
    if (isMatrix(role)) await readMatrix(set, evidence, array, role, left, post);
    begun.push({ evidence, file, rows: rowsOf(array) - left.length });
  }
  for (const { evidence, file, rows } of begun) await posted.end(evidence, file, rows);
}

/** Row i of arrays and of tables without keys is record i, also where records were left out. */
function checkRows(
  { parts }: RecordsRead,
  name: string,
  array: OpenArray | undefined,
  joins: readonly OpenTable[],
): void {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (array !== undefined && rowsOf(array) !== rows) throw mismatch(array.name, rowsOf(array), name, rows);
  for (const { file, plan, joined } of joins)
    if (plan.key === null && joined.rows !== rows) throw mismatch(file.name, joined.rows, name, rows);
}

async function readMatrix(
  set: number,
  evidence: number,
  { name, array }: OpenArray,
  role: ArrayRole,
  left: readonly number[],
  post: PostMessage,
): Promise<void> {
  const stored = array.dtype;
  if (stored === null) throw new Error(`${name} has no dtype`);
  const [all = 0, ...rest] = (role === 'images' ? imageShape(array.shape) : array.shape) ?? array.shape;
  const shape = [all - left.length, ...rest];
  const dtype = matrixDtype(stored, role);
  const most = chunkRows(dtype, shape);
  const chunks = left.length === 0 ? array.chunks(most) : keptRows(array.chunks(most), left, most);
  await post({ kind: 'begin-matrix', set, evidence, role, dtype, shape });
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  const hash = createHash('sha256');
  let index = 0;
  for await (const { firstRow, rows, bytes: values } of chunks) {
    const bytes = caseBytes(stored, dtype, values, { file: name, firstRow, width });
    const bad = firstNonFinite(dtype, bytes);
    if (bad >= 0)
      throw new BezoarError(
        'evidence/not-finite',
        `${name}: row ${firstRow + Math.floor(bad / width)}, column ${bad % width} is not a finite number ` +
          '(rows and columns counted from 0). Nothing was imported. Find out why the model gave it, and leave out or mend that row in all files.',
      );
    hash.update(bytes);
    await post({ kind: 'chunk', index, firstRow, rows, bytes });
    index += 1;
  }
  await post({ kind: 'end-matrix', sha256: hash.digest('hex') });
}
