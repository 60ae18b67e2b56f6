import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext, JobRequest } from './job-queue.ts';

/** What needs the whole of the evidence. */
const needsAll: ReadonlySet<JobRequest['kind']> = new Set([
  'import',
  'features',
  'scan',
  'map',
  'cluster',
  'corroborate',
]);

/** @throws BezoarError case/portable */
export function refusePortable({ portable }: Pick<CaseFile, 'portable'>, what: string): void {
  if (portable)
    throw new BezoarError(
      'case/portable',
      `This is a portable case with ${portable.samples.toLocaleString('en-US')} of ${portable.of.toLocaleString('en-US')} samples of ${portable.caseName}. ` +
        `${what} needs all of them. Nothing was started. Do it in the whole case.`,
    );
}

/**
 * Queues a job on the open case. Run again after another case was opened, it fails instead of writing there.
 *
 * @throws BezoarError case/not-open; case/portable for what needs the whole of the evidence
 */
export function addCaseJob(
  engine: Pick<Engine, 'caseFile' | 'caseOrNull' | 'jobs'>,
  request: Omit<JobRequest, 'run'> & {
    run: (caseFile: CaseFile, context: JobContext) => Promise<number | null>;
  },
): { job: string } {
  const caseFile = engine.caseFile();
  if (needsAll.has(request.kind)) refusePortable(caseFile, request.title);
  const job = engine.jobs.add({
    ...request,
    run: async (context) => {
      if (engine.caseOrNull() !== caseFile)
        throw new BezoarError(
          'case/not-open',
          'This job belongs to a case that is no longer open. Nothing was started. Open that case and start it there.',
        );
      return await request.run(caseFile, context);
    },
  });
  return { job };
}
