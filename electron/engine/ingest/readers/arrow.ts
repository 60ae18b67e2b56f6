import { BezoarError } from '../../../contract/errors.ts';
import type { Values } from '../arrow/batch.ts';
import { ArrowFault } from '../arrow/flatbuffer.ts';
import { hasMagic, openArrow, type ArrowFile } from '../arrow/ipc.ts';
import { isList, isPlain, type ArrowField } from '../arrow/schema.ts';
import { listEntry, type ListColumn } from '../list-entries.ts';
import { defineReader, type Cell, type Table, type TableBatch } from '../reader.ts';

const BATCH = 1000;

/** Turns what is wrong with the file into a refusal that names it. */
function refusing<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ArrowFault)) throw error;
    throw new BezoarError(
      'evidence/malformed',
      `${name}: ${error.message}. Nothing was imported. Write the file again, or save it as CSV.`,
    );
  }
}

/** Lists of numbers of one kind are vectors. */
function vectorDtype(field: ArrowField): ListColumn['dtype'] | null {
  const type = field.children[0]?.type;
  if (!isList(field) || field.children[0]?.dictionary !== null || type === undefined) return null;
  if (type.kind === 'float') return type.bits === 64 ? 'float64' : type.bits === 32 ? 'float32' : 'float16';
  if (type.kind !== 'int') return null;
  return type.bits === 64 ? 'int64' : type.bits === 32 && !type.signed ? 'int64' : 'int32';
}

/** The names of the columns that are read, and those that are not. */
function columnsOf(fields: readonly ArrowField[]): {
  names: string[];
  lists: string[];
  vectors: Map<string, ArrowField>;
  notes: string[];
} {
  const names: string[] = [];
  const lists: string[] = [];
  const vectors = new Map<string, ArrowField>();
  const notes: string[] = [];
  const walk = (field: ArrowField, path: string): void => {
    const name = path === '' ? field.name : `${path}.${field.name}`;
    if (field.dictionary === null && field.type.kind === 'other')
      notes.push(`${name} is ${field.type.name}, which is not kept.`);
    else if (field.dictionary === null && field.type.kind === 'struct')
      for (const child of field.children) walk(child, name);
    else if (isList(field) && !field.children.every(isPlain))
      notes.push(`${name} holds lists of what is nested itself, which are not kept.`);
    else {
      names.push(name);
      if (isList(field)) lists.push(name);
      if (vectorDtype(field) !== null) vectors.set(name, field);
    }
  };
  for (const field of fields) walk(field, '');
  return { names, lists, vectors, notes };
}

/** The columns of those names, batch by batch. */
function* rowsOf(
  file: ArrowFile,
  names: readonly string[],
): Generator<{ rows: number; columns: (Values | null)[] }> {
  // A column in a struct stands under the struct's name.
  const roots = new Set(
    names.flatMap((name) => [name, ...Array.from(name.matchAll(/\./g), ({ index }) => name.slice(0, index))]),
  );
  for (const { rows, leaves } of file.batches((root) => roots.has(root))) {
    const found = new Map(leaves.map(({ path, values }) => [path.join('.'), values]));
    yield { rows, columns: names.map((name) => found.get(name) ?? null) };
  }
}

/** One column in order, so many rows at a time. */
function columnCells(file: ArrowFile, name: string): (count: number) => (Cell | Cell[])[] {
  const batches = rowsOf(file, [name]);
  let now: { rows: number; columns: (Values | null)[] } | null = null;
  let at = 0;
  return (count) => {
    const cells: (Cell | Cell[])[] = [];
    while (cells.length < count) {
      if (now === null || at >= now.rows) {
        const next = batches.next();
        if (next.done) throw new ArrowFault(`column ${name} ends before its last row`);
        now = next.value;
        at = 0;
        continue;
      }
      cells.push(now.columns[0]?.(at) ?? null);
      at += 1;
    }
    return cells;
  };
}

const asCell = (cell: Cell | readonly Cell[]): Cell =>
  Array.isArray(cell) ? JSON.stringify(cell) : (cell as Cell);

async function* batchesOf(
  name: string,
  file: ArrowFile,
  names: readonly string[],
  only?: ReadonlySet<number>,
): AsyncGenerator<TableBatch> {
  const kept = names.filter((_, at) => only === undefined || only.has(at));
  const places = names.map((column) => kept.indexOf(column));
  const batches = rowsOf(file, kept);
  let firstRow = 0;
  for (;;) {
    const next = refusing(name, () => batches.next());
    if (next.done) return;
    const { rows, columns } = next.value;
    for (let from = 0; from < rows; from += BATCH) {
      const records = refusing(name, () =>
        Array.from({ length: Math.min(BATCH, rows - from) }, (_, row) =>
          places.map((place) => asCell(columns[place]?.(from + row) ?? null)),
        ),
      );
      yield { firstRow, records, lines: null, bad: [] };
      firstRow += records.length;
      await Promise.resolve();
    }
  }
}

/**
 * Arrow's file form, which Feather (version 2) is, and its stream form, also packed with LZ4 or zstd. Columns in structs
 * stand under names with dots, lists of numbers are arrays, other lists are JSON text.
 */
export const arrowReader = defineReader({
  access: 'anywhere',
  id: 'arrow',
  sniff: (head) =>
    hasMagic(head) ||
    (head[0] === 0xff && head[1] === 0xff && head[2] === 0xff && head[3] === 0xff && head[7] === 0),
  named: /\.(arrow|feather|ipc|arrows)$/i,
  open: (source) =>
    Promise.resolve().then(() =>
      refusing(source.name, () => {
        if (Buffer.from(source.readNow(0, 4)).toString('latin1') === 'FEA1')
          throw new ArrowFault('it is Feather of version 1, which was given up in 2020');
        const file = openArrow(source);
        const { names, lists, vectors, notes } = columnsOf(file.fields);
        const twice = names.find((name, at) => names.indexOf(name) !== at);
        if (twice !== undefined) throw new ArrowFault(`two columns are named ${JSON.stringify(twice)}`);
        const entries = [...vectors].flatMap(([name, field]) => {
          const dtype = vectorDtype(field);
          const first = columnCells(
            file,
            name,
          )(Math.min(file.rows, BATCH)).find((cell) => Array.isArray(cell) && cell.length > 0);
          if (dtype === null || !Array.isArray(first)) return [];
          const read = () => {
            const cells = columnCells(file, name);
            return (count: number) => refusing(source.name, () => cells(count));
          };
          return [listEntry(source.name, { name, dtype, rows: file.rows, width: first.length, read })];
        });
        const table: Table = {
          header: names,
          typed: true,
          decimal: '.',
          rows: file.rows,
          says: file.form === 'file' ? 'an Arrow file (Feather)' : 'an Arrow stream',
          notes,
          reading: {},
          lists,
          batches: (only) => batchesOf(source.name, file, names, only),
        };
        return { entries, table, findings: [] };
      }),
    ),
});
