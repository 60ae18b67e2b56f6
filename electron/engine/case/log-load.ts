import { setImmediate as nextTurn } from 'node:timers/promises';
import type {
  CategoricalColumn,
  NumericColumn,
  NumericRole,
} from '../../../native-workers/drift/event-table.ts';
import { sharedFloat64, sharedInt32 } from '../../../native-workers/numeric/shared-arrays.ts';
import { stableOrder } from '../../../native-workers/numeric/stable-order.ts';
import type { LogFieldRole, LogUnit } from '../../contract/logs.ts';
import type { LoadedLog } from './case-file.ts';
import { LOG_CHUNK_ROWS, type LogChunks, type StoredColumn } from './log-chunks.ts';

const numericRoles: ReadonlySet<LogFieldRole> = new Set<NumericRole>([
  'confidence',
  'latency',
  'resource',
  'score',
  'feature',
]);
const categoricalRoles: ReadonlySet<LogFieldRole> = new Set<LogFieldRole>(['model', 'version', 'feature']);
const milliseconds: Readonly<Record<LogUnit, number>> = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };

/** One log of several that are loaded together, with the place of its first row among all rows as they arrived. */
interface Part {
  readonly log: number;
  readonly rows: number;
  readonly first: number;
  readonly columns: readonly StoredColumn[];
}

/** Sorted by code unit, and the new code of each old one of each part: 0-based, -1 for a missing value. */
function unite(levelsOfParts: readonly (readonly (string | null)[])[]): {
  levels: string[];
  codes: Int32Array[];
} {
  const levels = [...new Set(levelsOfParts.flat())].filter((level) => level !== null).sort();
  const place = new Map(levels.map((level, at) => [level, at]));
  const codes = levelsOfParts.map((old) =>
    Int32Array.from([null, ...old], (level) => (level === null ? -1 : (place.get(level) ?? -1))),
  );
  return { levels, codes };
}

