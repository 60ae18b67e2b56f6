import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Engine } from '../engine.ts';
import type { JobContext, JobRequest } from './job-queue.ts';

/**
 * Queues a job on the open case. Run again after another case was opened, it fails instead of writing there.
 *
 * @throws BezoarError case/not-open
 */
export function addCaseJob(
  engine: Pick<Engine, 'caseFile' | 'caseOrNull' | 'jobs'>,
  request: Omit<JobRequest, 'run'> & {
    run: (caseFile: CaseFile, context: JobContext) => Promise<number | null>;
  },
): { job: string } {
  const caseFile = engine.caseFile();
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
