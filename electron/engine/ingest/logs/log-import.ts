import { statSync } from 'node:fs';
import { BezoarError } from '../../../contract/errors.ts';
import type { LogMapping, LogRole } from '../../../contract/logs.ts';
import { Cancelled } from '../../../../native-workers/task.ts';
import type { CaseFile } from '../../case/case-file.ts';
import type { JobContext } from '../../jobs/job-queue.ts';
import { checkMapping } from './check-mapping.ts';
import { LogAssembly } from './log-assembly.ts';
import { logFiles } from './log-files.ts';
import { mappingInFile } from './mapping.ts';
import { parseFiles } from './parse-files.ts';

export interface LogPlan {
  /** Files and folders. */
  readonly paths: readonly string[];
  /** Files inside folders that are no part of the log, by their names. */
  readonly leaveOut?: readonly string[] | undefined;
  readonly role: LogRole;
  readonly name: string;
  readonly mapping: LogMapping;
  /** Lines that cannot be read are left out and counted; without it they refuse the whole import. */
  readonly acceptBadLines: boolean;
}

const SHOWN_BAD_LINES = 3;
const PHASE_MS = 200;

/**
 * Imports the files as one log, all or nothing: a worker reads, hashes and cuts them into blocks, others parse the blocks,
 * this thread puts them together in their order and writes in one transaction.
 * @param threads parsing workers
 * @returns the log
 * @throws BezoarError evidence/..., log/bad-lines, case/disk-full; Cancelled
 */
export async function importLog(
  caseFile: CaseFile,
  plan: LogPlan,
  context: JobContext,
  threads: number,
): Promise<number> {
  checkMapping(plan.mapping);
  // A mapping that was dropped along with them is in the plan already.
  const logs = logFiles(plan.paths).filter(({ path, name }) => mappingInFile(path, name) === null);
  const leftOut = new Set(plan.leaveOut?.filter((name) => name.includes('/')));
  const files = logs.filter(({ name }) => !leftOut.has(name));
  const total = Math.max(
    1,
    files.reduce((sum, { path }) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0),
  );
  context.phase('Reading and writing');
  const transaction = caseFile.beginLog();
  try {
    const assembly = new LogAssembly(transaction, plan.mapping, threads);
    const read: { size: number; sha256: string; compression: string | null }[] = [];
    let told = 0;
    await parseFiles(files, plan.mapping, threads, context, {
      file: ({ name, size, compression, header }) => {
        assembly.beginFile(name, header?.lines ?? 0);
        read.push({ size, compression, sha256: '' });
      },
      block: async (worker, block, bytes) => {
        await assembly.add(worker, block);
        if (!plan.acceptBadLines && assembly.badCount > 0) throw badLines(assembly);
        context.progress(Math.min(0.99, bytes / total), { done: bytes, total, unit: 'bytes' });
        if (Date.now() - told < PHASE_MS) return;
        told = Date.now();
        context.phase(`Reading and writing, ${assembly.rows} requests`);
      },
      endFile: (sha256, told) => {
        assembly.tell(told);
        read[read.length - 1].sha256 = sha256;
      },
    });
    assembly.tellFiles({
      leftOut: logs.filter(({ name }) => leftOut.has(name)).map(({ name }) => name),
      same: sameFiles(read.map(({ size, sha256 }, at) => ({ name: files[at].name, size, sha256 }))),
    });
    await assembly.finish();
    if (context.cancelled()) throw new Cancelled();
    if (assembly.rows === 0)
      throw new BezoarError(
        'evidence/malformed',
        `${files.length === 1 ? `${files[0].name} holds no request` : `None of the ${files.length} files holds a request`}. Nothing was imported. ` +
          [...assembly.oddities().map(({ sentence }) => sentence), 'Choose the files with the log.'].join(
            ' ',
          ),
      );
    context.phase('Keeping');
    const evidence = assembly.files.map(({ name, rows, badLines: bad }, at) => {
      const { size, sha256, compression } = read[at];
      const format = compression === null ? plan.mapping.format : `${plan.mapping.format}, ${compression}`;
      return transaction.addFile({ name, size, sha256, format, rows, badLines: bad });
    });
    const { log } = transaction;
    transaction.commit({
      role: plan.role,
      name: plan.name,
      mapping: plan.mapping,
      ...assembly.facts(evidence),
    });
    return log;
  } finally {
    // Without effect once committed.
    transaction.abandon();
  }
}

/** Names of files that hold the same bytes as one before them; empty ones do not count. */
function sameFiles(read: readonly { name: string; size: number; sha256: string }[]): string[] {
  const seen = new Set<string>();
  return read
    .filter(({ size, sha256 }) => size > 0 && seen.size === seen.add(sha256).size)
    .map(({ name }) => name);
}

function badLines(assembly: LogAssembly): BezoarError {
  const some = assembly.firstBadLines(SHOWN_BAD_LINES);
  return new BezoarError(
    'log/bad-lines',
    `${some.join('; ')}${assembly.badCount > some.length ? '; and more' : ''}. Nothing was imported. ` +
      'Correct the mapping, mend the file, or agree that lines that cannot be read are left out and counted.',
  );
}
