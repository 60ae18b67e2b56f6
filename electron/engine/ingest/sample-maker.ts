import type { ColumnRole } from '../../contract/evidence.ts';
import type { ImportedSample } from '../case/case-file.ts';
import { anyNumberOf } from './cell-values.ts';
import { plainNumberOf, type CellForm, type ColumnKind } from './column-kinds.ts';
import type { KeptColumn } from './import-messages.ts';
import { ownText } from './own-text.ts';
import { fixedType, isKept, misfit, type PlacedColumn } from './record-roles.ts';
import type { Cell } from './reader.ts';
import { partsOfSides, type OwnRole, type SideColumns } from './side-columns.ts';

/** More keys than this do not fit the index that tells whether one comes twice. */
const MOST_KEYS = 16_000_000;
const SHOWN = 60;

/** What the samples of a set are: told before the first of them. */
export interface SamplesHead {
  readonly columns: readonly KeptColumn[];
  readonly ownKeys: boolean;
}

/** Makes samples of records, one after another. */
export interface SampleMaker {
  readonly head: SamplesHead;
  /**
   * A text is what is wrong with the record; undefined says that a column is of another type than was thought.
   * @param row among all records, bad ones too
   * @param index among the samples
   */
  sample(record: readonly Cell[], row: number, index: number): ImportedSample | string | undefined;
  /** What an analyst might be surprised by, as whole sentences. */
  notes(): string[];
}

/** How the cells of a kept column are read. */
interface Reading extends KeptColumn {
  readonly at: number;
  /** Its role or the analyst says that they are numbers or texts; else the records do. */
  readonly fixed: boolean;
  readonly kind: ColumnKind;
  infinite: number;
  /** Whether a text has been seen, so that it stays text. */
  settled: boolean;
}

/**
 * @param columns of the records, with their places
 * @param kinds what the cells of each place were found to be
 */
