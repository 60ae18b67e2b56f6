import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileToken } from '../../../contract/case.ts';
import { BezoarError } from '../../../contract/errors.ts';
import type { TextReading } from '../../../contract/evidence.ts';
import type { LogFileProposal } from '../../../contract/logs.ts';
import { logFiles, type LogFile } from './log-files.ts';
import { readHead, type LogHead } from './log-head.ts';
import { mappingInFile } from './mapping.ts';
import { schemaNamed } from './schemas/registry.ts';

interface Dropped {
  readonly token: FileToken;
  readonly path: string;
}

/** A file as it was found: the beginning of a log, a mapping, nothing yet, or why it cannot be taken. */
interface Found {
  readonly token: FileToken;
  readonly file: LogFile;
  readonly is: LogHead | 'mapping' | 'empty' | BezoarError;
}

export interface LogHeads {
  readonly files: LogFileProposal[];
  /** Of the files of one kind, in their order. */
  readonly heads: LogHead[];
  /** Names of files beside them that hold nothing yet. */
  readonly empty: string[];
}

async function look(
  file: LogFile,
  known: TextReading,
  first: LogHead | 'unknown' | null,
): Promise<Found['is']> {
  try {
    if (mappingInFile(file.path, file.name) !== null) return 'mapping';
    return (await readHead(file, known, first)) ?? 'empty';
  } catch (error) {
    if (error instanceof BezoarError) return error;
    throw error;
  }
}

const kindOf = ({ format, reading }: LogHead): string => JSON.stringify([format, reading?.delimiter]);

/** The kind of which there is most: a folder may hold a list or a note beside its logs. */
function mostOf(found: readonly Found[]): string {
  const bytes = new Map<string, number>();
  for (const { is } of found)
    if (typeof is === 'object' && 'format' in is)
      bytes.set(kindOf(is), (bytes.get(kindOf(is)) ?? 0) + is.size);
  return [...bytes].reduce((most, one) => (one[1] > most[1] ? one : most), ['', -1])[0];
}

/**
 * Looks at the beginnings of the files that were dropped, of which those of one kind are a log.
 * @param known of how the text of CSV files is written
 * @param most files to look at
 */
export async function headsOfLog(
  dropped: readonly Dropped[],
  known: TextReading,
  most: number,
): Promise<LogHeads> {
  const all = dropped
    .flatMap(({ token, path }) => logFiles([path]).map((file) => ({ token, file })))
    .slice(0, most);
  const found: Found[] = [];
  for (const { token, file } of all) {
    found.push({ token, file, is: await look(file, known, all.length === 1 ? null : 'unknown') });
    await nextTurn();
  }
  const kind = mostOf(found);
  const heads: LogHead[] = [];
  const empty: string[] = [];
  const files: LogFileProposal[] = [];
  for (const { token, file, is } of found) {
    const proposal = {
      token,
      name: file.name,
      size: 0,
      compression: null,
      is: 'log' as const,
      problem: null,
    };
    if (is === 'mapping') files.push({ ...proposal, is });
    else if (is === 'empty') {
      if (kind !== '') empty.push(file.name);
      const problem = `${file.name} is empty. Nothing was imported. Choose the files with the log.`;
      files.push({ ...proposal, problem: kind === '' ? problem : null });
    } else if (is instanceof BezoarError) files.push({ ...proposal, problem: is.message });
    else {
      const alike = kindOf(is) === kind;
      // More of the first one, the others beside it.
      const again = alike && all.length > 1 ? await look(file, known, heads[0] ?? null) : is;
      const head = typeof again === 'object' && 'format' in again ? again : null;
      if (alike && head !== null) heads.push(head);
      const { size, compression } = is;
      files.push({ ...proposal, size, compression, problem: problemOf(is, alike, again, heads) });
      await nextTurn();
    }
  }
  return { files, heads, empty };
}

function problemOf(
  is: LogHead,
  alike: boolean,
  again: Found['is'],
  heads: readonly LogHead[],
): string | null {
  if (again instanceof BezoarError) return again.message;
  if (alike) return null;
  const [first] = heads;
  return first === undefined
    ? `${is.file.name} is ${nameOf(is)}, and most of what was dropped is not. Import it apart.`
    : `${is.file.name} is ${nameOf(is)} and ${first.file.name} is ${nameOf(first)}. Import them apart.`;
}

const nameOf = ({ format }: LogHead): string => schemaNamed(format)?.title ?? plainNames[format] ?? format;

const plainNames: Partial<Record<LogHead['format'], string>> = {
  csv: 'CSV',
  jsonl: 'JSON Lines',
  parquet: 'Parquet',
  arrow: 'Arrow',
};
