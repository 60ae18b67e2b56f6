import type { ColumnPlan, ColumnRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Cell } from './reader.ts';

const onlyOnce = ['key', 'label', 'predicted', 'confidence', 'gradient-norm'] as const;

/** Where the columns of a plan stand in a header. */
export interface PlacedColumn extends ColumnPlan {
  readonly at: number;
}

const NAMES_SHOWN = 40;
const SHOWN = 60;

/** @throws BezoarError evidence/missing-column */
export function placeColumns(
  file: string,
  header: readonly string[],
  plan: readonly ColumnPlan[],
): PlacedColumn[] {
  const places = new Map(header.map((name, at) => [name, at]));
  return plan.map((column) => {
    const at = places.get(column.name);
    if (at !== undefined) return { ...column, at };
    const some = header.slice(0, NAMES_SHOWN).join(', ');
    throw new BezoarError(
      'evidence/missing-column',
      `${file} has no column named ${JSON.stringify(column.name)}; it has ${some}${header.length > NAMES_SHOWN ? ', ...' : ''}. ` +
        'Nothing was imported. Choose among these.',
    );
  });
}

/** Refuses two columns for what a sample has one of. @throws BezoarError evidence/malformed */
export function checkRoles(
  file: string,
  columns: readonly { readonly name: string; readonly role: ColumnRole }[],
): void {
  for (const role of onlyOnce) {
    const found = columns.filter((column) => column.role === role);
    if (found.length > 1)
      throw new BezoarError(
        'evidence/malformed',
        `${file}: ${found.map(({ name }) => name).join(' and ')} were both taken for the ${role}. Nothing was imported. ` +
          'Choose one.',
      );
  }
}

export const isKept = (role: ColumnRole): boolean =>
  role === 'loss' || role === 'gradient-norm' || role === 'text' || role === 'feature';

/** What its role or the analyst says that the cells are; null where the cells decide. */
export function fixedType({ role, type }: ColumnPlan): 'text' | 'number' | null {
  if (role === 'loss' || role === 'gradient-norm' || role === 'confidence') return 'number';
  return role === 'feature' ? (type ?? null) : 'text';
}

/** What is wrong with a cell that must be a number. */
export const misfit = (cell: Cell, column: string): string =>
  `it says ${JSON.stringify(String(cell).slice(0, SHOWN))} in column ${column}, which holds numbers`;
