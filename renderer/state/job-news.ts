import type { Job } from '../../electron/contract/jobs.ts';
import type { Host } from '../../electron/contract/host.ts';
import { useScanOrder } from './scan-order.ts';
import { say } from './toasts.ts';
import { useViewState } from './view-state.ts';

/** Jobs that went from at work to ended between two lists. */
export function endedJobs(before: readonly Job[], now: readonly Job[]): Job[] {
  const atWork = new Set(before.filter(isAtWork).map(({ id }) => id));
  return now.filter((job) => atWork.has(job.id) && !isAtWork(job));
}

/** Queued or running. */
export function isAtWork(job: Job): boolean {
  return job.state === 'queued' || job.state === 'running';
}

const quiet: ReadonlySet<Job['kind']> = new Set(['map', 'cluster']);

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
    if (job.kind === 'scan') {
      useScanOrder.setState({ detectors: null });
      useViewState.getState().set({ scan: null, view: 'findings' });
    }
    if (!quiet.has(job.kind)) say(`${job.title}: done.`);
  } else if (job.state === 'failed') say(`${job.title}: ${job.failure?.sentence ?? 'failed.'}`, 'alarm');
  else if (job.state === 'interrupted') say(`${job.title} was interrupted. Run it again from the jobs list.`, 'caution');
  if (document.hidden && job.state !== 'cancelled') host.notify(job.title, job.state === 'done' ? 'Done' : 'Failed');
}
