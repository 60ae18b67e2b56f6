import { createHash } from 'node:crypto';
import { SourceMapping, type EntryProposal, type FileProposal } from '../../contract/evidence.ts';
import { openRememberedFile } from './remembered-file.ts';

const FILE = 'source-mappings.json';

/** What files of a source were taken for, beside the settings. */
export interface SourceMemory {
  find(source: string): SourceMapping | null;
  remember(mappings: readonly SourceMapping[]): void;
}

/**
 * What a file is known by again: its format, the names of its columns and the names and axes of its arrays, in whichever
 * order. Arrays without names say nothing of their source, so the words of the file's name do.
 */
export function sourceOf(file: {
  readonly name: string;
  readonly format: string;
  readonly columns: readonly { readonly name: string }[];
  readonly entries: readonly Pick<EntryProposal, 'name' | 'stored' | 'shape'>[];
}): string {
  const columns = file.columns.map(({ name }) => name).sort();
  const entries = file.entries
    .map(({ name, stored, shape }) => JSON.stringify([name, stored, shape.length]))
    .sort();
  const unnamed = columns.length === 0 && file.entries.every(({ name }) => name === null);
  const words = unnamed ? file.name.toLowerCase().replace(/\d+/g, '0') : '';
  return createHash('sha256')
    .update(JSON.stringify([file.format, columns, entries, words]))
    .digest('hex');
}

/** The proposal as the analyst took an earlier file of its source. */
export function asRemembered<T extends FileProposal | Omit<FileProposal, 'token' | 'dataset'>>(
  file: T,
  memory: Pick<SourceMemory, 'find'>,
): T {
  const mapping = file.source === '' ? null : memory.find(file.source);
  if (mapping === null) return file;
  const roleOfColumn = new Map(mapping.columns.map(({ name, role }) => [name, role]));
  const roleOfEntry = new Map(mapping.entries.map(({ name, role }) => [name, role]));
  const entries = file.entries.map((entry): EntryProposal => {
    const role = roleOfEntry.get(entry.name);
    return role === undefined || (role !== null && !entry.roles.includes(role)) ? entry : { ...entry, role };
  });
  const told = entries.find(({ role }) => role !== null);
  const arrays = file.role === null && told !== undefined;
  return {
    ...file,
    remembered: true,
    columns:
      file.columns?.map((column) => ({ ...column, role: roleOfColumn.get(column.name) ?? column.role })) ??
      null,
    entries,
    ...(arrays ? { role: 'arrays', rows: told.shape[0] ?? null, problem: null } : {}),
  };
}

export function openSourceMemory(userData: string): SourceMemory {
  const file = openRememberedFile(userData, FILE, SourceMapping);
  return {
    find: (source) => file.read().find((one) => one.source === source) ?? null,
    remember: (mappings) => {
      if (mappings.length === 0) return;
      const named = new Set(mappings.map(({ source }) => source));
      file.remember(mappings, ({ source }) => named.has(source));
    },
  };
}
