import type { Monitor } from './define-monitor.ts';
import { adwin } from './monitors/adwin.ts';
import { categoricalColumns } from './monitors/categorical-columns.ts';
import { conceptDrift } from './monitors/concept-drift.ts';
import { costSpikes } from './monitors/cost-spikes.ts';
import { customaryRules } from './monitors/customary-rules.ts';
import { cusum } from './monitors/cusum.ts';
import { ddm } from './monitors/ddm.ts';
import { eddm } from './monitors/eddm.ts';
import { health } from './monitors/health.ts';
import { multivariate } from './monitors/multivariate.ts';
import { numericColumns } from './monitors/numeric-columns.ts';
import { oneOutputClusters } from './monitors/one-output-clusters.ts';
import { pageHinkley } from './monitors/page-hinkley.ts';
import { predictions } from './monitors/predictions.ts';
import { unfamiliarInputs } from './monitors/unfamiliar-inputs.ts';
import { unlikelyConfidence } from './monitors/unlikely-confidence.ts';

/** Every monitor, one line each. */
export const monitors: readonly Monitor[] = [
  predictions,
  numericColumns,
  categoricalColumns,
  multivariate,
  conceptDrift,
  cusum,
  pageHinkley,
  adwin,
  ddm,
  eddm,
  unlikelyConfidence,
  costSpikes,
  unfamiliarInputs,
  oneOutputClusters,
  health,
  customaryRules,
];

/**
 * Monitors by id.
 *
 * @throws Error when two share an id
 */
export function indexById(list: readonly Monitor[]): ReadonlyMap<string, Monitor> {
  const byId = new Map<string, Monitor>();
  for (const monitor of list) {
    if (byId.has(monitor.id)) throw new Error(`Two monitors are called ${monitor.id}.`);
    byId.set(monitor.id, monitor);
  }
  return byId;
}

const byId = indexById(monitors);

/** @throws Error for an unknown id */
export function monitorById(id: string): Monitor {
  const monitor = byId.get(id);
  if (monitor === undefined)
    throw new Error(`There is no monitor called ${id}. Known: ${[...byId.keys()].join(', ')}.`);
  return monitor;
}
