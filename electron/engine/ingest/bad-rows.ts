import { BezoarError } from '../../contract/errors.ts';
import type { BadRow } from './reader.ts';

/** So many bad rows are kept and shown. */
const MOST_SHOWN = 1000;
const EXAMPLES = 3;

/** Records that cannot be taken: how many, and the first of them. */
export interface BadRows {
  readonly count: number;
  readonly first: readonly BadRow[];
}

export function badRows(): { add(row: BadRow): void; all(): BadRows } {
  const first: BadRow[] = [];
  let count = 0;
  return {
    add: (row) => {
      count += 1;
      if (first.length < MOST_SHOWN) first.push(row);
    },
    all: () => ({ count, first }),
  };
}

/** Where a bad row is and what is wrong with it. */
const badRowInWords = ({ row, line, reason }: BadRow): string =>
  `${line === null ? `record ${row} (counted from 0)` : `line ${line}`}: ${reason}`;

/** @throws BezoarError evidence/bad-rows where there are any */
export function refuseBadRows(name: string, rows: number, { count, first }: BadRows): void {
  if (count === 0) return;
  const some = first.slice(0, EXAMPLES).map(badRowInWords).join('; ');
  throw new BezoarError(
    'evidence/bad-rows',
    `${name}: ${count} of ${rows} records cannot be taken. ${some}${count > EXAMPLES ? '; and others' : ''}. Nothing was imported. ` +
      'Mend them, or import the others without them.',
  );
}