export function sampleMaker(
  columns: readonly PlacedColumn[],
  kinds: (at: number) => ColumnKind,
  form: CellForm,
  sides: readonly SideColumns[],
): SampleMaker {
  const kept = columns
    .filter(({ role }) => isKept(role))
    .map((column): Reading => {
      const kind = kinds(column.at);
      const fixed = fixedType(column);
      const { name, role, at } = column;
      return {
        name,
        role,
        at,
        type: fixed ?? kind.type,
        fixed: fixed !== null,
        kind,
        infinite: 0,
        settled: kind.filled,
      };
    });
  const side = partsOfSides(
    sides,
    kept.map(({ name }) => name),
  );
  const place = (role: ColumnRole): number => columns.find((column) => column.role === role)?.at ?? -1;
  const nameAt = (at: number): string => columns.find((column) => column.at === at)?.name ?? '';
  const own = {
    key: place('key'),
    label: place('label'),
    predicted: place('predicted'),
    confidence: place('confidence'),
  };
  const seen = new Map<string, number>();
  for (const one of sides) one.anew();
  let infiniteConfidence = 0;
  let unlabelled = 0;

  const keyOf = (record: readonly Cell[], row: number): { key: string } | string => {
    // Of the file, so that it points to the record there also where others were left out.
    if (own.key < 0) return { key: String(row) };
    const cell = record[own.key] ?? null;
    if (cell === null || cell === '') return `it has no key in column ${nameAt(own.key)}`;
    const key = String(cell);
    const before = seen.get(key);
    if (before !== undefined)
      return `the key ${JSON.stringify(key.slice(0, SHOWN))} stands in rows ${before} and ${row} (counted from 0)`;
    if (seen.size >= MOST_KEYS) return `it is beyond the ${MOST_KEYS} keys that one set can have`;
    return { key };
  };
  const textAt = (record: readonly Cell[], at: number): string | null => {
    const cell = at < 0 ? null : (record[at] ?? null);
    return cell === null || cell === '' ? null : String(cell);
  };
  const sideOf = (role: OwnRole, places: readonly number[]): Cell | undefined => {
    const part = side.own[role];
    return part === undefined ? undefined : sideCell(part, places);
  };
  const sideCell = (part: { side: number; column: number }, places: readonly number[]): Cell => {
    const at = places[part.side] ?? -1;
    return at < 0 ? null : (sides[part.side]?.cell(part.column, at) ?? null);
  };

  const cellsOf = (record: readonly Cell[]): (string | number | null)[] | string | undefined => {
    const cells: (string | number | null)[] = [];
    for (const column of kept) {
      const cell = record[column.at] ?? null;
      if (column.type === 'text') {
        if (!column.fixed && !column.settled) {
          const value = plainNumberOf(cell, form);
          if (typeof value === 'number') return undefined;
          column.settled = value === undefined;
        }
        cells.push(cell === null || cell === '' ? null : String(cell));
        continue;
      }
      const value = column.fixed ? anyNumberOf(cell, form.decimal) : plainNumberOf(cell, form);
      if (value === undefined) return column.fixed ? misfit(cell, column.name) : undefined;
      const infinite = value === Infinity || value === -Infinity;
      if (infinite) column.infinite += 1;
      cells.push(infinite ? null : value);
    }
    return cells;
  };

  const confidenceOf = (record: readonly Cell[]): number | null | string => {
    if (own.confidence < 0) return null;
    const cell = record[own.confidence] ?? null;
    const value = anyNumberOf(cell, form.decimal);
    if (value === undefined) return misfit(cell, nameAt(own.confidence));
    if (value === null || Number.isFinite(value)) return value;
    infiniteConfidence += 1;
    return null;
  };

  return {
    head: {
      columns: [
        ...kept.map(({ name, role, type }) => ({ name, role, type })),
        ...side.kept.map(({ name, role, type }) => ({ name, role, type })),
      ],
      ownKeys: own.key >= 0,
    },
    sample: (record, row, index) => {
      const found = keyOf(record, row);
      if (typeof found === 'string') return found;
      const { key } = found;
      const confidence = confidenceOf(record);
      if (typeof confidence === 'string') return confidence;
      const cells = cellsOf(record);
      if (cells === undefined || typeof cells === 'string') return cells;
      if (own.key >= 0) seen.set(ownText(key), row);
      const places = sides.map((one) => one.place(row, key));
      for (const part of side.kept) cells.push(sideCell(part, places));
      const label = sideOf('label', places);
      const predicted = sideOf('predicted', places);
      const confident = sideOf('confidence', places);
      const given = label === undefined ? textAt(record, own.label) : (label as string | null);
      if (given === null) unlabelled += 1;
      return {
        row: index,
        key,
        label: given,
        predicted: predicted === undefined ? textAt(record, own.predicted) : (predicted as string | null),
        confidence: confident === undefined ? confidence : (confident as number | null),
        cells,
      };
    },
    notes: () => {
      const notes: string[] = [];
      for (const { name, role, type, kind, infinite } of kept) {
        if (role === 'feature' && type === 'text' && kind.keptAsText === 'padded')
          notes.push(`${name} is kept as text, because it holds digits with leading zeros.`);
        if (role === 'feature' && type === 'text' && kind.keptAsText === 'beyond-2^53')
          notes.push(`${name} is kept as text, because it holds whole numbers beyond 2^53.`);
        if (infinite > 0) notes.push(`${name}: ${infinite} infinite cells are kept as missing.`);
      }
      // Where there is no label at all, the proposal said so.
      if (unlabelled > 0 && (own.label >= 0 || side.own.label !== undefined))
        notes.push(
          `${unlabelled} ${unlabelled === 1 ? 'record has' : 'records have'} no label${own.label < 0 ? '' : ` in ${nameAt(own.label)}`}. A scan does not judge ${unlabelled === 1 ? 'it' : 'them'}.`,
        );
      if (infiniteConfidence > 0)
        notes.push(`${nameAt(own.confidence)}: ${infiniteConfidence} infinite cells are kept as missing.`);
      return notes;
    },
  };
}
