import { useEffect, useState } from 'react';
import { currentHost } from '../../state/host-context.ts';
import { isAtWork } from '../../state/job-news.ts';
import { useJobs } from '../../state/queries.ts';
import { followMovingMap } from './moving-map.ts';
import type { MovingMap } from './moving-map.ts';

/** The map that is being drawn; null when none is. */
export function useMovingMap(): MovingMap | null {
  const jobs = useJobs();
  const [map, setMap] = useState<MovingMap | null>(null);
  useEffect(() => followMovingMap(currentHost(), setMap), []);
  return map && jobs.some((job) => job.id === map.job && isAtWork(job)) ? map : null;
}
