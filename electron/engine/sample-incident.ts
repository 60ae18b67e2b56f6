import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BezoarError } from '../contract/errors.ts';
import type { EngineInstance } from './create-engine.ts';
import { invoke } from './dispatch.ts';
import { grantFile } from './grant-file.ts';
import { planImport } from './import-plan.ts';

const SAMPLE_CASE_NAME = 'Sample incident.bezoar';

/** The sample's files are known by name; anything else in the folder is left alone. */
const SAMPLE_FILES = /^(trusted-)?(activations|logits|images)\.npy$|^(trusted-)?records\.csv$/;
const SAMPLE_LOGS = [
  { file: 'baseline-log.jsonl.gz', role: 'baseline', name: 'Four good weeks' },
  { file: 'incident-log.jsonl.gz', role: 'log', name: 'The week in question' },
] as const;

/**
 * Opens the working case of the sample incident in its folder. Where it is not there yet, or its import was never
 * finished, the import is started; a scan is left to the analyst.
 */
export async function openSample(engine: EngineInstance, folder: string): Promise<void> {
  const path = join(folder, SAMPLE_CASE_NAME);
  if (existsSync(path)) await invoke(engine, 'case/open', { file: grantFile(engine.grants, path, 'read') });
  else await invoke(engine, 'case/create', { target: grantFile(engine.grants, path, 'write') });
  if (engine.caseFile().state().counts.evidence > 0) return;
  if (engine.journal.interrupted().length > 0) return;
  const names = readFolder(folder).filter((name) => SAMPLE_FILES.test(name));
  if (names.length === 0)
    throw new BezoarError(
      'evidence/unreadable',
      `The folder ${folder} holds no sample incident. An empty case was made in its place.`,
    );
  const files = names.map((name) => grantFile(engine.grants, join(folder, name), 'read'));
  const proposed = await invoke(engine, 'evidence/propose', { files });
  const proposals = proposed.files.map((file) => ({
    ...file,
    dataset: file.name.startsWith('trusted') ? ('trusted' as const) : ('investigated' as const),
  }));
  await invoke(engine, 'evidence/import', planImport(proposals));
  for (const { file, role, name } of SAMPLE_LOGS) {
    if (!existsSync(join(folder, file))) continue;
    const log = [grantFile(engine.grants, join(folder, file), 'read')];
    const { mapping } = await invoke(engine, 'log/propose', { files: log, mapping: null });
    await invoke(engine, 'log/import', { files: log, role, name, mapping, acceptBadLines: false });
  }
}

function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
