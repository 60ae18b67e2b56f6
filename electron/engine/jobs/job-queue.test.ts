import { describe, expect, it } from 'vitest';
import { Cancelled } from '../../../native-workers/task.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Job } from '../../contract/jobs.ts';
import { createJobQueue, estimateSeconds, type JobContext, type JobRequest } from './job-queue.ts';

const request = (run: JobRequest['run'], title = 'A job'): JobRequest => ({ kind: 'scan', title, run });

/** A job that runs until it is let go or cancelled. */
function held() {
  let letGo: (row: number) => void = () => undefined;
  let started: (context: JobContext) => void = () => undefined;
  const running = new Promise<JobContext>((resolve) => (started = resolve));
  const run: JobRequest['run'] = (context) =>
    new Promise((resolve, reject) => {
      letGo = resolve;
      context.onCancel(() => {
        reject(new Cancelled());
      });
      started(context);
    });
  return { run, running, letGo: (row: number) => letGo(row) };
}

describe('the job queue', () => {
  it('runs one job at a time, in the order they came', async () => {
    const queue = createJobQueue(() => undefined);
    const first = held();
    const order: string[] = [];
    const a = queue.add(request(first.run, 'first'));
    const b = queue.add(
      request(() => {
        order.push('second');
        return Promise.resolve(null);
      }, 'second'),
    );
    await first.running;
    expect(queue.list().map((job) => job.state)).toEqual(['running', 'queued']);
    order.push('first');
    first.letGo(7);
    expect(await queue.ended(a)).toMatchObject({ state: 'done', fraction: 1, result: 7, failure: null });
    await queue.idle();
    expect((await queue.ended(b)).state).toBe('done');
    expect(order).toEqual(['first', 'second']);
  });

  it('leaves the thread to who added the job before it starts', async () => {
    const queue = createJobQueue(() => undefined);
    let isOnRecord = false;
    const id = queue.add(request(() => Promise.resolve(isOnRecord ? 1 : 0)));
    await Promise.resolve();
    isOnRecord = true;
    expect(await queue.ended(id)).toMatchObject({ state: 'done', result: 1 });
  });

  it('never lets the fraction fall and keeps the items', async () => {
    const queue = createJobQueue(() => undefined);
    const job = held();
    const id = queue.add(request(job.run));
    const context = await job.running;
    context.progress(0.5, { done: 3, total: 6, unit: 'rows' });
    context.progress(0.2);
    context.progress(Number.NaN);
    expect(queue.list()[0]).toMatchObject({ fraction: 0.5, itemsDone: 3, itemsTotal: 6, unit: 'rows' });
    context.progress(9);
    expect(queue.list()[0]?.fraction).toBe(1);
    job.letGo(1);
    await queue.ended(id);
  });

  it('publishes at each change of state and at most every 100 ms in between', async () => {
    const published: Job[][] = [];
    const queue = createJobQueue((jobs) => published.push(jobs));
    const job = held();
    const id = queue.add(request(job.run));
    const context = await job.running;
    const before = published.length;
    for (let i = 0; i < 1000; i++) context.progress(i / 1000);
    expect(published.length).toBe(before);
    context.phase('reading');
    expect(published.length).toBe(before + 1);
    expect(published.at(-1)?.[0]).toMatchObject({ phase: 'reading', fraction: 0.999 });
    job.letGo(1);
    await queue.ended(id);
    expect(published.map((jobs) => jobs[0]?.state)).toEqual(['queued', 'running', 'running', 'done']);
  });

  it('cancels a running job and a waiting one; both can be run again', async () => {
    const queue = createJobQueue(() => undefined);
    const job = held();
    let runs = 0;
    const a = queue.add(request(job.run));
    const b = queue.add(request(() => Promise.resolve((runs += 1))));
    const context = await job.running;
    queue.cancel(b);
    expect((await queue.ended(b)).state).toBe('cancelled');
    queue.cancel(a);
    expect(context.cancelled()).toBe(true);
    expect(Atomics.load(context.cancelFlag, 0)).toBe(1);
    expect((await queue.ended(a)).state).toBe('cancelled');
    expect(runs).toBe(0);
    const again = queue.retry(b);
    expect(await queue.ended(again)).toMatchObject({ state: 'done', result: 1 });
    expect(() => queue.retry(again)).toThrow(/Only a job that failed/);
  });

  it('tells an expected failure, a bug and a cancelled task apart', async () => {
    const bugs: unknown[] = [];
    const queue = createJobQueue(
      () => undefined,
      (error) => bugs.push(error),
    );
    const fails = (error: Error) => queue.ended(queue.add(request(() => Promise.reject(error))));
    expect((await fails(new BezoarError('case/disk-full', 'The disk is full.'))).failure).toEqual({
      code: 'case/disk-full',
      sentence: 'The disk is full.',
    });
    expect((await fails(new Cancelled())).state).toBe('cancelled');
    expect(bugs).toEqual([]);
    const bug = await fails(new TypeError('x is undefined'));
    expect(bug).toMatchObject({ state: 'failed', failure: { code: 'engine/bug' } });
    expect(bug.failure?.sentence).toMatch(/Save the log/);
    expect(bugs).toHaveLength(1);
  });

  it('remembers the last 50 ended jobs and says so for an older one', async () => {
    const queue = createJobQueue(() => undefined);
    for (let i = 0; i < 60; i++) await queue.ended(queue.add(request(() => Promise.resolve(i))));
    expect(queue.list()).toHaveLength(50);
    expect(queue.list()[0]?.result).toBe(10);
    expect(() => queue.cancel('job-1')).toThrow(BezoarError);
  });

  it('estimates from 5 % or one second on', () => {
    expect(estimateSeconds(500, 0.04)).toBeNull();
    expect(estimateSeconds(500, 0.05)).toBeCloseTo(9.5);
    expect(estimateSeconds(2000, 0.01)).toBeCloseTo(198);
    expect(estimateSeconds(2000, 0)).toBeNull();
    expect(estimateSeconds(2000, 1)).toBe(0);
  });
});
