import { describe, expect, it } from 'vitest';
import type { Job } from '../../electron/contract/jobs.ts';
import { endedJobs } from './job-news.ts';

const job = (id: string, state: Job['state']): Job => ({
  id,
  kind: 'scan',
  title: 'Scan',
  state,
  phase: '',
  fraction: 0,
  itemsDone: null,
  itemsTotal: null,
  unit: '',
  startedAtMs: 0,
  endedAtMs: null,
  estimateSeconds: null,
  failure: null,
  result: null,
});

describe('endedJobs', () => {
  it('are those that were at work before and are not now', () => {
    const before = [job('a', 'running'), job('b', 'queued'), job('c', 'done'), job('d', 'running')];
    const now = [job('a', 'done'), job('b', 'cancelled'), job('c', 'done'), job('d', 'running')];
    expect(endedJobs(before, now).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('are no old jobs of a case that is opened, but what was interrupted there', () => {
    const now = [job('a', 'done'), job('b', 'failed'), job('c', 'interrupted')];
    expect(endedJobs([], now).map(({ id }) => id)).toEqual(['c']);
    expect(endedJobs(now, now)).toEqual([]);
  });
});
