import { BezoarError } from '../../contract/errors.ts';
import { possibleRoles, wantedOf } from './entry-roles.ts';
import type { ArrayToRead } from './import-messages.ts';
import { keptRows } from './kept-rows.ts';
import { lengthMismatch } from './length-mismatch.ts';
import type { OpenEvidence } from './open-evidence.ts';
import type { ArrayChunk, ArrayEntry } from './reader.ts';

/** An array of the plan with its file open and its header read. */
export interface OpenArray extends ArrayToRead {
  readonly file: OpenEvidence;
  /** All files that it lies in, the first of them first. */
  readonly files: readonly OpenEvidence[];
  readonly array: ArrayEntry;
  /** Names the file, and the array where it has a name. */
  readonly name: string;
}

/** Whether row i of it is sample i; images that a column names are as many as there are records. */
export const isByRow = ({ key, column }: ArrayToRead): boolean =>
  (key ?? null) === null && column === undefined;

export const rowsOf = ({ array }: OpenArray): number => array.shape[0] ?? 0;

function entryIn(file: OpenEvidence, entry: string | null): ArrayEntry {
  const array = file.content.entries.find(({ name }) => name === entry);
  if (array !== undefined) {
    if (array.problem !== null) throw new BezoarError('evidence/malformed', array.problem);
    return array;
  }
  throw new BezoarError(
    'evidence/unknown-format',
    entry === null
      ? `${file.name} is not a file of one array. Nothing was imported. Say in the dialog what the file is, or leave it out.`
      : `${file.name} holds no array named ${JSON.stringify(entry)}. Nothing was imported. Choose among those it holds.`,
  );
}

async function* chunksOf(arrays: readonly ArrayEntry[], rowsPerChunk: number): AsyncGenerator<ArrayChunk> {
  let before = 0;
  for (const array of arrays) {
    for await (const chunk of array.chunks(rowsPerChunk))
      yield { ...chunk, firstRow: before + chunk.firstRow };
    before += array.shape[0] ?? 0;
  }
}

/** Arrays of the parts of a table as one: their rows follow each other. @throws BezoarError evidence/malformed */
function together(
  first: ArrayEntry,
  others: readonly { file: OpenEvidence; array: ArrayEntry }[],
): ArrayEntry {
  if (first.together !== undefined) return first.together(others.map(({ array }) => array));
  for (const { file, array } of others)
    if (array.dtype !== first.dtype || array.shape.slice(1).join() !== first.shape.slice(1).join())
      throw new BezoarError(
        'evidence/malformed',
        `${file.name}: ${array.name ?? 'it'} is ${array.stored} of shape (${array.shape.join(', ')}), and in the first part it is ` +
          `${first.stored} of shape (${first.shape.join(', ')}). Nothing was imported. Leave it out, or write the parts again.`,
      );
  const all = [first, ...others.map(({ array }) => array)];
  const rows = all.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  return {
    ...first,
    shape: [rows, ...first.shape.slice(1)],
    chunks: (rowsPerChunk) => keptRows(chunksOf(all, rowsPerChunk), [], rowsPerChunk),
  };
}

/** Opens an array of the plan. @throws BezoarError evidence/... */
export async function openArray(
  one: ArrayToRead,
  opened: (path: string, more?: readonly string[]) => Promise<OpenEvidence>,
): Promise<OpenArray> {
  const file = await opened(one.path, one.more);
  const first = entryIn(file, one.entry);
  const others: { file: OpenEvidence; array: ArrayEntry }[] = [];
  for (const path of one.parts ?? []) {
    const part = await opened(path);
    others.push({ file: part, array: entryIn(part, one.entry) });
  }
  const name = one.entry === null ? file.name : `${file.name}: ${one.entry}`;
  const array = others.length === 0 ? first : together(first, others);
  if (array.dtype === null || !possibleRoles(array.dtype, array.shape).includes(one.role))
    throw new BezoarError(
      'evidence/malformed',
      `${name} is ${array.stored} of shape (${array.shape.join(', ')}) and cannot be ${one.role}. Nothing was imported. ${wantedOf[one.role]}`,
    );
  return { ...one, file, files: [file, ...others.map((part) => part.file)], array, name };
}

/** Row i of every array that is not joined by keys must be the same sample. @throws BezoarError evidence/length-mismatch */
export function checkLengths(arrays: readonly OpenArray[], present: number | null): void {
  const [first, ...others] = arrays.filter(isByRow);
  if (first === undefined) return;
  for (const other of others)
    if (rowsOf(other) !== rowsOf(first))
      throw lengthMismatch(first.name, rowsOf(first), other.name, rowsOf(other));
  if (present !== null && rowsOf(first) !== present)
    throw lengthMismatch(first.name, rowsOf(first), 'the set in the case', present);
}
