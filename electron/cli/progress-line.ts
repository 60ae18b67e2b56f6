import type { WriteStream } from 'node:tty';
import type { Job } from '../contract/jobs.ts';

/** The running job on one line of a terminal; nothing where standard error is not one. */
export interface ProgressLine {
  show(jobs: readonly Job[]): void;
  clear(): void;
}

export function openProgressLine(stream: Pick<WriteStream, 'isTTY' | 'write'>): ProgressLine {
  let shown = '';
  const put = (text: string): void => {
    if (!stream.isTTY || text === shown) return;
    shown = text;
    stream.write(`\r\u001b[K${text}`);
  };
  return {
    show: (jobs) => {
      const job = jobs.find((one) => one.state === 'running');
      if (job !== undefined) put(`${job.title}: ${job.phase} ${Math.round(job.fraction * 100)} %`);
    },
    clear: () => {
      put('');
    },
  };
}
