import type { ColumnRole } from '../../contract/evidence.ts';
import type { ArrayColumn } from './column-entries.ts';
import type { KeptColumn } from './import-messages.ts';
import type { Cell } from './reader.ts';

/** Columns of the samples that come from beside the records: arrays, or tables joined to them. */
export interface SideColumns {
  readonly columns: readonly KeptColumn[];
  /** The samples begin anew. */
  anew(): void;
  /** Where the cells of a sample are, -1 where it has none. @param row among all records of the file, bad ones too */
  place(row: number, key: string): number;
  cell(column: number, place: number): Cell;
}

/** Arrays: their row i is record i. */
export const sideOfArrays = (columns: readonly ArrayColumn[]): SideColumns => ({
  columns,
  anew: () => undefined,
  place: (row) => row,
  cell: (column, place) => columns[column]?.cell(place) ?? null,
});

const ownRoles = ['label', 'predicted', 'confidence'] as const;
export type OwnRole = (typeof ownRoles)[number];

/** A column of a side. */
interface SidePlace {
  readonly side: number;
  readonly column: number;
}

/** What the sides give to the samples: their own parts, and kept columns under names that no other column has. */
export interface SideParts {
  readonly own: Readonly<Partial<Record<OwnRole, SidePlace>>>;
  readonly kept: readonly (SidePlace & KeptColumn)[];
}

/** @param taken names that are given already */
export function partsOfSides(sides: readonly SideColumns[], taken: readonly string[]): SideParts {
  const names = new Set(taken);
  const own: Partial<Record<OwnRole, SidePlace>> = {};
  const kept: (SidePlace & KeptColumn)[] = [];
  for (const [side, { columns }] of sides.entries())
    for (const [column, { role, name: given, type }] of columns.entries()) {
      if (isOwn(role)) {
        own[role] = { side, column };
        continue;
      }
      let name = given;
      for (let more = 2; names.has(name); more += 1) name = `${given} (${more})`;
      names.add(name);
      kept.push({ side, column, role, name, type });
    }
  return { own, kept };
}

const isOwn = (role: ColumnRole): role is OwnRole => (ownRoles as readonly ColumnRole[]).includes(role);
