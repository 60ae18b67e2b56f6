import { Button } from '@blueprintjs/core';
import { formatDuration } from '../../components/number-format.ts';
import type { StartedJob } from '../../state/started-job.ts';

/** The job that was started here, while it is at work. */
export function JobLine(props: { readonly started: StartedJob }) {
  const { job, cancel } = props.started;
  if (job === null) return null;
  const rest =
    job.estimateSeconds === null
      ? ''
      : `, about ${formatDuration(1000 * Math.ceil(job.estimateSeconds))} left`;
  return (
    <span className="bz-job-line" role="status">
      <progress value={job.fraction} max={1} aria-label={job.title} />
      <span className="bz-number">
        {Math.floor(100 * job.fraction)} %{rest}
      </span>
      <Button size="small" variant="minimal" text="Cancel" onClick={cancel} />
    </span>
  );
}
