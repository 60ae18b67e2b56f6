import type { Job } from '../../electron/contract/jobs.ts';
import type { Host } from '../../electron/contract/host.ts';
import { useScanOrder } from './scan-order.ts';
import { say, sayFailure } from './toasts.ts';
import { useViewState } from './view-state.ts';

/** Jobs that ended between two lists; one that another engine left interrupted is news when it first appears. */
export function endedJobs(before: readonly Job[], now: readonly Job[]): Job[] {
  const known = new Map(before.map((job) => [job.id, job]));
  return now.filter((job) => {
    const earlier = known.get(job.id);
    if (isAtWork(job)) return false;
    return earlier === undefined ? job.state === 'interrupted' : isAtWork(earlier);
  });
}

/** Queued or running. */
export function isAtWork(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running';
}

const quiet: ReadonlySet<Job['kind']> = new Set(['map', 'cluster', 'compare']);

/** Says how jobs ended, in the window and, when nobody looks at it, on the desktop. */
export function tellEndedJobs(host: Host): void {
  let before: readonly Job[] = [];
  host.subscribe('jobs', (now) => {
    for (const job of endedJobs(before, now)) tell(host, job);
    before = now;
  });
}

function tell(host: Host, job: Job): void {
  if (job.state === 'done') {
    if (job.kind === 'import') useViewState.getState().go('evidence');
    if (job.kind === 'monitor')
      useViewState.getState().set({ monitorRun: null, span: null, alert: null, view: 'monitor' });
    if (job.kind === 'scan') {
      useScanOrder.setState({ detectors: null });
      useViewState.getState().set({ scan: null, view: 'findings' });
    }
    if (!quiet.has(job.kind)) say(`${job.title}: done.`);
  } else if (job.state === 'failed') say(`${job.title}: ${job.failure?.sentence ?? 'failed.'}`, 'alarm');
  else if (job.state === 'interrupted') {
    say(`${job.title} was interrupted. Nothing of it was kept.`, 'caution', {
      title: 'Run again',
      run: () => {
        host.call('job/retry', { job: job.id }).catch(sayFailure);
      },
    });
  }
  if (document.hidden && job.state !== 'cancelled')
    host.notify(job.title, job.state === 'done' ? 'Done' : 'Failed');
}
