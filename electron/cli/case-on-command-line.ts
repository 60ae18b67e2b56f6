import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { BezoarError } from '../contract/errors.ts';
import type { EngineInstance } from '../engine/create-engine.ts';
import { createEngine } from '../engine/create-engine.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The one case file that a command takes. @throws BezoarError usage, with the command's own usage line */
export function namedCase(positionals: readonly string[], usage: string): string {
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0)
    throw new BezoarError('usage', `Name one case file.\nUsage: ${usage}`);
  if (!(statSync(named, { throwIfNoEntry: false })?.isFile() ?? false))
    throw new BezoarError('usage', `There is no file ${named}. Check its name.`);
  return resolve(named);
}

/** Opens a case for one command and closes it whatever happens. @throws BezoarError when the file is no case */
export async function withCase<T>(path: string, work: (engine: EngineInstance) => Promise<T>): Promise<T> {
  const temporary = temporaryFolder();
  const engine = createEngine({
    userData: temporary,
    threads: 1,
    kernels: null,
    publish: () => undefined,
    onCase: () => undefined,
    log: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    await invoke(engine, 'case/open', { file: grantFile(engine.grants, path, 'read') });
    return await work(engine);
  } finally {
    await engine.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}
