import type { ColumnPlan } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { ImportedSample } from '../case/case-file.ts';
import { badRows, refuseBadRows, type BadRows } from './bad-rows.ts';
import { columnKinds, type ColumnKind } from './column-kinds.ts';
import { checkRoles, placeColumns, type PlacedColumn } from './record-roles.ts';
import { namesOf, partBatches, type RecordsPart } from './record-parts.ts';
import { sampleMaker, type SampleMaker, type SamplesHead } from './sample-maker.ts';
import type { SideColumns } from './side-columns.ts';

/** Rows that a set without records is written with at a time. */
const NUMBERED_BATCH = 1000;
const SHOWN = 200;

/** Takes the samples of a set. A second `begin` takes all back that came before it. */
export interface SampleTaker {
  begin(head: SamplesHead): Promise<void>;
  samples(samples: readonly ImportedSample[]): Promise<void>;
  /** So many samples that are nothing but their number. */
  numbered(rows: number): Promise<void>;
}

/** What became of the records. */
export interface RecordsRead {
  /** Samples that were made. */
  readonly rows: number;
  /** Of each part: its records, and those among them that were left out. */
  readonly parts: readonly { readonly rows: number; readonly bad: BadRows }[];
  /** The records that were left out, counted over all parts, in order. */
  readonly left: readonly number[];
  /** What an analyst might be surprised by, as whole sentences. */
  readonly notes: readonly string[];
}

type Parts = readonly [RecordsPart, ...RecordsPart[]];

/**
 * Reads the records and gives the samples in batches, with what comes from beside them. Whether a column of features
 * holds numbers is decided by all of its cells: by the first batch to begin with, and anew from the start where a later
 * one differs.
 * @param accept whether records that cannot be taken are left out; else they refuse the import, with their number
 * @throws BezoarError evidence/...
 */
export async function readRecords(
  parts: Parts,
  plan: readonly ColumnPlan[],
  sides: readonly SideColumns[],
  accept: boolean,
  taker: SampleTaker,
): Promise<RecordsRead> {
  const [first] = parts;
  const known = new Set(namesOf(first));
  checkRoles(first.name, [...plan, ...sides.flatMap(({ columns }) => columns)]);
  const read = await readOnce(parts, known, plan, null, sides, accept, taker);
  if (read !== null) return read;
  const kinds = columnKinds(first.table);
  for await (const batch of partBatches(parts)) kinds.add(batch);
  const again = await readOnce(parts, known, plan, (at) => kinds.of(at), sides, accept, taker);
  if (again !== null) return again;
  throw new BezoarError(
    'evidence/unreadable',
    `${first.name} was changed while it was read. Nothing was imported. Wait until it is written, and import it then.`,
  );
}

/** The columns that are read, in the order of the plan; those that only later records name are features. */
function columnsOf(
  first: RecordsPart,
  known: ReadonlySet<string>,
  plan: readonly ColumnPlan[],
): PlacedColumn[] {
  const names = namesOf(first);
  const planned = new Set(plan.map(({ name }) => name));
  const late = names.filter((name) => !known.has(name) && !planned.has(name));
  return placeColumns(first.name, names, [
    ...plan,
    ...late.map((name) => ({ name, role: 'feature' as const })),
  ]);
}

/**
 * One pass over the records; null where a column turns out to be another than was thought.
 * @param surveyed what all cells of each column are; null to go by the first batch
 */
async function readOnce(
  parts: Parts,
  known: ReadonlySet<string>,
  plan: readonly ColumnPlan[],
  surveyed: ((at: number) => ColumnKind) | null,
  sides: readonly SideColumns[],
  accept: boolean,
  taker: SampleTaker,
): Promise<RecordsRead | null> {
  const [first] = parts;
  const bad = parts.map(() => badRows());
  const counts = parts.map(() => 0);
  const left: number[] = [];
  let maker: SampleMaker | null = null;
  let width = 0;
  let rows = 0;
  for await (const batch of partBatches(parts)) {
    const names = namesOf(first);
    if (maker === null) {
      // A column of the plan may come with a later record.
      if (surveyed === null && plan.some(({ name }) => !names.includes(name))) return null;
      width = names.length;
      const kinds = columnKinds(first.table);
      kinds.add(batch);
      const kindAt = surveyed ?? ((at: number): ColumnKind => kinds.of(at));
      maker = sampleMaker(columnsOf(first, known, plan), kindAt, first.table, sides);
      await taker.begin(maker.head);
    } else if (names.length !== width) return null;
    const samples: ImportedSample[] = [];
    const faults = new Map(batch.bad.map((row) => [row.row - batch.firstRow, row]));
    for (const [at, record] of batch.records.entries()) {
      const row = batch.row + at;
      const sample = record === null ? '' : maker.sample(record, row, rows + samples.length);
      if (sample === undefined) return null;
      if (typeof sample !== 'string') {
        samples.push(sample);
        continue;
      }
      left.push(row);
      bad[batch.part]?.add(
        faults.get(at) ?? {
          row: batch.firstRow + at,
          line: batch.lines?.[at] ?? null,
          reason: sample,
          text: (record ?? []).join(', ').slice(0, SHOWN),
        },
      );
    }
    counts[batch.part] = batch.firstRow + batch.records.length;
    rows += samples.length;
    // What will be refused is read to its end, so that all that is wrong is told at once.
    if (samples.length > 0 && (accept || left.length === 0)) await taker.samples(samples);
  }
  const read = parts.map(({ name }, at) => {
    const found = bad[at]?.all() ?? { count: 0, first: [] };
    if (!accept) refuseBadRows(name, counts[at] ?? 0, found);
    return { rows: counts[at] ?? 0, bad: found };
  });
  if (maker === null) placeColumns(first.name, namesOf(first), plan);
  if (rows === 0 || maker === null)
    throw new BezoarError(
      'evidence/malformed',
      `${first.name} holds a header and no records. Nothing was imported. Choose the file with the records.`,
    );
  return { rows, parts: read, left, notes: maker.notes() };
}

/** Samples of a set without records: numbered, with what comes from beside them. */
export async function numberSamples(
  rows: number,
  sides: readonly SideColumns[],
  taker: SampleTaker,
): Promise<void> {
  if (sides.every(({ columns }) => columns.length === 0)) {
    await taker.begin({ columns: [], ownKeys: false });
    await taker.numbered(rows);
    return;
  }
  const form = { typed: true, decimal: '.' as const };
  const maker = sampleMaker([], () => ({ type: 'text', keptAsText: null, filled: false }), form, sides);
  await taker.begin(maker.head);
  for (let first = 0; first < rows; first += NUMBERED_BATCH) {
    const samples: ImportedSample[] = [];
    for (let row = first; row < Math.min(rows, first + NUMBERED_BATCH); row += 1) {
      const sample = maker.sample([], row, row);
      if (typeof sample === 'object') samples.push(sample);
    }
    await taker.samples(samples);
  }
}
