import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BezoarError } from '../contract/errors.ts';
import type { ExportKind } from '../contract/exports.ts';
import { createEngine } from '../engine/create-engine.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const EXPORT_USAGE = 'export CASE.bezoar --out DIR';

const fileNames = {
  'suspects-csv': 'suspects.csv',
  'poison-csv': 'confirmed-poison.csv',
  'poison-json': 'confirmed-poison.json',
  manifest: 'sanitized-manifest.json',
  report: 'report.html',
} as const satisfies Record<ExportKind, string>;

/**
 * Writes every export of a case with its newest scan, as the window would.
 * @returns the exit code 0
 * @throws BezoarError usage, the file is no case, or nothing can be exported
 */
export async function exportCommand(argv: readonly string[]): Promise<number> {
  const { path, out } = parseExportArguments(argv);
  const temporary = temporaryFolder();
  const engine = createEngine({
    userData: temporary,
    threads: 1,
    publish: () => undefined,
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    await invoke(engine, 'case/open', { file: grantFile(engine.grants, path, 'read') });
    const scans = await invoke(engine, 'scan/list', {});
    const scan = scans.length === 0 ? null : Math.max(...scans.map((one) => one.id));
    mkdirSync(out, { recursive: true });
    for (const [kind, name] of Object.entries(fileNames) as [ExportKind, string][]) {
      const target = grantFile(engine.grants, join(out, name), 'write');
      try {
        const written = await invoke(engine, 'export/write', { kind, scan, target });
        process.stdout.write(`${name}: ${written.bytes} bytes, SHA-256 ${written.sha256}\n`);
      } catch (error) {
        if (!(error instanceof BezoarError && error.code === 'export/nothing')) throw error;
        process.stdout.write(`${name}: left out. ${error.message}\n`);
      }
    }
    return 0;
  } finally {
    await engine.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @throws BezoarError usage */
export function parseExportArguments(argv: readonly string[]): { path: string; out: string } {
  const { positionals, out } = readArguments(argv);
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0 || out === undefined)
    throw new BezoarError('usage', `export takes one case file and --out.\nUsage: ${EXPORT_USAGE}`);
  if (!(statSync(named, { throwIfNoEntry: false })?.isFile() ?? false))
    throw new BezoarError('usage', `There is no file ${named}. Check its name.`);
  return { path: resolve(named), out: resolve(out) };
}

function readArguments(argv: readonly string[]) {
  try {
    const options = { out: { type: 'string' } } as const;
    const { positionals, values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options,
    });
    return { positionals, out: values.out };
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${EXPORT_USAGE}`);
  }
}
