import { useEffect, useEffectEvent, useState } from 'react';
import type { Job } from '../../electron/contract/jobs.ts';
import { currentHost } from './host-context.ts';
import { isAtWork } from './job-news.ts';
import { useJobs } from './queries.ts';
import { sayFailure } from './toasts.ts';

export interface StartedJob {
  /** The job while it is at work, else null. */
  readonly job: Job | null;
  start(this: void, starting: Promise<{ readonly job: string }>): void;
  cancel(this: void): void;
}

/** Follows one job that this view started; `onDone` gets the run that it made. */
export function useStartedJob(onDone: (result: number) => void): StartedJob {
  const [id, setId] = useState<string | null>(null);
  const job = useJobs().find((one) => one.id === id) ?? null;
  const ended = useEffectEvent((done: Job) => {
    setId(null);
    if (done.state === 'done' && done.result !== null) onDone(done.result);
  });
  useEffect(() => {
    if (job && !isAtWork(job)) ended(job);
  }, [job]);
  return {
    job: job && isAtWork(job) ? job : null,
    start: (starting) => {
      starting.then((started) => {
        setId(started.job);
      }, sayFailure);
    },
    cancel: () => {
      if (id !== null) currentHost().call('job/cancel', { job: id }).catch(sayFailure);
    },
  };
}
