import type { CategoricalColumn, EventTable, NumericColumn } from './event-table.ts';

/**
 * Several logs as one table in order of time; rows of one time stay in the order of the tables, so the result does not depend on
 * how requests were spread over files of different times. A column that a table lacks is missing in its rows.
 *
 * @throws whatever `check` throws
 */
export function mergeTables(tables: readonly EventTable[], check: () => void): EventTable {
  if (tables.length === 1) return tables[0];
  const classes = union(tables.map((table) => table.classes));
  const order = orderOfTime(tables, check);
  const gather = <A extends Float64Array | Int32Array>(
    target: A,
    absent: number,
    of: (table: EventTable) => { values: Float64Array | Int32Array; map: Int32Array | null } | null,
  ): A => {
    check();
    const parts = tables.map(of);
    for (let i = 0; i < target.length; i++) {
      const part = parts[order.table[i]];
      if (part === null) target[i] = absent;
      else {
        const value = part.values[order.row[i]];
        target[i] = part.map === null ? value : value < 0 ? -1 : part.map[value];
      }
    }
    return target;
  };
  const rows = order.row.length;
  const maps = tables.map((table) => mapNames(table.classes, classes));
  const mapOf = (table: EventTable): Int32Array => maps[tables.indexOf(table)];
  const labelled = tables.some(({ label }) => label !== null);
  const timed = tables.some(({ labelTime }) => labelTime !== null);
  return {
    rows,
    time: gather(new Float64Array(rows), NaN, ({ time }) => ({ values: time, map: null })),
    classes,
    predicted: gather(new Int32Array(rows), -1, (table) => ({ values: table.predicted, map: mapOf(table) })),
    label: labelled
      ? gather(new Int32Array(rows), -1, (table) =>
          table.label === null ? null : { values: table.label, map: mapOf(table) },
        )
      : null,
    labelTime: timed
      ? gather(new Float64Array(rows), NaN, ({ labelTime }) =>
          labelTime === null ? null : { values: labelTime, map: null },
        )
      : null,
    numeric: columnsOf(tables, ({ numeric }) => numeric).map(({ name, role }): NumericColumn => ({
      name,
      role,
      values: gather(new Float64Array(rows), NaN, ({ numeric }) => {
        const column = numeric.find((one) => one.name === name);
        return column === undefined ? null : { values: column.values, map: null };
      }),
    })),
    categorical: columnsOf(tables, ({ categorical }) => categorical).map(({ name }): CategoricalColumn => {
      const of = ({ categorical }: EventTable): CategoricalColumn | undefined =>
        categorical.find((one) => one.name === name);
      const levels = union(tables.map((table) => of(table)?.levels ?? []));
      return {
        name,
        levels,
        codes: gather(new Int32Array(rows), -1, (table) => {
          const column = of(table);
          return column === undefined ? null : { values: column.codes, map: mapNames(column.levels, levels) };
        }),
      };
    }),
  };
}

/** Where each name of one list stands in another, -1 where it does not. */
export function mapNames(names: readonly string[], among: readonly string[]): Int32Array {
  const place = new Map(among.map((name, index) => [name, index]));
  return Int32Array.from(names, (name) => place.get(name) ?? -1);
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort((a, b) => (a < b ? -1 : 1));
}

/** Columns by name, in the order in which the tables show them first. */
function columnsOf<Column extends { readonly name: string }>(
  tables: readonly EventTable[],
  of: (table: EventTable) => readonly Column[],
): Column[] {
  const byName = new Map<string, Column>();
  for (const table of tables)
    for (const column of of(table)) if (!byName.has(column.name)) byName.set(column.name, column);
  return [...byName.values()];
}

function orderOfTime(
  tables: readonly EventTable[],
  check: () => void,
): { table: Uint16Array; row: Int32Array } {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const table = new Uint16Array(rows);
  const row = new Int32Array(rows);
  const next = new Int32Array(tables.length);
  for (let i = 0; i < rows; i++) {
    if (i % 65_536 === 0) check();
    let first = -1;
    for (let k = 0; k < tables.length; k++)
      if (
        next[k] < tables[k].rows &&
        (first < 0 || tables[k].time[next[k]] < tables[first].time[next[first]])
      )
        first = k;
    table[i] = first;
    row[i] = next[first]++;
  }
  return { table, row };
}
