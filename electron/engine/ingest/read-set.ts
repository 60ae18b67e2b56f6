import { createHash } from 'node:crypto';
import type { ArrayRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { chunkRows } from '../case/chunk-rows.ts';
import { columnsOfEntry, type ArrayColumn } from './column-entries.ts';
import { imageShape, isMatrix, matrixDtype, possibleRoles, wantedOf } from './entry-roles.ts';
import { firstNonFinite } from './finite-check.ts';
import type { ArrayToRead, ImportMessage, Posted, SetToRead } from './import-messages.ts';
import type { OpenEvidence } from './open-evidence.ts';
import { numberSamples, readRecords, type SamplesHead } from './read-records.ts';
import type { StartDecoder } from './images/decoder-process.ts';
import { namedImages, openAny } from './images/open-any.ts';
import type { ArrayEntry, Table } from './reader.ts';
import { caseBytes } from './stored-values.ts';

/** Takes a message with what the set's files have given so far; resolves when more may be read. */
export type Post = (message: ImportMessage, bytes: number, images: Posted['images']) => Promise<void>;

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
export async function readSet(
  set: number,
  plan: SetToRead,
  startDecoder: StartDecoder,
  post: Post,
): Promise<void> {
  const files = new Map<string, OpenEvidence>();
  const tools = { startDecoder, acceptBad: plan.acceptBadRows ?? false };
  const opened = async (path: string, more?: readonly string[]): Promise<OpenEvidence> => {
    const file = files.get(path) ?? (await openAny(path, more, tools));
    files.set(path, file);
    return file;
  };
  const named = namedImages(tools);
  try {
    const arrays: OpenArray[] = [];
    for (const one of plan.arrays)
      arrays.push(
        openArray(one.column === undefined ? await opened(one.path, one.more) : await named.open(one), one),
      );
    checkLengths(arrays, plan.rows);
    const all = (): OpenEvidence[] => [...files.values(), ...named.files];
    const bytes = (): number => all().reduce((sum, file) => sum + file.position(), 0);
    const images = (): Posted['images'] =>
      all()
        .map((file) => file.progress?.() ?? null)
        .find((progress) => progress !== null) ?? null;
    await readOpen(
      set,
      plan,
      arrays,
      opened,
      (table) => named.capture(table),
      (message) => post(message, bytes(), images()),
    );
  } finally {
    for (const file of files.values()) file.close();
  }
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
  // Images that a column names are as many as there are records.
  const [first, ...others] = arrays.filter(({ column }) => column === undefined);
  if (first === undefined) return;
  for (const other of others)
    if (rowsOf(other) !== rowsOf(first)) throw mismatch(first.name, rowsOf(first), other.name, rowsOf(other));
  if (present !== null && rowsOf(first) !== present)
    throw mismatch(first.name, rowsOf(first), 'the set in the case', present);
}

async function readOpen(
  set: number,
  { records, rows: present }: SetToRead,
  arrays: readonly OpenArray[],
  opened: (path: string, more?: readonly string[]) => Promise<OpenEvidence>,
  capture: (table: Table) => Table,
  post: (message: ImportMessage) => Promise<void>,
): Promise<void> {
  const columns: ArrayColumn[] = [];
  for (const { name, array, role } of arrays)
    if (!isMatrix(role)) columns.push(...(await columnsOfEntry(name, array, role)));

  const begin =
    (name: string) =>
    ({ columns: kept, ownKeys }: SamplesHead): Promise<void> =>
      post({ kind: 'begin-set', set, name, columns: kept, ownKeys });
  const take = (samples: Parameters<Parameters<typeof numberSamples>[3]>[0]): Promise<void> =>
    post({ kind: 'samples', set, samples });

  let evidence = 0;
  const first = arrays.find(({ column }) => column === undefined);
  if (records !== null) {
    const file = await opened(records.path, records.more);
    const { table, findings } = file.content;
    if (table === null)
      throw new BezoarError(
        'evidence/unknown-format',
        `${file.name} is not a file of records. Nothing was imported. Say in the dialog what the file is, or leave it out.`,
      );
    const rows = await readRecords(
      file.name,
      capture(table),
      records.columns,
      columns,
      begin(file.name),
      take,
    );
    if (first !== undefined && rowsOf(first) !== rows)
      throw mismatch(first.name, rowsOf(first), file.name, rows);
    const { name, size, format } = file;
    const facts = {
      name,
      size,
      format,
      entry: null,
      role: 'records' as const,
      shape: null,
      dtype: null,
      findings,
    };
    await post({ kind: 'begin-evidence', set, evidence, facts });
    await post({ kind: 'end-evidence', set, evidence, sha256: file.sha256(), rows });
    evidence += 1;
  } else if (present === null && first !== undefined)
    await numberSamples(rowsOf(first), columns, begin(first.file.name), take);

  const begun: { evidence: number; array: OpenArray }[] = [];
  for (const array of arrays) {
    await array.array.prepare?.();
    const { name, size, format, content } = array.file;
    const { role, entry } = array;
    const { shape, stored } = array.array;
    // What was found in a file is told once, with the first of its arrays.
    const told = arrays.find(({ file }) => file === array.file) === array && records?.path !== array.path;
    const findings = told ? content.findings : [];
    const facts = { name, size, format, entry, role, shape, dtype: stored, findings };
    await post({ kind: 'begin-evidence', set, evidence, facts });
    if (isMatrix(role)) await readMatrix(set, evidence, array, role, post);
    begun.push({ evidence, array });
    evidence += 1;
  }
  for (const { evidence: at, array } of begun)
    await post({
      kind: 'end-evidence',
      set,
      evidence: at,
      sha256: array.file.sha256(),
      rows: rowsOf(array),
      notes: array.file.notes?.() ?? [],
    });
}

async function readMatrix(
  set: number,
  evidence: number,
  { name, array }: OpenArray,
  role: ArrayRole,
  post: (message: ImportMessage) => Promise<void>,
): Promise<void> {
  const stored = array.dtype;
  if (stored === null) throw new Error(`${name} has no dtype`);
  const shape = (role === 'images' ? imageShape(array.shape) : array.shape) ?? array.shape;
  const dtype = matrixDtype(stored, role);
  await post({ kind: 'begin-matrix', set, evidence, role, dtype, shape });
  const width = shape.slice(1).reduce((a, b) => a * b, 1);
  const hash = createHash('sha256');
  let index = 0;
  for await (const { firstRow, rows, bytes: values } of array.chunks(chunkRows(dtype, shape))) {
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
