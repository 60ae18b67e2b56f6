import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BezoarError } from '../../contract/errors.ts';
import type { EntryProposal, FileProposal, Finding } from '../../contract/evidence.ts';
import { modelInWords } from './onnx/model-in-words.ts';
import { openEvidence, type OpenEvidence } from './open-evidence.ts';
import { proposeColumns } from './propose-columns.ts';
import { proposeEntries } from './propose-entries.ts';
import type { Cell } from './reader.ts';

/** Files up to this size have their records counted before the import. */
const COUNTED_BYTES = 64 * 1024 * 1024;

/** What a file is taken for by itself. */
export interface Looked {
  readonly facts: Omit<FileProposal, 'token' | 'dataset'>;
  /** Distinct labels among the first records. */
  readonly labels: number | null;
  /** Of the file, where it was asked for and the file could be opened. */
  readonly sha256: string | null;
}

/** What is said of a file before it was looked into. */
export const plainFacts = {
  compression: null,
  role: null,
  rows: null,
  columns: null,
  says: [],
  model: null,
  imageColumn: null,
  more: null,
  entries: [],
  findings: [],
};

/** A file that gives nothing, and why. */
export const unreadableFile = (path: string, problem: string): Looked => ({
  labels: null,
  sha256: null,
  facts: {
    ...plainFacts,
    name: basename(path),
    size: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
    format: 'unknown',
    problem,
  },
});

/** Looks into one file. What cannot be read is told in its facts. */
export async function look(path: string, { hash }: { readonly hash: boolean }): Promise<Looked> {
  let file: OpenEvidence | null = null;
  try {
    file = await openEvidence(path);
    const looked = await lookInto(file);
    return hash ? { ...looked, sha256: file.sha256() } : looked;
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    const { facts, ...rest } = unreadableFile(path, error.message);
    return { ...rest, facts: { ...facts, format: file?.format ?? 'unknown' } };
  } finally {
    file?.close();
  }
}

async function lookInto({ name, size, format, compression, content }: OpenEvidence): Promise<Looked> {
  const { table, findings, model } = content;
  const plain = { ...plainFacts, name, size, format, compression };
  if (model !== undefined)
    return {
      labels: null,
      sha256: null,
      facts: { ...plain, role: 'model', model, says: modelInWords(model), problem: null },
    };
  const entries = proposeEntries(name, content.entries);
  const array = entries.find(({ role }) => role !== null);
  const facts: Looked['facts'] = {
    ...plain,
    role: array === undefined ? null : 'arrays',
    rows: array?.shape[0] ?? null,
    entries,
    findings: [...findings],
    problem: array === undefined && table === null ? problemOfArrays(name, entries, findings) : null,
  };
  if (table === null) return { labels: null, sha256: null, facts };
  let records: readonly (readonly Cell[])[] = [];
  for await (const batch of table.batches()) {
    records = batch.records;
    break;
  }
  const columns = proposeColumns(table.header, records);
  const label = columns.findIndex((column) => column.role === 'label');
  return {
    labels: label < 0 ? null : new Set(records.map((record) => record[label])).size,
    sha256: null,
    facts: {
      ...facts,
      role: records.length === 0 ? null : 'records',
      rows: size <= COUNTED_BYTES ? await table.count(nextTurn) : null,
      columns,
      problem: records.length === 0 ? `${name} holds a header and no records.` : null,
    },
  };
}

/** Why a file of arrays gives nothing that was understood. */
function problemOfArrays(
  name: string,
  entries: readonly EntryProposal[],
  findings: readonly Finding[],
): string | null {
  const [only] = entries;
  if (findings[0] !== undefined) return findings[0].sentence;
  if (only === undefined) return `${name} holds no arrays.`;
  if (entries.every(({ roles }) => roles.length === 0) && only.problem !== null)
    return entries.length === 1 ? only.problem : `${name} holds no array that can be taken. ${only.problem}`;
  return entries.length === 1
    ? `${name} is ${only.stored} of shape (${only.shape.join(', ')}), and its name does not say what it holds. Say what it is, or leave it out.`
    : `None of the ${entries.length} arrays of ${name} says by its name what it holds. Say which is which, or leave the file out.`;
}
