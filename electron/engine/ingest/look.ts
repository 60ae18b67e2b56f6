import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import type { EntryProposal, FileProposal, Finding, TextReading } from '../../contract/evidence.ts';
import { badRows } from './bad-rows.ts';
import { columnKinds } from './column-kinds.ts';
import { firstValues } from './first-values.ts';
import { proposeImageColumn } from './images/image-column.ts';
import { modelInWords } from './onnx/model-in-words.ts';
import { openEvidence, type OpenEvidence } from './open-evidence.ts';
import { proposeColumns } from './propose-columns.ts';
import { proposeEntries } from './propose-entries.ts';
import type { Cell, Table } from './reader.ts';
import { sourceOf } from './source-memory.ts';

/** Files up to this size have all of their records looked at before the import. */
const WHOLE_BYTES = 64 * 1024 * 1024;
/** Of larger ones the first records tell. */
const FIRST_RECORDS = 20_000;
const EXAMPLES = 1000;
const SHOWN_BAD_ROWS = 5;

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
  key: null,
  reading: null,
  badRows: null,
  firstBadRows: [],
  source: '',
  remembered: false,
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
export async function look(
  path: string,
  { hash, reading }: { readonly hash: boolean; readonly reading?: TextReading | undefined },
): Promise<Looked> {
  let file: OpenEvidence | null = null;
  try {
    file = await openEvidence(path, reading);
    const looked = await lookInto(file, !hash);
    return hash ? { ...looked, sha256: file.sha256() } : looked;
  } catch (error) {
    if (!(error instanceof BezoarError)) throw error;
    const { facts, ...rest } = unreadableFile(path, error.message);
    return { ...rest, facts: { ...facts, format: file?.format ?? 'unknown' } };
  } finally {
    file?.close();
  }
}

/** @param examples whether the first values of arrays are read */
async function lookInto(
  { name, size, format, compression, content }: OpenEvidence,
  examples: boolean,
): Promise<Looked> {
  const { table, findings, model } = content;
  const plain = { ...plainFacts, name, size, format, compression };
  if (model !== undefined)
    return {
      labels: null,
      sha256: null,
      facts: { ...plain, role: 'model', model, says: modelInWords(model), problem: null },
    };
  const values = examples && compression === null ? await firstValues(content.entries) : [];
  const entries = proposeEntries(name, content.entries).map((entry, at) => ({
    ...entry,
    examples: values[at] ?? [],
  }));
  const ofImages: string[] = [];
  for (const column of content.images ?? []) {
    const { entry, says } = await proposeImageColumn(
      name,
      column,
      entries.every(({ role }) => role !== 'images'),
    );
    entries.push(entry);
    ofImages.push(...says);
  }
  const array = entries.find(({ role }) => role !== null);
  const facts: Looked['facts'] = {
    ...plain,
    source: sourceOf({ name, format, columns: [], entries }),
    role: array === undefined ? null : 'arrays',
    rows: array?.shape[0] ?? null,
    entries,
    findings: [...findings],
    problem: array === undefined && table === null ? problemOfArrays(name, entries, findings) : null,
  };
  if (table === null) return { labels: null, sha256: null, facts };
  const { records, rows, bad, kinds } = await lookAtRecords(table, size);
  // What stands in the cells of an array is not kept twice.
  const taken = entries.filter(({ role }) => role !== null || entries.length === 1);
  const inArrays = new Set(taken.flatMap((entry) => entry.columns));
  const columns = proposeColumns(table.header, records, kinds, table.classes).map((column) =>
    inArrays.has(column.name) ? { ...column, role: 'ignored' as const } : column,
  );
  const label = columns.findIndex((column) => column.role === 'label');
  const counted = rows === null ? '' : `${rows} records of `;
  return {
    labels: label < 0 ? null : new Set(records.map((record) => record[label])).size,
    sha256: null,
    facts: {
      ...facts,
      source: sourceOf({ name, format, columns, entries }),
      role: records.length === 0 ? null : 'records',
      rows,
      columns,
      reading: table.reading,
      badRows: bad?.count ?? null,
      firstBadRows: (bad?.first ?? []).slice(0, SHOWN_BAD_ROWS),
      says: [`${table.says}; ${counted}${columns.length} columns`, ...ofImages, ...table.notes],
      problem: records.length === 0 ? `${name} holds a header and no records.` : null,
    },
  };
}

/** The records of a small file, the first ones of a large one. */
async function lookAtRecords(table: Table, size: number) {
  const kinds = columnKinds(table);
  const records: (readonly Cell[])[] = [];
  let rows = 0;
  const bad = badRows();
  let all = true;
  for await (const batch of table.batches()) {
    kinds.add(batch);
    for (const record of batch.records)
      if (record !== null && records.length < EXAMPLES) records.push(record);
    rows = batch.firstRow + batch.records.length;
    for (const row of batch.bad) bad.add(row);
    all = size <= WHOLE_BYTES || rows < FIRST_RECORDS;
    if (!all) break;
  }
  return {
    records,
    rows: all ? rows : table.rows,
    bad: all ? bad.all() : null,
    kinds: (at: number) => kinds.of(at),
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
