import { BezoarError } from '../../contract/errors.ts';
import type { ImportedSample } from '../case/case-file.ts';
import { looksNumeric, numberOf } from './cell-values.ts';
import type { ArrayColumn } from './column-entries.ts';
import type { KeptColumn, SetToRead } from './import-messages.ts';
import type { Cell, Table } from './reader.ts';

/** So many records tell whether a column holds numbers. */
const TYPE_ROWS = 500;
/** Rows that a set without records is written with at a time. */
const NUMBERED_BATCH = 1000;

type RecordsPlan = NonNullable<SetToRead['records']>;
type OwnRole = 'key' | 'label' | 'predicted' | 'confidence';

/** Where the parts of a sample come from: a cell of its record, or a column that came as an array. */
interface Columns {
  /** Positions in the header, -1 where there is none. */
  readonly own: Readonly<Record<OwnRole, number>>;
  readonly kept: readonly (KeptColumn & { readonly at: number })[];
}

/** What the samples of a set are: told before the first of them. */
export interface SamplesHead {
  readonly columns: readonly KeptColumn[];
  readonly ownKeys: boolean;
}

const ownRoles = ['label', 'predicted', 'confidence'] as const;

/** The columns of arrays that the samples keep, under names that no other column has. */
function keptArrays(
  arrays: readonly ArrayColumn[],
  taken: readonly string[],
): { column: ArrayColumn; name: string }[] {
  const names = new Set(taken);
  return arrays
    .filter(({ role }) => role === 'loss' || role === 'gradient-norm')
    .map((column) => {
      let name = column.name;
      for (let more = 2; names.has(name); more += 1) name = `${column.name} (${more})`;
      names.add(name);
      return { column, name };
    });
}

function columnsOf(
  name: string,
  header: readonly string[],
  plan: RecordsPlan['columns'],
  arrays: readonly ArrayColumn[],
  firstRecords: readonly (readonly Cell[])[],
): Columns {
  const positions = plan.map((column) => ({ ...column, at: header.indexOf(column.name) }));
  const absent = positions.find(({ at }) => at < 0);
  if (absent !== undefined)
    throw new BezoarError(
      'evidence/missing-column',
      `${name} has no column named ${JSON.stringify(absent.name)}; it has ${header.join(', ')}. Nothing was imported. ` +
        'Choose among these.',
    );
  const one = (role: OwnRole | 'gradient-norm'): number => {
    const found = [
      ...positions.filter((column) => column.role === role),
      ...arrays.filter((column) => column.role === role).map((column) => ({ name: column.name, at: -1 })),
    ];
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
        (role === 'feature' && looksNumeric(firstRecords.map((record) => record[at] ?? null)));
      return { name: column, role, at, type: numeric ? ('number' as const) : ('text' as const) };
    });
  one('gradient-norm');
  return {
    own: { key: one('key'), label: one('label'), predicted: one('predicted'), confidence: one('confidence') },
    kept,
  };
}

/**
 * Reads the records and gives the samples in batches, with the columns that came as arrays; `begin` is told once what
 * they are. Returns the number of records.
 * @throws BezoarError evidence/...
 */
export async function readRecords(
  name: string,
  table: Table,
  plan: RecordsPlan['columns'],
  arrays: readonly ArrayColumn[],
  begin: (head: SamplesHead) => Promise<void>,
  take: (samples: readonly ImportedSample[]) => Promise<void>,
): Promise<number> {
  const { header } = table;
  const seen = new Map<string, number>();
  let columns: Columns | null = null;
  const added = keptArrays(arrays, header);
  const ownArrays = ownArraysOf(arrays);
  let rows = 0;
  for await (const { firstRow, records } of table.batches()) {
    if (columns === null) {
      columns = columnsOf(name, header, plan, arrays, records.slice(0, TYPE_ROWS));
      await begin({
        columns: [
          ...columns.kept.map(({ name: column, role, type }) => ({ name: column, role, type })),
          ...added.map(({ column: { role, type }, name: column }) => ({ name: column, role, type })),
        ],
        ownKeys: columns.own.key >= 0,
      });
    }
    const made = columns;
    const samples = records.map((record, at) => {
      const sample = sampleOf(name, header, made, record, firstRow + at, seen);
      return withArrays(sample, ownArrays, added);
    });
    rows += samples.length;
    await take(samples);
  }
  if (rows === 0)
    throw new BezoarError(
      'evidence/malformed',
      `${name} holds a header and no records. Nothing was imported. Choose the file with the records.`,
    );
  return rows;
}

