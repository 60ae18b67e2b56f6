import type { ColumnProposal, ColumnRole, EntryProposal, FileProposal } from '../../contract/evidence.ts';
import { folderColumns } from './folder-columns.ts';
import type { Placed } from './propose.ts';

const byName = (a: Placed, b: Placed): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const columnsKey = ({ proposal }: Placed): string =>
  JSON.stringify((proposal.columns ?? []).map(({ name }) => name).sort());

/** How much a file looks like the records themselves: what else would have labels, texts and keys. */
function weight([first]: readonly Placed[]): number {
  const roles = new Set(first?.proposal.columns?.map(({ role }) => role));
  const weights: Partial<Record<ColumnRole, number>> = { label: 4, text: 3, predicted: 2, key: 1 };
  return [...roles].reduce((sum, role) => sum + (weights[role] ?? 0), 0);
}

const rowsOf = (files: readonly Placed[]): number =>
  files.reduce((sum, { proposal }) => sum + (proposal.rows ?? 0), 0);

/** The files of the records first, then those of tables beside them. */
function inOrder(groups: readonly (readonly Placed[])[]): (readonly Placed[])[] {
  return [...groups].sort(
    (a, b) =>
      weight(b) - weight(a) ||
      rowsOf(b) - rowsOf(a) ||
      (b[0]?.proposal.columns?.length ?? 0) - (a[0]?.proposal.columns?.length ?? 0),
  );
}

const onlyOnce: readonly ColumnRole[] = ['label', 'predicted', 'confidence', 'gradient-norm'];

/** What the file's name says of numbers that their column's name says nothing of. */
function roleOfFile(name: string): ColumnRole | null {
  if (/grad(ient)?s?[_-]?norms?/i.test(name)) return 'gradient-norm';
  return /(^|[^a-z])loss(es)?([^a-z]|$)/i.test(name) ? 'loss' : null;
}

/** The columns of a table that is joined: what the records have already is not taken twice. */
function besideRecords(
  { name, columns, entries }: FileProposal,
  key: string | null,
  taken: ReadonlySet<ColumnRole>,
  names: ReadonlySet<string>,
): ColumnProposal[] {
  const ofFile = roleOfFile(name);
  const numbers = (columns ?? []).filter(
    (column) => column.name !== key && column.type === 'number' && column.role === 'feature',
  );
  const inArrays = new Set(entries.filter(({ role }) => role !== null).flatMap((entry) => entry.columns));
  const given = new Set(taken);
  return (columns ?? []).map((column) => {
    if (column.name === key) return { ...column, role: 'key' };
    if (inArrays.has(column.name) || names.has(column.name)) return { ...column, role: 'ignored' };
    let { role } = column;
    if (role === 'key') role = 'feature';
    if (
      numbers.includes(column) &&
      (ofFile === 'loss' || (ofFile === 'gradient-norm' && numbers.length === 1))
    )
      role = ofFile;
    if (onlyOnce.includes(role) && given.has(role)) role = 'feature';
    given.add(role);
    return { ...column, role };
  });
}

/**
 * How several files of records of a set belong together: those of the same columns are one table in parts, in the order of
 * their names; the others are tables that are joined to it, by their keys where both have some.
 */
export function proposeTables(looked: readonly Placed[]): Placed[] {
  const made = new Map<Placed, FileProposal>();
  const ordered = [...looked];
  for (const set of ['investigated', 'trusted'] as const) {
    const files = looked
      .filter(
        ({ proposal: { dataset, role, format } }) =>
          dataset === set && role === 'records' && !format.startsWith('image-'),
      )
      .sort(byName);
    const isBeside = ({ given }: Placed): boolean => given.use === 'table' || given.use === 'arrays';
    const groups = new Map<string, Placed[]>();
    for (const file of files)
      if (!isBeside(file)) groups.set(columnsKey(file), [...(groups.get(columnsKey(file)) ?? []), file]);
    const [base, ...tables] = inOrder([...groups.values()]);
    if (base === undefined) continue;
    const [first, ...parts] = base;
    if (first === undefined) continue;
    const folders = folderColumns(base.map(({ path }) => path))[0] ?? [];
    const columns = withFolders(first.proposal.columns ?? [], folders);
    made.set(first, {
      ...first.proposal,
      columns,
      says: [...first.proposal.says, ...partsInWords(base, folders)],
      entries: entriesOfParts(base),
    });
    // The parts of a table stand in their order, in the places that they have together.
    const places = looked.flatMap((one, at) => (base.includes(one) ? [at] : []));
    for (const [k, at] of places.entries()) ordered[at] = base[k] ?? first;
    for (const part of parts) made.set(part, { ...part.proposal, role: 'part', entries: [] });
    const taken = new Set<ColumnRole>(columns.map(({ role }) => role));
    const names = new Set(columns.map(({ name }) => name));
    const keyed = taken.has('key');
    for (const table of [...tables.flat(), ...files.filter(isBeside)]) {
      const own = table.proposal.columns?.find(({ role }) => role === 'key')?.name ?? null;
      const key = keyed ? own : null;
      // What was said to be arrays alone gives no columns; its keys tell the order of its rows.
      const beside = table.given.use === 'arrays' ? null : besideRecords(table.proposal, key, taken, names);
      for (const { role } of beside ?? []) if (onlyOnce.includes(role)) taken.add(role);
      const role = beside === null && key === null ? 'arrays' : 'table';
      made.set(table, { ...table.proposal, role, key, columns: beside });
    }
  }
  return ordered.map((one) => ({ ...one, proposal: made.get(one) ?? one.proposal }));
}

/** The arrays that all parts have, with the rows of all of them. */
function entriesOfParts([first, ...parts]: readonly Placed[]): EntryProposal[] {
  return (first?.proposal.entries ?? []).flatMap((entry) => {
    const others = parts.map(({ proposal }) => proposal.entries.find(({ name }) => name === entry.name));
    let [rows = 0] = entry.shape;
    for (const other of others) {
      // The size of images in a column is known once all of them were looked at.
      const inColumn = entry.columns.length === 0 && entry.roles.includes('images');
      if (other?.stored !== entry.stored || (!inColumn && other.shape[1] !== entry.shape[1])) return [];
      rows += other.shape[0] ?? 0;
    }
    return [{ ...entry, shape: [rows, ...entry.shape.slice(1)] }];
  });
}

function withFolders(
  columns: readonly ColumnProposal[],
  folders: readonly (readonly [string, string | null])[],
): ColumnProposal[] {
  const hasLabel = columns.some(({ role }) => role === 'label');
  return [
    ...columns,
    ...folders.map(([name, cell]): ColumnProposal => ({
      name,
      role: !hasLabel && /^(label|class|y|target)$/i.test(name) ? 'label' : 'feature',
      type: 'text',
      examples: cell === null ? [] : [cell],
    })),
  ];
}

function partsInWords(
  files: readonly Placed[],
  folders: readonly (readonly [string, string | null])[],
): string[] {
  if (files.length < 2) return [];
  const named =
    folders.length === 0
      ? ''
      : `, with ${folders.map(([name]) => name).join(', ')} from the names of their folders`;
  return [
    `One table in ${files.length} parts of the same columns, in the order of their names, from ${files[0]?.proposal.name ?? ''} to ` +
      `${files.at(-1)?.proposal.name ?? ''}${named}.`,
  ];
}
