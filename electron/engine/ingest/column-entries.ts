import type { ColumnRole, EntryRole } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { ArrayEntry, Cell } from './reader.ts';
import { storedNumbers } from './stored-values.ts';

/** A column of the samples that came as an array of its own. */
export interface ArrayColumn {
  readonly role: ColumnRole;
  readonly name: string;
  readonly type: 'text' | 'number';
  cell(row: number): Cell;
}

const ROWS = 65_536;

const columnRole = {
  labels: 'label',
  predicted: 'predicted',
  confidence: 'confidence',
  losses: 'loss',
  'gradient-norms': 'gradient-norm',
} as const;

/**
 * An array of labels, losses, ... as columns; losses of several epochs give one each. Not-a-number is a missing cell.
 * @throws BezoarError evidence/malformed for a label that is not whole, evidence/not-finite for an infinite number
 */
export async function columnsOfEntry(
  file: string,
  entry: ArrayEntry,
  role: keyof typeof columnRole & EntryRole,
): Promise<ArrayColumn[]> {
  const { dtype, shape } = entry;
  if (dtype === null) throw new BezoarError('evidence/malformed', entry.problem ?? '');
  const [rows = 0, width = 1] = shape;
  const values = new Float64Array(rows * width);
  for await (const { firstRow, bytes } of entry.chunks(ROWS))
    values.set(storedNumbers(dtype, bytes, { file, firstRow, width }), firstRow * width);
  const whole = role === 'labels' || role === 'predicted';
  const place = (at: number): string =>
    `${file}: row ${Math.floor(at / width)}, column ${at % width} (both counted from 0)`;
  const infinite = values.findIndex((value) => value === Infinity || value === -Infinity);
  if (infinite >= 0)
    throw new BezoarError(
      'evidence/not-finite',
      `${place(infinite)} is infinite. Nothing was imported. Find out why, or store it as not-a-number if it is missing.`,
    );
  const broken = whole
    ? values.findIndex((value) => !Number.isNaN(value) && !Number.isSafeInteger(value))
    : -1;
  if (broken >= 0)
    throw new BezoarError(
      'evidence/malformed',
      `${place(broken)} is ${values[broken] ?? 0}, and labels are whole numbers. Nothing was imported. Choose another array.`,
    );
  const stem = entry.name ?? file.replace(/\.[^.]*$/, '');
  return Array.from({ length: width }, (_, column) => ({
    role: columnRole[role],
    name: width === 1 ? stem : `${stem}_${column + 1}`,
    type: whole ? ('text' as const) : ('number' as const),
    cell: (row) => {
      const value = values[row * width + column] ?? NaN;
      if (Number.isNaN(value)) return null;
      return whole ? String(value) : value;
    },
  }));
}
