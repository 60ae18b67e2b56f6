import { expect, it } from 'vitest';
import type { CaseFile } from '../case/case-file.ts';
import { addCaseJob } from './case-job.ts';
import { createJobQueue } from './job-queue.ts';

it('does not run again in another case', async () => {
  const jobs = createJobQueue(() => undefined);
  // The job only compares the cases; nothing of them is read.
  const [first, second] = [{ name: 'first' }, { name: 'second' }] as unknown as CaseFile[];
  let open = first;
  const ran: string[] = [];
  const engine = { jobs, caseFile: () => open, caseOrNull: () => open };
  const { job } = addCaseJob(engine, {
    kind: 'scan',
    title: 'A scan',
    run: (caseFile) => {
      ran.push(caseFile.name);
      return Promise.reject(new Error('no'));
    },
  });
  expect((await jobs.ended(job)).state).toBe('failed');
  open = second;
  const again = await jobs.ended(jobs.retry(job));
  expect(again.failure).toMatchObject({ code: 'case/not-open' });
  expect(ran).toEqual(['first']);
});
