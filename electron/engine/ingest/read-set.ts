import type { EvidenceReport, TextReading } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { refuseBadRows } from './bad-rows.ts';
import { columnsOfEntry, type ArrayColumn } from './column-entries.ts';
import { isMatrix } from './entry-roles.ts';
import { folderColumns } from './folder-columns.ts';
import type { StartDecoder } from './images/decoder-process.ts';
import { namedImages, openAny, type NamedImages } from './images/open-any.ts';
import type { EvidenceFacts, ImportMessage, Posted, SetToRead, TableToRead } from './import-messages.ts';
import { readJoinedTable, type JoinedTable } from './join-table.ts';
import { rowsByKey } from './keyed-rows.ts';
import { lengthMismatch } from './length-mismatch.ts';
import { checkLengths, isByRow, openArray, rowsOf, type OpenArray } from './open-arrays.ts';
import type { OpenEvidence } from './open-evidence.ts';
import { readMatrix, type SampleRows } from './read-matrix.ts';
import { numberSamples, readRecords, type RecordsRead, type SampleTaker } from './read-records.ts';
import type { RecordsPart } from './record-parts.ts';
import type { Table } from './reader.ts';
import { sideOfArrays, type SideColumns } from './side-columns.ts';

/** Takes a message with what the set's files have given so far; resolves when more may be read. */
export type Post = (message: ImportMessage, bytes: number, images: Posted['images']) => Promise<void>;

