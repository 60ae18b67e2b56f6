import { BezoarError } from '../../../contract/errors.ts';
import type { Cell } from '../reader.ts';
import type { Feature } from './features.ts';

/** The name of the class that a cell stands for, or of each in a list. @throws BezoarError evidence/malformed */
export type ClassNames = (cell: Cell | readonly Cell[], row: number) => Cell | readonly Cell[];

/**
 * Numbers of classes as their names; -1 stands for a class that is not known, as in the test parts of data sets.
 * Null for a column without names.
 */
export function classNames(
  file: string,
  column: string,
  features: ReadonlyMap<string, Feature>,
): ClassNames | null {
  const feature = features.get(column);
  if (feature?.kind !== 'classes') return null;
  const { names } = feature;
  const nameOf = (cell: Cell, row: number): Cell => {
    if (cell === null || Number(cell) === -1) return null;
    const name = names[Number(cell)];
    if (name !== undefined) return name;
    throw new BezoarError(
      'evidence/malformed',
      `${file}: row ${row} (counted from 0) says class ${cell} in column ${column}, and its names go from 0 to ${names.length - 1}. ` +
        'Nothing was imported. Write the data set again.',
    );
  };
  return (cell, row) =>
    Array.isArray(cell)
      ? (cell as readonly Cell[]).map((one) => nameOf(one, row))
      : nameOf(cell as Cell, row);
}
