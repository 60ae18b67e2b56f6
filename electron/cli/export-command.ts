import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BezoarError } from '../contract/errors.ts';
import type { ExportKind, MonitoringExportKind } from '../contract/exports.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { namedCase, withCase } from './case-on-command-line.ts';
import { finished } from './finished-job.ts';
import { checkOutFolder, makeOutFolder } from './out-folder.ts';

export const EXPORT_USAGE = 'export CASE.bezoar --out DIR';

const fileNames = {
  'suspects-csv': 'suspects.csv',
  'poison-csv': 'confirmed-poison.csv',
  'poison-json': 'confirmed-poison.json',
  manifest: 'sanitized-manifest.json',
  report: 'report.html',
} as const satisfies Record<ExportKind, string>;

const PORTABLE = 'portable.bezoar';

const monitoringNames = {
  'alerts-json': 'alerts.json',
  'baseline-json': 'baseline.json',
} as const satisfies Record<MonitoringExportKind, string>;

/** A portable case has nothing to fill some exports with. */
const leftOut: ReadonlySet<string> = new Set(['export/nothing', 'case/portable']);

/**
 * Writes every export of a case with its newest scan, and the alerts of its newest monitor run with the baseline of it, as the window
 * would; one that would be empty is left out and said.
 * @returns the exit code 0
 * @throws BezoarError usage, or the file is no case
 */
export function exportCommand(argv: readonly string[]): Promise<number> {
  const { path, out } = parseExportArguments(argv);
  checkOutFolder(out);
  return withCase(path, async (engine) => {
    const scans = await invoke(engine, 'scan/list', {});
    const scan = scans.length === 0 ? null : Math.max(...scans.map((one) => one.id));
    makeOutFolder(out);
    for (const [kind, name] of Object.entries(fileNames) as [ExportKind, string][]) {
      const target = grantFile(engine.grants, join(out, name), 'write');
      try {
        const written = await invoke(engine, 'export/write', { kind, scan, target });
        process.stdout.write(`${name}: ${written.bytes} bytes, SHA-256 ${written.sha256}\n`);
      } catch (error) {
        if (!(error instanceof BezoarError && leftOut.has(error.code))) throw error;
        process.stdout.write(`${name}: left out. ${error.message}\n`);
      }
    }
    const target = grantFile(engine.grants, join(out, PORTABLE), 'write');
    const { job } = await invoke(engine, 'export/portable', { target });
    try {
      const samples = await finished(engine, job);
      process.stdout.write(`${PORTABLE}: a case of its own, samples in it: ${samples ?? 0}\n`);
    } catch (error) {
      if (!(error instanceof BezoarError && error.code === 'export/nothing')) throw error;
      process.stdout.write(`${PORTABLE}: left out. ${error.message}\n`);
    }
    const run = (await invoke(engine, 'monitor/list', {})).at(-1);
    const of = { 'alerts-json': run?.id, 'baseline-json': run?.baseline } as const;
    for (const [kind, name] of Object.entries(monitoringNames) as [MonitoringExportKind, string][]) {
      const number = of[kind];
      if (number === undefined) continue;
      const target = grantFile(engine.grants, join(out, name), 'write');
      const written = await invoke(engine, 'export/monitoring', { kind, of: number, target });
      process.stdout.write(`${name}: ${written.bytes} bytes, SHA-256 ${written.sha256}\n`);
    }
    return 0;
  });
}

/** @throws BezoarError usage */
function parseExportArguments(argv: readonly string[]): { path: string; out: string } {
  try {
    const options = { out: { type: 'string' } } as const;
    const { positionals, values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options,
    });
    const path = namedCase(positionals, EXPORT_USAGE);
    if (values.out === undefined)
      throw new BezoarError('usage', `export needs --out: the folder for the files.\nUsage: ${EXPORT_USAGE}`);
    return { path, out: resolve(values.out) };
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${EXPORT_USAGE}`);
  }
}