/** Reads the files of one set and posts what they hold. @throws BezoarError evidence/... */
export async function readSet(
  set: number,
  plan: SetToRead,
  startDecoder: StartDecoder,
  post: Post,
): Promise<void> {
  const files = new Map<string, OpenEvidence>();
  const readings = readingsOf(plan);
  const tools = { startDecoder, acceptBad: plan.acceptBadRows ?? false };
  const opened = async (path: string, more?: readonly string[]): Promise<OpenEvidence> => {
    const file = files.get(path) ?? (await openAny(path, more, tools, readings.get(path)));
    files.set(path, file);
    return file;
  };
  const named = namedImages(tools);
  try {
    const arrays: OpenArray[] = [];
    for (const one of plan.arrays)
      arrays.push(await openArray(one, one.column === undefined ? opened : () => named.open(one)));
    checkLengths(arrays, plan.rows);
    const all = (): OpenEvidence[] => [...files.values(), ...named.files];
    const bytes = (): number => all().reduce((sum, file) => sum + file.position(), 0);
    const images = (): Posted['images'] =>
      all()
        .map((file) => file.progress?.() ?? null)
        .find((progress) => progress !== null) ?? null;
    const posted = evidencePoster(set, (message) => post(message, bytes(), images()));
    await readOpen(plan, arrays, opened, named, posted);
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
  for (const { path, reading } of tables) take(path, reading);
  for (const { path, parts = [], reading } of [...(records === null ? [] : [records]), ...arrays])
    for (const one of [path, ...parts]) take(one, reading);
  return readings;
}

type PostMessage = (message: ImportMessage) => Promise<void>;

interface SetPoster {
  post: PostMessage;
  readonly set: number;
  /** The number of the evidence. */
  begin(
    file: OpenEvidence,
    facts: Partial<EvidenceFacts> & Pick<EvidenceFacts, 'role'>,
    rows: number,
  ): Promise<number>;
  /** Adds to what is to be known of how it was read. */
  note(evidence: number, sentence: string): void;
  /** Once all was read: the hashes. */
  end(): Promise<void>;
}

/** Posts the evidence of a set, numbered as it comes. */
function evidencePoster(set: number, post: PostMessage): SetPoster {
  const begun: { file: OpenEvidence; isArray: boolean; rows: number; told: string[] }[] = [];
  return {
    set,
    post,
    begin: async (file, facts, rows) => {
      const { name, size, format } = file;
      const nothing = { entry: null, shape: null, dtype: null, findings: [], mapping: null, report: null };
      const all = { name, size, format, ...nothing, badRows: { count: 0, first: [] }, ...facts };
      const evidence = begun.push({ file, isArray: facts.role !== 'records', rows, told: [] }) - 1;
      await post({ kind: 'begin-evidence', set, evidence, facts: all });
      return evidence;
    },
    note: (evidence, sentence) => {
      begun[evidence]?.told.push(sentence);
    },
    end: async () => {
      for (const [evidence, { file, isArray, rows, told }] of begun.entries()) {
        const notes = isArray ? [...(file.notes?.() ?? []), ...told] : [];
        await post({ kind: 'end-evidence', set, evidence, sha256: file.sha256(), rows, notes });
      }
    },
  };
}

/** Posts the samples of a set. @param keep is given their keys in order, where there are arrays to be put in that order */
function takerOf({ set, post }: SetPoster, name: string, keep: string[] | null): SampleTaker {
  let begun = false;
  return {
    begin: ({ columns, ownKeys }) => {
      keep?.splice(0);
      const message: ImportMessage = begun
        ? { kind: 'begin-again', set, columns }
        : { kind: 'begin-set', set, name, columns, ownKeys };
      begun = true;
      return post(message);
    },
    samples: (samples) => {
      if (keep !== null) for (const { key } of samples) keep.push(key);
      return post({ kind: 'samples', set, samples });
    },
    numbered: (rows) => post({ kind: 'numbered', set, rows }),
  };
}

function tableOf({ name, content }: OpenEvidence): Table {
  if (content.table !== null) return content.table;
  throw new BezoarError(
    'evidence/unknown-format',
    `${name} is not a file of records. Nothing was imported. Say in the dialog what the file is, or leave it out.`,
  );
}

/** Opens a file of the set; `more` are further image files. */
type Opener = (path: string, more?: readonly string[]) => Promise<OpenEvidence>;

interface OpenTable {
  readonly file: OpenEvidence;
  readonly plan: TableToRead;
  readonly joined: JoinedTable;
}

async function openTables(
  tables: readonly TableToRead[],
  accept: boolean,
  opened: Opener,
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
  { records, tables = [], acceptBadRows = false, rows: present, linkOver }: SetToRead,
  arrays: readonly OpenArray[],
  opened: Opener,
  named: NamedImages,
  posted: SetPoster,
): Promise<void> {
  const columns: ArrayColumn[] = [];
  for (const { name, array, role, key = null } of arrays) {
    if (key !== null && (!isMatrix(role) || records === null))
      throw new BezoarError(
        'evidence/malformed',
        `${name} is to be joined by keys, which only matrices can be that come along with the records. Nothing was imported. ` +
          'Give it as a table, or in the order of the records.',
      );
    if (!isMatrix(role)) columns.push(...(await columnsOfEntry(name, array, role)));
  }
  const joins = await openTables(tables, acceptBadRows, opened);
  const sides = [sideOfArrays(columns), ...joins.map(({ joined }) => joined)];
  const byRow = arrays.find(isByRow);
  const keys: string[] | null = arrays.some(({ key = null }) => key !== null) ? [] : null;

  let left: readonly number[] = [];
  if (records !== null)
    left = await readTable(records, sides, acceptBadRows, byRow, joins, keys, opened, named, posted);
  else if (present === null && byRow !== undefined)
    await numberSamples(rowsOf(byRow), sides, takerOf(posted, byRow.file.name, null));
  for (const { file, plan, joined } of joins) {
    const { says, notes } = tableOf(file);
    const report = { says, records: joined.rows, join: joined.report(), notes: [...notes] };
    const { rows, bad } = joined;
    await posted.begin(
      file,
      { role: 'records', mapping: plan.columns, report, badRows: bad },
      rows - bad.count,
    );
  }
  await readArrays(arrays, left, keys, new Set(records === null ? [] : [records.path]), linkOver, posted);
  await posted.end();
}

/** The records of a set: a table in one or several files. Returns the records that were left out. */
async function readTable(
  { path, parts: others = [], more, columns }: NonNullable<SetToRead['records']>,
  sides: readonly SideColumns[],
  accept: boolean,
  byRow: OpenArray | undefined,
  joins: readonly OpenTable[],
  keys: string[] | null,
  opened: Opener,
  named: NamedImages,
  posted: SetPoster,
): Promise<readonly number[]> {
  const paths = [path, ...others];
  const folders = folderColumns(paths);
  const files: OpenEvidence[] = [];
  for (const one of paths) files.push(await opened(one, more));
  const tables = named.capture(files.map(tableOf));
  const [first, ...rest] = files.map((file, at): RecordsPart => ({
    name: file.name,
    table: tables[at] ?? tableOf(file),
    constants: folders[at] ?? [],
  }));
  if (first === undefined) throw new Error('a set of records has no file');
  const read = await readRecords([first, ...rest], columns, sides, accept, takerOf(posted, first.name, keys));
  checkRows(read, first.name, byRow, joins);
  for (const [at, file] of files.entries()) {
    const { rows, bad } = read.parts[at] ?? { rows: 0, bad: { count: 0, first: [] } };
    const { says, notes } = tableOf(file);
    const report = {
      says,
      records: rows,
      join: null,
      notes: at === 0 ? [...notes, ...read.notes] : [...notes],
    };
    const facts = {
      role: 'records' as const,
      findings: file.content.findings,
      mapping: columns,
      report,
      badRows: bad,
    };
    await posted.begin(file, facts, rows - bad.count);
  }
  return read.left;
}

/** Row i of arrays and of tables without keys is record i, also where records were left out. */
function checkRows(
  { parts }: RecordsRead,
  name: string,
  array: OpenArray | undefined,
  joins: readonly OpenTable[],
): void {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (array !== undefined && rowsOf(array) !== rows)
    throw lengthMismatch(array.name, rowsOf(array), name, rows);
  for (const { file, plan, joined } of joins)
    if (plan.key === null && joined.rows !== rows) throw lengthMismatch(file.name, joined.rows, name, rows);
}

/** @param told files whose findings were told already */
async function readArrays(
  arrays: readonly OpenArray[],
  left: readonly number[],
  keys: readonly string[] | null,
  told: Set<string>,
  linkOver: number | null | undefined,
  posted: SetPoster,
): Promise<void> {
  for (const open of arrays) {
    const { file, files, array, role, entry, path, name, key = null } = open;
    await array.prepare?.();
    let samples: SampleRows = { left };
    let report: EvidenceReport | null = null;
    if (key !== null && keys !== null) {
      const table = tableOf(file);
      const found = await rowsByKey(name, table, key, keys);
      samples = found;
      report = { says: table.says, records: rowsOf(open), join: found.report, notes: [] };
    }
    const rows = 'order' in samples ? samples.order.length : rowsOf(open) - left.length;
    // What was found in a file is told once, with the first that comes of it.
    const findings = told.has(path) ? [] : file.content.findings;
    told.add(path);
    const { shape, stored: dtype } = array;
    const evidence = await posted.begin(file, { role, entry, shape, dtype, findings, report }, rows);
    for (const part of files.slice(1)) await posted.begin(part, { role, entry, dtype }, 0);
    if (!isMatrix(role)) continue;
    const note = await readMatrix(posted.set, evidence, open, role, samples, linkOver, posted.post);
    if (note !== null) posted.note(evidence, note);
  }
}
