import { BezoarError } from '../contract/errors.ts';
import type {
  ColumnProposal,
  ColumnRole,
  DatasetRole,
  EntryProposal,
  EntryRole,
  FileProposal,
} from '../contract/evidence.ts';

/** What one option of the command line says of a file. */
export interface NamedFile {
  readonly option: string;
  readonly path: string;
  /** The array or the column of the file, where one was named. */
  readonly entry: string | null;
  /** A folder of images. */
  readonly isFolder: boolean;
  readonly dataset: DatasetRole;
  readonly role: EntryRole | 'records';
}

/** Columns that were named for all records. */
interface NamedColumns {
  readonly key: string | null;
  readonly label: string | null;
}

/** What an array stands for where it is a column of a table. */
const columnOfRole: Partial<Record<EntryRole, ColumnRole>> = {
  labels: 'label',
  predicted: 'predicted',
  confidence: 'confidence',
  losses: 'loss',
  'gradient-norms': 'gradient-norm',
};

/** How a file is to be understood among the others. */
export function useOf(files: readonly NamedFile[]): 'records' | 'table' | 'arrays' {
  if (files.some(({ role }) => role === 'records')) return 'records';
  return files.some(({ role }) => role !== 'records' && columnOfRole[role] !== undefined)
    ? 'table'
    : 'arrays';
}

/** The proposal for a file with what the command line says of it, in place of what was guessed. @throws BezoarError */
export function asNamed(
  proposal: FileProposal,
  files: readonly NamedFile[],
  columns: NamedColumns,
): FileProposal {
  if (proposal.problem !== null && proposal.columns === null && proposal.entries.length === 0)
    throw new BezoarError(
      proposal.format === 'unknown' ? 'evidence/unknown-format' : 'evidence/malformed',
      proposal.problem,
    );
  const [first] = files;
  let made: FileProposal = {
    ...proposal,
    dataset: first?.dataset ?? proposal.dataset,
    entries: proposal.entries.map((entry) => ({ ...entry, role: null })),
  };
  const records = files.find(({ role }) => role === 'records');
  if (records !== undefined) made = asRecords(made, records, columns);
  for (const file of files) {
    if (file.role === 'records') continue;
    const column = columnOfRole[file.role];
    made =
      column !== undefined && proposal.columns !== null
        ? withColumns(made, file, column, records !== undefined)
        : withEntry(made, { ...file, role: file.role }, proposal.entries);
  }
  if (records === undefined && made.role !== 'table') return { ...made, role: 'arrays', columns: null };
  return made;
}

function asRecords(proposal: FileProposal, { path, option }: NamedFile, named: NamedColumns): FileProposal {
  if (proposal.columns === null)
    throw new BezoarError(
      'evidence/unknown-format',
      `${path} is not a file of records, such as a .csv file, which --${option} takes. Nothing was imported.`,
    );
  const joined = proposal.role === 'table';
  let { columns, key } = proposal;
  for (const role of ['key', 'label'] as const) {
    const wanted = named[role];
    if (wanted === null) continue;
    if (!columns.some((column) => column.name === wanted)) {
      // A table beside the records need not have what they have.
      if (joined) continue;
      throw new BezoarError(
        'evidence/missing-column',
        `${path} has no column “${wanted}” (--${role}); its columns are ${columns.map((column) => column.name).join(', ')}. Nothing was imported.`,
      );
    }
    columns = columns.map((column) => {
      if (column.name === wanted) return { ...column, role };
      return column.role === role ? { ...column, role: 'feature' } : column;
    });
    if (role === 'key' && joined) key = wanted;
  }
  const role = joined || proposal.role === 'part' ? proposal.role : 'records';
  return { ...proposal, role, key, columns };
}

/** The losses, labels, ... of a set in columns of a table: of its records, or of one that is joined by its keys. */
function withColumns(
  proposal: FileProposal,
  { entry, path, option }: NamedFile,
  role: ColumnRole,
  ofRecords: boolean,
): FileProposal {
  const columns = proposal.columns ?? [];
  const own = columns.find((column) => column.role === 'key')?.name ?? null;
  const key = ofRecords ? own : (proposal.key ?? own);
  const others = columns.filter(({ name }) => name !== key);
  const candidates = (): ColumnProposal[] => {
    if (entry !== null) return others.filter(({ name }) => name === entry);
    const told = others.filter((column) => column.role === role);
    if (told.length > 0) return told;
    return role === 'label' || role === 'predicted' ? others : others.filter(({ type }) => type === 'number');
  };
  const wanted = candidates();
  if (wanted.length === 0 || (role !== 'loss' && wanted.length > 1))
    throw new BezoarError(
      'evidence/missing-column',
      `${path} does not say which of its columns --${option} means; it has ${columns.map(({ name }) => name).join(', ')}. ` +
        `Nothing was imported. Name one: --${option} FILE:COLUMN.`,
    );
  const roleOf = (column: ColumnProposal): ColumnRole => {
    if (wanted.includes(column)) return role;
    if (ofRecords) return column.role === role ? 'feature' : column.role;
    return column.name === key ? 'key' : 'ignored';
  };
  return {
    ...proposal,
    role: ofRecords ? proposal.role : 'table',
    key: ofRecords ? proposal.key : key,
    columns: columns.map((column) => ({ ...column, role: roleOf(column) })),
  };
}

/** An array of the file; its columns are not kept twice. */
function withEntry(
  proposal: FileProposal,
  file: NamedFile & { readonly role: EntryRole },
  guessed: readonly EntryProposal[],
): FileProposal {
  const chosen = guessed.indexOf(entryFor(guessed, file));
  const inArray = new Set(guessed[chosen]?.columns);
  return {
    ...proposal,
    entries: proposal.entries.map((entry, at) => (at === chosen ? { ...entry, role: file.role } : entry)),
    columns:
      proposal.columns?.map((column) =>
        inArray.has(column.name) ? { ...column, role: 'ignored' } : column,
      ) ?? null,
  };
}

/** The array that the command line named, or the one that can be meant. */
function entryFor(
  entries: readonly EntryProposal[],
  { path, entry, option, role }: NamedFile & { readonly role: EntryRole },
): EntryProposal {
  const list = entries.map(({ name, stored, shape }) => `${name ?? 'it'} ${stored} (${shape.join(', ')})`);
  const holds = entries.length === 0 ? 'it holds none' : `it holds ${list.slice(0, 20).join('; ')}`;
  const able = entries.filter((one) => one.roles.includes(role));
  if (entry !== null) {
    const named = entries.find((one) => one.name === entry);
    if (named === undefined)
      throw new BezoarError(
        'evidence/unknown-format',
        `${path} has no array “${entry}” (--${option}); ${holds}. Nothing was imported.`,
      );
    return named;
  }
  const told = able.filter((one) => one.role === role);
  const [only] = told.length === 1 ? told : able;
  const problem = entries.length === 1 ? entries[0]?.problem : null;
  if (only === undefined && typeof problem === 'string') throw new BezoarError('evidence/malformed', problem);
  if (only === undefined)
    throw new BezoarError(
      'evidence/unknown-format',
      `${path} holds no array that can be ${role}, which --${option} takes; ${holds}. Nothing was imported.`,
    );
  if (told.length !== 1 && able.length > 1)
    throw new BezoarError(
      'usage',
      `${path} holds several arrays that can be ${role}; ${holds}. Name one: --${option} FILE:ARRAY.`,
    );
  return only;
}