/** Reads logs by column into one table in order of time. */
export async function loadLogs(
  chunks: LogChunks,
  logs: readonly number[],
  wanted: readonly string[] | null,
): Promise<LoadedLog> {
  let rows = 0;
  const parts = logs.map((log): Part => {
    const part = { log, rows: chunks.rows(log), first: rows, columns: chunks.columns(log) };
    rows += part.rows;
    return part;
  });

  /** Fills an array in order of arrival, chunk by chunk; the engine answers others in between. */
  const fill = async (
    find: (columns: readonly StoredColumn[]) => StoredColumn | undefined,
    take: (part: number, column: StoredColumn, values: Float64Array, first: number) => void,
  ): Promise<void> => {
    for (const [at, part] of parts.entries()) {
      const column = find(part.columns);
      if (column === undefined) continue;
      for (let chunk = 0; chunk < chunks.chunkCount(part.log); chunk += 1) {
        const values = chunks.values(part.log, column.position, chunk);
        take(at, column, values as Float64Array, part.first + chunk * LOG_CHUNK_ROWS);
        await nextTurn();
      }
    }
  };
  const arrived = new Float64Array(rows);
  await fill(
    (columns) => columns[0],
    (_part, _column, values, first) => {
      arrived.set(values, first);
    },
  );
  const order = stableOrder(arrived);
  const inOrder = <T extends Float64Array | Int32Array>(values: Float64Array | Int32Array, into: T): T => {
    if (order === null) into.set(values);
    else for (let row = 0; row < rows; row += 1) into[row] = values[order[row]];
    return into;
  };
  const time = inOrder(arrived, sharedFloat64(rows));

  const numbers = async (name: string, role: LogFieldRole): Promise<Float64Array> => {
    const values = new Float64Array(rows).fill(Number.NaN);
    await fill(
      (columns) => columns.find((column) => column.name === name && column.role === role),
      (_part, { unit }, read, first) => {
        const factor = role === 'latency' ? milliseconds[unit ?? 'ms'] : 1;
        if (factor === 1) values.set(read, first);
        else for (let i = 0; i < read.length; i += 1) values[first + i] = read[i] * factor;
      },
    );
    return inOrder(values, sharedFloat64(rows));
  };
  const codesOf = async (
    find: (columns: readonly StoredColumn[]) => StoredColumn | undefined,
    newCodes: readonly Int32Array[],
  ): Promise<Int32Array> => {
    const codes = new Int32Array(rows).fill(-1);
    await fill(find, (part, _column, read, first) => {
      const table = newCodes[part];
      for (let i = 0; i < read.length; i += 1) codes[first + i] = table[read[i]] ?? -1;
    });
    return inOrder(codes, sharedInt32(rows));
  };

  const withRole =
    (role: LogFieldRole) =>
    (columns: readonly StoredColumn[]): StoredColumn | undefined =>
      columns.find((column) => column.role === role);
  const levelsWith = (role: LogFieldRole): (readonly (string | null)[])[] =>
    parts.map((part) => withRole(role)(part.columns)?.levels ?? []);
  const predictedLevels = levelsWith('predicted');
  const labelLevels = levelsWith('label');
  const both = unite([...predictedLevels, ...labelLevels]);
  const has = (role: LogFieldRole): boolean =>
    parts.some((part) => withRole(role)(part.columns) !== undefined);

  const kept = ({ name }: StoredColumn): boolean => wanted?.includes(name) ?? true;
  const distinct = (keep: (column: StoredColumn) => boolean): { name: string; role: LogFieldRole }[] => {
    const found = new Map<string, { name: string; role: LogFieldRole }>();
    for (const column of parts.flatMap((part) => part.columns))
      if (keep(column) && kept(column)) found.set(JSON.stringify([column.name, column.role]), column);
    return [...found.values()];
  };
  const numeric: NumericColumn[] = [];
  for (const { name, role } of distinct(({ role, type }) => type === 'number' && numericRoles.has(role)))
    numeric.push({ name, role: role as NumericRole, values: await numbers(name, role) });
  const categorical: CategoricalColumn[] = [];
  for (const { name, role } of distinct(
    ({ role, type }) => type === 'category' && categoricalRoles.has(role),
  )) {
    const find = (columns: readonly StoredColumn[]): StoredColumn | undefined =>
      columns.find((column) => column.name === name && column.role === role && column.type === 'category');
    const { levels, codes } = unite(parts.map((part) => find(part.columns)?.levels ?? []));
    categorical.push({ name, levels, codes: await codesOf(find, codes) });
  }
  const weightName = parts.flatMap((part) => part.columns).find(({ role }) => role === 'weight')?.name;
  return {
    table: {
      rows,
      time,
      classes: both.levels,
      predicted: await codesOf(withRole('predicted'), both.codes),
      label: has('label') ? await codesOf(withRole('label'), both.codes.slice(parts.length)) : null,
      labelTime: has('label-time') ? await labelTimes() : null,
      numeric,
      categorical,
    },
    weight: weightName === undefined ? null : await weights(),
    ...originOf(parts, order, rows),
  };

  async function labelTimes(): Promise<Float64Array> {
    const values = new Float64Array(rows).fill(Number.NaN);
    await fill(withRole('label-time'), (_part, _column, read, first) => {
      values.set(read, first);
    });
    return inOrder(values, sharedFloat64(rows));
  }

  /** A row without a weight stands for itself. */
  async function weights(): Promise<Float64Array> {
    const values = new Float64Array(rows).fill(1);
    await fill(withRole('weight'), (_part, _column, read, first) => {
      for (let i = 0; i < read.length; i += 1) values[first + i] = Number.isNaN(read[i]) ? 1 : read[i];
    });
    return inOrder(values, sharedFloat64(rows));
  }
}

/** Rows of a log follow one another in the common order as they do in their own. */
function originOf(
  parts: readonly Part[],
  order: Uint32Array | null,
  rows: number,
): { log: Int32Array; row: Int32Array } {
  const partOf = new Int32Array(rows);
  for (const [at, part] of parts.entries()) partOf.fill(at, part.first, part.first + part.rows);
  const next = new Int32Array(parts.length);
  const origin = { log: sharedInt32(rows), row: sharedInt32(rows) };
  for (let at = 0; at < rows; at += 1) {
    const part = partOf[order === null ? at : order[at]];
    origin.log[at] = parts[part].log;
    origin.row[at] = next[part];
    next[part] += 1;
  }
  return origin;
}
