import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';
import type { EntryProposal, FileProposal, TextReading } from '../contract/evidence.ts';
import type { LogMapping } from '../contract/logs.ts';
import { lookAtLog } from '../engine/ingest/logs/look-at-log.ts';
import { proposeFiles } from '../engine/ingest/propose.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { textReading } from './text-reading.ts';

export const INSPECT_USAGE = `inspect FILE... [--read NAME=VALUE]... [--json]
     --read says how text is written, where it is not told right: encoding, delimiter, quote, escape, decimal, header.`;

/** Columns and arrays beyond these are counted in the text; JSON has them all. */
const SHOWN = 40;

/**
 * Says what Bezoar takes files for: format, arrays with shapes and dtypes, columns, hash, and what was found in them.
 * @returns the exit code: 0 when every file can be taken, 2 when one is refused
 * @throws BezoarError usage
 */
export async function inspectCommand(argv: readonly string[]): Promise<number> {
  const { paths, json, reading } = parseInspectArguments(argv);
  const named = new Map<string, string>();
  const grant = (path: string): FileToken => {
    const token = FileToken.parse(randomBytes(16).toString('base64url'));
    named.set(token, path);
    return token;
  };
  const proposed = await proposeFiles(
    paths.map((path) => ({ token: grant(path), path, known: { reading } })),
    [],
    grant,
  );
  const looked: Inspected[] = [];
  for (const file of proposed.files) {
    const path = named.get(file.token);
    const log = path === undefined || file.columns === null ? null : await logIn(file.token, path, reading);
    looked.push({ file, sha256: await sha256Of(path), log });
  }
  const text = json
    ? `${JSON.stringify({ files: looked.map(asJson), problems: proposed.problems }, null, 2)}\n`
    : looked.map(asText).join('\n');
  process.stdout.write(text);
  return proposed.files.every(isTaken) ? 0 : 2;
}

interface Inspected {
  readonly file: FileProposal;
  /** Null of a folder, and of what cannot be read. */
  readonly sha256: string | null;
  /** How its records are read as requests of a production log; null where they are none. */
  readonly log: LogMapping | null;
}

/** The mapping of a file whose records hold a time and a prediction, as the window takes it for a log then. */
async function logIn(token: FileToken, path: string, reading: TextReading): Promise<LogMapping | null> {
  const look = {
    dropped: [{ token, path }],
    mapping: null,
    reading,
    userData: temporaryFolder(),
    said: null,
  };
  const proposal = await lookAtLog(look).catch((error: unknown) => {
    if (error instanceof BezoarError) return null;
    throw error;
  });
  const has = (role: string): boolean => proposal?.fields.some((field) => field.role === role) ?? false;
  return has('time') && has('predicted') ? (proposal?.mapping ?? null) : null;
}

async function sha256Of(path: string | undefined): Promise<string | null> {
  if (path === undefined || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return null;
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}

/** @throws BezoarError usage */
export function parseInspectArguments(argv: readonly string[]): {
  paths: string[];
  json: boolean;
  reading: TextReading;
} {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, read: { type: 'string', multiple: true } },
    });
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${INSPECT_USAGE}`);
  }
  const { positionals, values } = parsed;
  if (positionals.length === 0) throw new BezoarError('usage', `Name a file.\nUsage: ${INSPECT_USAGE}`);
  const absent = positionals.find((path) => statSync(path, { throwIfNoEntry: false }) === undefined);
  if (absent !== undefined) throw new BezoarError('usage', `There is no file ${absent}. Check its name.`);
  return {
    paths: positionals.map((path) => resolve(path)),
    json: values.json,
    reading: textReading(values.read ?? []),
  };
}

/** Whether anything of the file could be imported. */
const isTaken = ({ role, entries }: FileProposal): boolean =>
  role !== null || entries.some(({ roles }) => roles.length > 0);

function asJson({ file, sha256, log }: Inspected): Record<string, unknown> {
  const { name, size, format, compression, dataset, rows, role, columns, entries, findings, problem } = file;
  return {
    name,
    bytes: size,
    sha256,
    format,
    compression,
    taken: isTaken(file),
    role,
    dataset,
    says: file.says,
    rows,
    arrays: entries.map((entry) => ({
      name: entry.name,
      stored: entry.stored,
      shape: entry.shape,
      role: entry.role,
      possible_roles: entry.roles,
      problem: entry.problem,
    })),
    columns: columns?.map((column) => ({ name: column.name, role: column.role, type: column.type })) ?? null,
    log,
    model: file.model,
    findings,
    problem,
  };
}

function arrayLine({ name, stored, shape, role, roles, problem }: EntryProposal): string {
  const what = role ?? (roles.length > 0 ? `could be ${roles.join(' or ')}` : 'not taken');
  const line = `  ${name ?? 'the array'}: ${stored} (${shape.join(', ')}), ${what}`;
  return problem === null ? line : `${line}\n    ${problem}`;
}

/** What a log's fields are taken for, but for those that are features or left out. */
function logLines({ format, fields }: LogMapping): string[] {
  const told = fields.filter(({ role }) => role !== 'feature' && role !== 'ignored');
  return [
    `  as a production log (${format}):`,
    ...told.slice(0, SHOWN).map(({ path, role }) => `    ${path.join('.')}: ${role}`),
  ];
}

function asText({ file, sha256, log }: Inspected): string {
  const { name, size, format, compression, rows, columns, entries, findings, problem } = file;
  const packed = compression === null ? '' : `, packed with ${compression}`;
  const lines = [`${name}: ${format}${packed}, ${size} bytes`];
  if (sha256 !== null) lines.push(`  SHA-256 ${sha256}`);
  if (rows !== null) lines.push(`  ${rows} rows`);
  lines.push(...file.says.map((sentence) => `  ${sentence}`));
  for (const column of (columns ?? []).slice(0, SHOWN))
    lines.push(`  column ${column.name}: ${column.type}, ${column.role}`);
  lines.push(...entries.slice(0, SHOWN).map(arrayLine));
  const more = Math.max(0, (columns?.length ?? 0) - SHOWN) + Math.max(0, entries.length - SHOWN);
  if (more > 0) lines.push(`  and ${more} more; --json lists them`);
  if (log !== null) lines.push(...logLines(log));
  for (const { kind, sentence } of findings) lines.push(`  Finding (${kind}): ${sentence}`);
  if (!isTaken(file) && problem !== null) lines.push(`  Refused: ${problem}`);
  return `${lines.join('\n')}\n`;
}
