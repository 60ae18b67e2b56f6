import { classColumns, codesOf, type ClassColumn } from './class-columns.ts';
import type { EventTable } from './event-table.ts';
import { countHours, type CodedTable, type HourCounts } from './hour-counts.ts';
import { joinHourCounts } from './join-hour-counts.ts';
import type { BehaviourReference } from './reference.ts';
import type { WatchedCells } from './watched-cells.ts';

/** A log beside its reference, as the readings need it. */
export interface HeldLog {
  readonly reference: BehaviourReference;
  readonly watched: WatchedCells;
  readonly coded: CodedTable;
  /** The whole log, whose values are looked up where bins do not suffice. */
  readonly table: EventTable;
  /** When each label became known, ms; null where the log does not say. */
  readonly labelTime: Float64Array | null;
  readonly counts: HourCounts;
  /** Hours whose requests are only counted any more, in `counts` too; null where all are in the table. */
  readonly earlier: HourCounts | null;
  readonly columns: readonly ClassColumn[];
  readonly codes: readonly Uint8Array[];
  /** Row of the whole log that each row here is; null where no row was left out. */
  readonly original: Int32Array | null;
  readonly check: () => void;
}

/** @throws whatever `check` throws */
export function holdLog(
  reference: BehaviourReference,
  watched: WatchedCells,
  coded: CodedTable,
  table: EventTable,
  earlier: HourCounts | null,
  check: () => void,
): HeldLog {
  return held(reference, watched, coded, table, table.labelTime, earlier, null, check);
}

function held(
  reference: BehaviourReference,
  watched: WatchedCells,
  coded: CodedTable,
  table: EventTable,
  labelTime: Float64Array | null,
  earlier: HourCounts | null,
  original: Int32Array | null,
  check: () => void,
): HeldLog {
  const counts = countHours(coded, labelTime, reference.layout, check);
  return {
    reference,
    watched,
    coded,
    table,
    labelTime,
    counts: earlier === null ? counts : joinHourCounts(earlier, counts),
    earlier,
    columns: classColumns(reference),
    codes: codesOf(coded),
    original,
    check,
  };
}

/** The log as it would be without some of its rows. */
export function withoutRows(log: HeldLog, left: ReadonlySet<number>): HeldLog {
  const { coded, labelTime } = log;
  const kept = Int32Array.from(coded.classOf.keys()).filter((row) => !left.has(row));
  const numbers = (from: Float64Array): Float64Array => Float64Array.from(kept, (row) => from[row]);
  const bytes = (from: Uint8Array): Uint8Array => Uint8Array.from(kept, (row) => from[row]);
  const codes = (from: Int32Array): Int32Array => Int32Array.from(kept, (row) => from[row]);
  const rest: CodedTable = {
    rows: kept.length,
    time: numbers(coded.time),
    classOf: codes(coded.classOf),
    groupOf: codes(coded.groupOf),
    unpredicted: bytes(coded.unpredicted),
    classNumbers: coded.classNumbers.map(bytes),
    categories: coded.categories.map(bytes),
    loads: coded.loads.map(bytes),
    labelClass: coded.labelClass === null ? null : codes(coded.labelClass),
    wrong: coded.wrong === null ? null : bytes(coded.wrong),
  };
  return held(
    log.reference,
    log.watched,
    rest,
    log.table,
    labelTime === null ? null : numbers(labelTime),
    log.earlier,
    kept.map((row) => log.original?.[row] ?? row),
    log.check,
  );
}
