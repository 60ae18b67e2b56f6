import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BezoarError } from '../contract/errors.ts';
import { createEngine } from '../engine/create-engine.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const VERIFY_USAGE = 'verify CASE.bezoar';

/**
 * Recomputes the audit chain and the hash of every matrix of a case and says what it found.
 * @returns the exit code: 0 all agree, 1 something does not
 * @throws BezoarError usage, or the file is no case
 */
export async function verifyCommand(argv: readonly string[]): Promise<number> {
  const path = parseVerifyArguments(argv);
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
    const chain = await invoke(engine, 'audit/verify', {});
    process.stdout.write(`${chain.sentence}\n`);
    let whole = chain.ok;
    const { datasets, matrices } = engine.caseFile();
    for (const dataset of datasets.list())
      for (const matrix of dataset.matrices) {
        const found = matrices.hash(matrix);
        const name = `${dataset.role} ${matrix.role}, ${matrix.shape.join(' x ')} ${matrix.dtype}`;
        if (found === matrix.sha256) process.stdout.write(`${name}: as imported, SHA-256 ${found}.\n`);
        else {
          whole = false;
          process.stdout.write(
            `${name}: not as imported. Its hash was ${matrix.sha256} and is ${found}. Do not rely on this case.\n`,
          );
        }
      }
    return whole ? 0 : 1;
  } finally {
    await engine.close();
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @throws BezoarError usage */
export function parseVerifyArguments(argv: readonly string[]): string {
  let positionals: string[];
  try {
    ({ positionals } = parseArgs({ args: [...argv], strict: true, allowPositionals: true, options: {} }));
  } catch (error) {
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${VERIFY_USAGE}`);
  }
  const [named, ...more] = positionals;
  if (named === undefined || more.length > 0)
    throw new BezoarError('usage', `verify takes one case file.\nUsage: ${VERIFY_USAGE}`);
  if (!(statSync(named, { throwIfNoEntry: false })?.isFile() ?? false))
    throw new BezoarError('usage', `There is no file ${named}. Check its name.`);
  return resolve(named);
}
