import { ProgressBar } from '@blueprintjs/core';
import type { Job } from '../../../electron/contract/jobs.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatTime,
  plural,
} from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useJobs } from '../../state/queries.ts';
import { sayFailure } from '../../state/toasts.ts';
import { useViewState } from '../../state/view-state.ts';
import './jobs.css';

const words: Readonly<Record<Job['state'], { readonly shape: string; readonly tone: string }>> = {
  queued: { shape: '○', tone: 'quiet' },
  running: { shape: '▶', tone: 'selection' },
  done: { shape: '✓', tone: 'clean' },
  failed: { shape: '▲', tone: 'alarm' },
  cancelled: { shape: '✕', tone: 'quiet' },
  interrupted: { shape: '◆', tone: 'caution' },
};

function cancel(job: Job): void {
  currentHost().call('job/cancel', { job: job.id }).catch(sayFailure);
}

function retry(job: Job): void {
  currentHost().call('job/retry', { job: job.id }).catch(sayFailure);
}

/** 'Reading records, 24,000 of 60,000 rows, about 3 s left'. */
function progressOf(job: Job): string {
  const parts = [job.phase === '' ? 'Starting' : job.phase];
  if (job.itemsDone !== null && job.itemsTotal !== null) {
    parts.push(
      job.unit === 'bytes'
        ? `${formatBytes(job.itemsDone)} of ${formatBytes(job.itemsTotal)}`
        : `${formatCount(job.itemsDone)} of ${formatCount(job.itemsTotal)} ${job.unit}`,
    );
  }
  if (job.estimateSeconds !== null)
    parts.push(`about ${formatDuration(Math.max(1000, job.estimateSeconds * 1000))} left`);
  return parts.join(', ');
}

function JobLine(props: { readonly job: Job }) {
  const { job } = props;
  const word = words[job.state];
  const again = job.state === 'failed' || job.state === 'cancelled' || job.state === 'interrupted';
  const took = job.startedAtMs !== null && job.endedAtMs !== null ? job.endedAtMs - job.startedAtMs : null;
  return (
    <tr>
      <td className={`bz-tone-${word.tone} bz-job-state`}>
        <span aria-hidden="true">{word.shape}</span> {job.state}
      </td>
      <td>{job.title}</td>
      <td className="bz-job-progress">
        {isAtWork(job) ? (
          <>
            <ProgressBar value={job.fraction} stripes={false} animate={false} />
            <span>{progressOf(job)}</span>
          </>
        ) : (
          <span className={job.failure ? undefined : 'bz-quiet'}>{job.failure?.sentence ?? ''}</span>
        )}
      </td>
      <td className="bz-number bz-right">{took === null ? '' : formatDuration(took)}</td>
      <td className="bz-number">{job.startedAtMs === null ? '' : formatTime(job.startedAtMs)}</td>
      <td className="bz-right">
        {isAtWork(job) ? (
          <button
            type="button"
            className="bz-link"
            aria-label={`Cancel ${job.title}`}
            onClick={() => {
              cancel(job);
            }}
          >
            Cancel
          </button>
        ) : null}
        {again ? (
          <button
            type="button"
            className="bz-link"
            aria-label={`Run ${job.title} again`}
            onClick={() => {
              retry(job);
            }}
          >
            Run again
          </button>
        ) : null}
      </td>
    </tr>
  );
}

/** The bottom of the window: what is at work, always in one line; opened, all jobs. `null` is closed. */
export function JobsPanel(props: { readonly height: number | null }) {
  const jobs = useJobs();
  const togglePanel = useViewState((s) => s.togglePanel);
  const running = jobs.filter(isAtWork);
  const isOpen = props.height !== null;
  const [first] = running;
  const newest = [...jobs].sort((a, b) => (b.startedAtMs ?? Infinity) - (a.startedAtMs ?? Infinity));
  return (
    <section className="bz-jobs" aria-label="Jobs" style={{ height: props.height ?? undefined }}>
      <div className="bz-jobs-bar">
        <button
          type="button"
          className="bz-jobs-toggle"
          aria-expanded={isOpen}
          title="Ctrl+J"
          onClick={() => {
            togglePanel('jobs');
          }}
        >
          {isOpen ? '▾' : '▸'} Jobs
        </button>
        {first ? (
          <>
            <span className="bz-jobs-now">{first.title}</span>
            <ProgressBar className="bz-jobs-meter" value={first.fraction} stripes={false} animate={false} />
            <span className="bz-quiet bz-number" role="status">
              {progressOf(first)}
            </span>
            <button
              type="button"
              className="bz-link"
              onClick={() => {
                cancel(first);
              }}
            >
              Cancel
            </button>
            {running.length > 1 ? (
              <span className="bz-quiet">{plural(running.length - 1, 'job')} waiting</span>
            ) : null}
          </>
        ) : (
          <span className="bz-quiet">Nothing at work</span>
        )}
      </div>
      {isOpen ? (
        <div className="bz-jobs-list">
          {jobs.length === 0 ? (
            <p className="bz-quiet bz-jobs-none">Imports, scans and maps of this session are listed here.</p>
          ) : null}
          <table className="bz-table">
            <tbody>
              {newest.map((job) => (
                <JobLine key={job.id} job={job} />
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </section>
  );
}
