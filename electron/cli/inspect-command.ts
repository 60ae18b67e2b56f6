import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { FileToken } from '../contract/case.ts';
import { BezoarError } from '../contract/errors.ts';
import type { EntryProposal, FileProposal } from '../contract/evidence.ts';
import { proposeFiles } from '../engine/ingest/propose.ts';

export const INSPECT_USAGE = 'inspect FILE... [--json]';

/** Columns and arrays beyond these are counted in the text; JSON has them all. */
const SHOWN = 40;

/**
 * Says what Bezoar takes files for: format, arrays with shapes and dtypes, columns, hash, and what was found in them.
 * @returns the exit code: 0 when every file can be taken, 2 when one is refused
 * @throws BezoarError usage
 */
export async function inspectCommand(argv: readonly string[]): Promise<number> {
  const { paths, json } = parseInspectArguments(argv);
  const named = new Map<string, string>();
  const grant = (path: string): FileToken => {
    const token = FileToken.parse(randomBytes(16).toString('base64url'));
    named.set(token, path);
    return token;
  };
  const proposed = await proposeFiles(
    paths.map((path) => ({ token: grant(path), path })),
    [],
    grant,
  );
  const looked: Inspected[] = [];
  for (const file of proposed.files) looked.push({ file, sha256: await sha256Of(named.get(file.token)) });
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
export function parseInspectArguments(argv: readonly string[]): { paths: string[]; json: boolean } {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${INSPECT_USAGE}`);
  }
  const { positionals, values } = parsed;
  if (positionals.length === 0) throw new BezoarError('usage', `Name a file.\nUsage: ${INSPECT_USAGE}`);
  const absent = positionals.find((path) => statSync(path, { throwIfNoEntry: false }) === undefined);
  if (absent !== undefined) throw new BezoarError('usage', `There is no file ${absent}. Check its name.`);
  return { paths: positionals.map((path) => resolve(path)), json: values.json };
}

/** Whether anything of the file could be imported. */
const isTaken = ({ role, entries }: FileProposal): boolean =>
  role !== null || entries.some(({ roles }) => roles.length > 0);

function asJson({ file, sha256 }: Inspected): Record<string, unknown> {
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

function asText({ file, sha256 }: Inspected): string {
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
  for (const { kind, sentence } of findings) lines.push(`  Finding (${kind}): ${sentence}`);
  if (!isTaken(file) && problem !== null) lines.push(`  Refused: ${problem}`);
  return `${lines.join('\n')}\n`;
}
