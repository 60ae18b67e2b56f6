import { losesAsNumber, anyNumberOf, type KeptAsText } from './cell-values.ts';
import type { Cell, Table, TableBatch } from './reader.ts';

/** What the cells of a column have been so far. */
export interface ColumnKind {
  /** Number when every cell that is not missing is one, and there is one at least. */
  readonly type: 'text' | 'number';
  /** Why it is text though a cell looks like a number. */
  readonly keptAsText: KeptAsText | null;
  /** Whether there is a cell that is not missing. */
  readonly filled: boolean;
}

interface Counts {
  filled: boolean;
  text: boolean;
  keptAsText: KeptAsText | null;
}

/** How a table's cells tell whether they are numbers. */
export type CellForm = Pick<Table, 'typed' | 'decimal'>;

/** A cell of a column whose type the file decides: null where it is missing, undefined where it is no plain number. */
export function plainNumberOf(cell: Cell, { typed, decimal }: CellForm): number | null | undefined {
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell;
  if (cell === null || cell === '') return null;
  if (typed) return undefined;
  const value = anyNumberOf(cell, decimal);
  return value === undefined || value === null || losesAsNumber(cell) === null ? value : undefined;
}

/** Looks at cells one batch after another and tells what each column is. */
export function columnKinds(form: CellForm): { add(batch: TableBatch): void; of(at: number): ColumnKind } {
  const columns: Counts[] = [];
  const look = (counts: Counts, cell: Cell): void => {
    // A column that is text stays so.
    if (counts.text) return;
    const value = plainNumberOf(cell, form);
    if (value === null) return;
    counts.filled = true;
    if (value !== undefined) return;
    counts.text = true;
    counts.keptAsText = anyNumberOf(cell, form.decimal) === undefined ? null : losesAsNumber(cell);
  };
  return {
    add: ({ records }) => {
      for (const record of records) {
        if (record === null) continue;
        for (let at = 0; at < record.length; at += 1)
          look((columns[at] ??= { filled: false, text: false, keptAsText: null }), record[at] ?? null);
      }
    },
    of: (at) => {
      const { filled, text, keptAsText } = columns[at] ?? { filled: false, text: false, keptAsText: null };
      return { type: filled && !text ? 'number' : 'text', keptAsText, filled };
    },
  };
}
