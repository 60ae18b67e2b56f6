import { parseArgs } from 'node:util';
import { BezoarError } from '../contract/errors.ts';
import { invoke } from '../engine/dispatch.ts';
import { namedCase, withCase } from './case-on-command-line.ts';

export const VERIFY_USAGE = 'verify CASE.bezoar';

/**
 * Recomputes the audit chain and the hash of every matrix of a case and says what it found.
 * @returns the exit code: 0 all agree, 1 something does not
 * @throws BezoarError usage, or the file is no case
 */
export function verifyCommand(argv: readonly string[]): Promise<number> {
  return withCase(parseVerifyArguments(argv), async (engine) => {
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
  });
}

/** @throws BezoarError usage */
export function parseVerifyArguments(argv: readonly string[]): string {
  try {
    const { positionals } = parseArgs({ args: [...argv], strict: true, allowPositionals: true, options: {} });
    return namedCase(positionals, VERIFY_USAGE);
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${VERIFY_USAGE}`);
  }
}
