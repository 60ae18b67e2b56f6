import type { ColumnPlan, JoinReport } from '../../contract/evidence.ts';
import { badRows, type BadRows } from './bad-rows.ts';
import { anyNumberOf } from './cell-values.ts';
import { columnKinds, plainNumberOf } from './column-kinds.ts';
import type { KeptColumn } from './import-messages.ts';
import { ownText } from './own-text.ts';
import { checkRoles, fixedType, misfit, placeColumns, type PlacedColumn } from './record-roles.ts';
import type { Cell, Table } from './reader.ts';
import type { SideColumns } from './side-columns.ts';

const EXAMPLES = 5;
const SHOWN = 60;

/** A table beside the records, joined to them by its key column, or row by row where it has none. */
export interface JoinedTable extends SideColumns {
  /** Its records, bad ones among them. */
  readonly rows: number;
  readonly bad: BadRows;
  /** What did not join, once all samples were made. */
  report(): JoinReport;
}

/** The records that can be taken, column by column. */
interface Held {
  readonly cells: readonly (readonly Cell[])[];
  readonly count: number;
  /** Where the cells of a key are. */
  readonly places: ReadonlyMap<string, number>;
  /** Where the cells of each row of the file are; -1 for a bad one. */
  readonly placeOfRow: readonly number[];
}

/**
 * Reads a table into memory, to be joined to the samples as they come.
 * @param key its column of keys; null joins row i to record i
 * @throws BezoarError evidence/...
 */
export async function readJoinedTable(
  name: string,
  table: Table,
  plan: readonly ColumnPlan[],
  key: string | null,
): Promise<JoinedTable> {
  const wanted = plan.filter(
    (column) => column.name !== key && column.role !== 'ignored' && column.role !== 'key',
  );
  checkRoles(name, wanted);
  const bad = badRows();
  const kinds = columnKinds(table);
  const held = await hold(name, table, wanted, key, kinds, bad);
  const columns: KeptColumn[] = [];
  const read: ((place: number) => Cell)[] = [];
  for (const column of placeColumns(name, table.header, wanted)) {
    const type = fixedType(column) ?? kinds.of(column.at).type;
    columns.push({ name: column.name, role: column.role, type });
    read.push(cellReader(held.cells[column.at] ?? [], type, fixedType(column) !== null, table));
  }
  return { rows: held.placeOfRow.length, bad: bad.all(), columns, ...joining(held, key, read) };
}

async function hold(
  name: string,
  table: Table,
  wanted: readonly ColumnPlan[],
  key: string | null,
  kinds: Pick<ReturnType<typeof columnKinds>, 'add'>,
  bad: Pick<ReturnType<typeof badRows>, 'add'>,
): Promise<Held> {
  const cells: Cell[][] = [];
  const places = new Map<string, number>();
  const placeOfRow: number[] = [];
  let count = 0;
  for await (const batch of table.batches()) {
    kinds.add(batch);
    const at =
      key === null ? -1 : (placeColumns(name, table.header, [{ name: key, role: 'key' }])[0]?.at ?? -1);
    const there = new Set(table.header);
    const numbers = placeColumns(
      name,
      table.header,
      wanted.filter((column) => there.has(column.name)),
    ).filter((column) => fixedType(column) === 'number');
    const faults = new Map(batch.bad.map((row) => [row.row - batch.firstRow, row]));
    for (const [index, record] of batch.records.entries()) {
      const row = batch.firstRow + index;
      const reason =
        record === null ? '' : (keyFault(record, at, places) ?? numberFault(record, numbers, table));
      if (record === null || reason !== null) {
        const text = (record ?? []).join(', ').slice(0, SHOWN);
        bad.add(faults.get(index) ?? { row, line: batch.lines?.[index] ?? null, reason: reason ?? '', text });
        placeOfRow.push(-1);
        continue;
      }
      if (at >= 0) places.set(ownText(String(record[at])), count);
      placeOfRow.push(count);
      for (const [column, cell] of record.entries()) {
        const of = (cells[column] ??= []);
        while (of.length < count) of.push(null);
        of.push(typeof cell === 'string' ? ownText(cell) : cell);
      }
      count += 1;
    }
  }
  return { cells, count, places, placeOfRow };
}

/** Why the key of a record cannot be used, or null. */
function keyFault(record: readonly Cell[], at: number, places: ReadonlyMap<string, number>): string | null {
  if (at < 0) return null;
  const cell = record[at] ?? null;
  if (cell === null || cell === '') return 'it has no key to be joined by';
  return places.has(String(cell))
    ? `the key ${JSON.stringify(String(cell).slice(0, SHOWN))} came before`
    : null;
}

function numberFault(
  record: readonly Cell[],
  numbers: readonly PlacedColumn[],
  { decimal }: Table,
): string | null {
  for (const { name, at } of numbers) {
    const cell = record[at] ?? null;
    if (anyNumberOf(cell, decimal) === undefined) return misfit(cell, name);
  }
  return null;
}

function cellReader(
  cells: readonly Cell[],
  type: 'text' | 'number',
  fixed: boolean,
  table: Table,
): (place: number) => Cell {
  if (type === 'text')
    return (place) => {
      const cell = cells[place] ?? null;
      return cell === null || cell === '' ? null : String(cell);
    };
  const numbers = Float64Array.from(
    cells,
    (cell) => (fixed ? anyNumberOf(cell, table.decimal) : plainNumberOf(cell, table)) ?? NaN,
  );
  return (place) => {
    const value = numbers[place] ?? NaN;
    return Number.isFinite(value) ? value : null;
  };
}

function joining(
  { count, places, placeOfRow }: Held,
  key: string | null,
  read: readonly ((place: number) => Cell)[],
): Pick<JoinedTable, 'anew' | 'place' | 'cell' | 'report'> {
  let joined = new Uint8Array(count);
  let without = 0;
  let firstWithout: string[] = [];
  return {
    anew: () => {
      joined = new Uint8Array(count);
      without = 0;
      firstWithout = [];
    },
    place: (row, sample) => {
      const place = (key === null ? placeOfRow[row] : places.get(sample)) ?? -1;
      if (place >= 0) joined[place] = 1;
      else {
        without += 1;
        if (firstWithout.length < EXAMPLES) firstWithout.push(sample.slice(0, SHOWN));
      }
      return place;
    },
    cell: (column, place) => read[column]?.(place) ?? null,
    report: () => {
      const first: string[] = [];
      let rest = 0;
      const keys = [...places.keys()];
      for (let place = 0; place < count; place += 1) {
        if (joined[place] === 1) continue;
        rest += 1;
        if (first.length < EXAMPLES)
          first.push((keys[place] ?? String(placeOfRow.indexOf(place))).slice(0, SHOWN));
      }
      return {
        by: key,
        joined: count - rest,
        samplesWithout: without,
        firstSamplesWithout: firstWithout,
        recordsWithout: rest,
        firstRecordsWithout: first,
      };
    },
  };
}
