import { BezoarError } from '../../contract/errors.ts';
import type { Cell, Table, TableBatch } from './reader.ts';

/** A file of records; several of the same columns are one table in parts. */
export interface RecordsPart {
  readonly name: string;
  readonly table: Table;
  /** What the folders that it lies in say of all its records, as name and cell. */
  readonly constants: readonly (readonly [string, string | null])[];
}

export interface PartBatch extends TableBatch {
  readonly part: number;
  /** Of the first record, among the records of all parts. */
  readonly row: number;
}

/** The names of the columns: those of the records, then those of the folders. */
export const namesOf = ({ table, constants }: RecordsPart): string[] => [
  ...table.header,
  ...constants.map(([name]) => name),
];

/** The cells of a record in the order of the first part's names. */
function inOrder(
  record: readonly Cell[],
  { table, constants }: RecordsPart,
  order: readonly number[] | null,
): readonly Cell[] {
  if (order === null && constants.length === 0) return record;
  const cells = [...record];
  while (cells.length < table.header.length) cells.push(null);
  for (const [, cell] of constants) cells.push(cell);
  return order === null ? cells : order.map((place) => cells[place] ?? null);
}

/** The batches of all parts one after another. @throws BezoarError evidence/malformed where their columns differ */
export async function* partBatches(parts: readonly RecordsPart[]): AsyncGenerator<PartBatch> {
  const [first] = parts;
  let before = 0;
  for (const [at, part] of parts.entries()) {
    let rows = 0;
    for await (const batch of part.table.batches()) {
      const order = first === undefined || part === first ? null : orderOf(first, part);
      const records = batch.records.map((record) => (record === null ? null : inOrder(record, part, order)));
      yield { ...batch, records, part: at, row: before + batch.firstRow };
      rows = batch.firstRow + batch.records.length;
    }
    before += rows;
  }
}

/** Where the first part's columns are in another one; null where they are in the same places. */
function orderOf(first: RecordsPart, part: RecordsPart): number[] | null {
  const [names, own] = [namesOf(first), namesOf(part)];
  if (names.length === own.length && names.every((name, at) => name === own[at])) return null;
  const extra = own.find((name) => !names.includes(name)) ?? names.find((name) => !own.includes(name));
  if (extra !== undefined)
    throw new BezoarError(
      'evidence/malformed',
      `${first.name} and ${part.name} do not have the same columns (${JSON.stringify(extra)} is in one of them alone), so they are ` +
        'no parts of one table. Nothing was imported. Give them apart, or leave one out.',
    );
  return names.map((name) => own.indexOf(name));
}
