import { parseArgs } from 'node:util';
import type { Comparison } from '../contract/comparison.ts';
import { BezoarError } from '../contract/errors.ts';
import { invoke } from '../engine/dispatch.ts';
import { grantFile } from '../engine/grant-file.ts';
import { namedCase, withCase } from './case-on-command-line.ts';
import { finished } from './finished-job.ts';

export const COMPARE_USAGE = 'compare CASE.bezoar OTHER.bezoar [--json]';

const where = { both: 'in both', ours: 'only here', theirs: 'only there' } as const;

/** Names and texts of the other case may be made to steer a terminal. */
const printable = (line: string): string => line.replace(/\p{Cc}/gu, '?');

function lines(comparison: Comparison): string[] {
  const { file, other, evidence, matching, verdicts, notes } = comparison;
  const { poison, clean, unsure } = verdicts.fresh;
  return [
    `${file.name}: ${file.size} bytes, SHA-256 ${file.sha256}, audit head ${other.auditHead}.`,
    ...(other.portable === null
      ? []
      : [
          `A portable case: ${other.portable.samples} of ${other.portable.of} samples of ${other.portable.caseName}.`,
        ]),
    other.auditSentence,
    ...evidence.map(
      (one) => `${where[one.where]}: ${one.set} ${one.role}, ${one.name}, SHA-256 ${one.sha256}`,
    ),
    matching.sentence,
    `Decided there: ${verdicts.theirs}. Not decided here: ${poison + clean + unsure} (${poison} poison, ${clean} clean, ${unsure} unsure). ` +
      `Agree: ${verdicts.agree}. Conflicts: ${verdicts.conflicts}. Only here: ${verdicts.onlyOurs}. ` +
      `Not found here: ${verdicts.unmatched}. With another label here: ${verdicts.relabelled}. Notes there: ${notes}.`,
  ];
}

/**
 * Holds another case against one and says what is the same and what differs; changes nothing in either.
 * @returns the exit code: 0, or 1 when the other case fails its check
 * @throws BezoarError usage, or a file is no case
 */
export function compareCommand(argv: readonly string[]): Promise<number> {
  const { path, other, json } = parseCompareArguments(argv);
  return withCase(path, async (engine) => {
    const file = grantFile(engine.grants, other, 'read');
    const { job } = await invoke(engine, 'comparison/start', { file });
    const id = (await finished(engine, job)) ?? 0;
    const comparison = await invoke(engine, 'comparison/get', { comparison: id });
    process.stdout.write(
      `${json ? JSON.stringify(comparison, null, 2) : lines(comparison).map(printable).join('\n')}\n`,
    );
    return comparison.other.auditHolds ? 0 : 1;
  });
}

/** @throws BezoarError usage */
function parseCompareArguments(argv: readonly string[]): { path: string; other: string; json: boolean } {
  try {
    const options = { json: { type: 'boolean' } } as const;
    const { positionals, values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options,
    });
    const path = namedCase(positionals.slice(0, 1), COMPARE_USAGE);
    return { path, other: namedCase(positionals.slice(1), COMPARE_USAGE), json: values.json ?? false };
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    throw new BezoarError('usage', `${(error as Error).message}\nUsage: ${COMPARE_USAGE}`);
  }
}
