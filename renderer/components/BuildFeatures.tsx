import { Button } from '@blueprintjs/core';
import { isAtWork } from '../state/job-news.ts';
import { currentHost } from '../state/host-context.ts';
import { useCall, useJobs } from '../state/queries.ts';
import { sayFailure } from '../state/toasts.ts';

/** Offers built-in features where the samples have no activations and something to make them of. */
export function BuildFeatures() {
  const { data: plan } = useCall('scan/plan', {});
  const building = useJobs().some(
    (job) => (job.kind === 'features' || job.kind === 'import') && isAtWork(job),
  );
  if (plan?.canBuildFeatures !== true || plan.builtIn !== null) return null;
  return (
    <p className="bz-advice">
      There are no activations. Maps and scans can read built-in features in their place, which are not the
      model’s, of the images, texts or columns that there are.{' '}
      <Button
        size="small"
        text={building ? 'Being computed' : 'Compute built-in features'}
        disabled={building}
        onClick={() => {
          currentHost().call('evidence/build-features', {}).catch(sayFailure);
        }}
      />
    </p>
  );
}