/** Samples of a set without records: numbered, with what came as arrays. */
export async function numberSamples(
  rows: number,
  arrays: readonly ArrayColumn[],
  begin: (head: SamplesHead) => Promise<void>,
  take: (samples: readonly ImportedSample[]) => Promise<void>,
): Promise<void> {
  const added = keptArrays(arrays, []);
  const ownArrays = ownArraysOf(arrays);
  await begin({
    columns: added.map(({ column: { role, type }, name }) => ({ name, role, type })),
    ownKeys: false,
  });
  for (let first = 0; first < rows; first += NUMBERED_BATCH)
    await take(
      Array.from({ length: Math.min(NUMBERED_BATCH, rows - first) }, (_, at) =>
        withArrays(
          {
            row: first + at,
            key: String(first + at),
            label: null,
            predicted: null,
            confidence: null,
            cells: [],
          },
          ownArrays,
          added,
        ),
      ),
    );
}

type OwnArrays = Readonly<Partial<Record<(typeof ownRoles)[number], ArrayColumn>>>;

function ownArraysOf(arrays: readonly ArrayColumn[]): OwnArrays {
  return Object.fromEntries(
    ownRoles.flatMap((role) => {
      const found = arrays.find((column) => column.role === role);
      return found === undefined ? [] : [[role, found]];
    }),
  );
}

function withArrays(
  sample: ImportedSample,
  own: OwnArrays,
  added: readonly { readonly column: ArrayColumn }[],
): ImportedSample {
  if (
    added.length === 0 &&
    own.label === undefined &&
    own.predicted === undefined &&
    own.confidence === undefined
  )
    return sample;
  return {
    ...sample,
    label: own.label === undefined ? sample.label : (own.label.cell(sample.row) as string | null),
    predicted:
      own.predicted === undefined ? sample.predicted : (own.predicted.cell(sample.row) as string | null),
    confidence:
      own.confidence === undefined ? sample.confidence : (own.confidence.cell(sample.row) as number | null),
    cells: [...sample.cells, ...added.map(({ column }) => column.cell(sample.row))],
  };
}

function sampleOf(
  file: string,
  header: readonly string[],
  columns: Columns,
  record: readonly Cell[],
  row: number,
  seen: Map<string, number>,
): ImportedSample {
  const number = (at: number): number | null => {
    const cell = record[at] ?? null;
    const value = numberOf(cell);
    if (value === undefined)
      throw new BezoarError(
        'evidence/malformed',
        `${file}: row ${row} (counted from 0) says ${JSON.stringify(String(cell).slice(0, 60))} in column ${header[at] ?? ''}, which ` +
          'holds numbers. Nothing was imported. Mend that cell, or take the column as text.',
      );
    return value;
  };
  const text = (at: number): string | null => {
    const cell = at < 0 ? null : (record[at] ?? null);
    return cell === null || cell === '' ? null : String(cell);
  };
  const { own } = columns;
  const key = columns.own.key < 0 ? String(row) : String(record[columns.own.key] ?? '');
  if (columns.own.key >= 0) {
    if (key === '')
      throw new BezoarError(
        'evidence/malformed',
        `${file}: row ${row} (counted from 0) has no key in column ${header[columns.own.key] ?? ''}. Nothing was imported. ` +
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
    label: text(own.label),
    predicted: text(own.predicted),
    confidence: own.confidence < 0 ? null : number(own.confidence),
    cells: columns.kept.map(({ at, type }) => (type === 'number' ? number(at) : text(at))),
  };
}
