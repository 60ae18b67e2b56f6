import type { NumericRole } from '../../../native-workers/drift/event-table.ts';
import { metricId, type WindowMetric } from '../../../native-workers/drift/measure-windows.ts';
import type { Metric } from '../../contract/monitor.ts';

const groupOfRole = {
  confidence: 'confidence',
  score: 'confidence',
  latency: 'latency',
  resource: 'resources',
  feature: 'features',
} as const satisfies Record<NumericRole, Metric['group']>;

export const groupOf = (role: NumericRole): Metric['group'] => groupOfRole[role];

/** The evidence of the default alarm: no metric of the log itself. */
export const ALARM_METRIC: Metric = {
  id: 'alarm',
  title: 'Evidence of a change (ln)',
  unit: '',
  group: 'alarm',
  subject: null,
  band: false,
};

/** How a metric is shown. */
export function metricOf(metric: WindowMetric, bands: ReadonlySet<string>): Metric {
  const id = metricId(metric);
  const named = (title: string, unit: string, group: Metric['group'], subject: string | null): Metric => ({
    id,
    title,
    unit,
    group,
    subject,
    band: bands.has(id),
  });
  switch (metric.kind) {
    case 'volume':
      return named('Requests', 'requests', 'volume', null);
    case 'accuracy':
      return named('Accuracy', 'share', 'performance', null);
    case 'labelled':
      return named('Labelled requests', 'requests', 'performance', null);
    case 'share':
      return named(`Share of ${metric.className}`, 'share', 'predictions', metric.className);
    case 'level':
      return named(`${metric.column}: ${metric.level}`, 'share', 'categories', metric.column);
    case 'number':
      return named(
        `${metric.column}, ${metric.statistic === 'mean' ? 'mean' : metric.statistic === 'p50' ? 'median' : metric.statistic}`,
        metric.role === 'latency' ? 'ms' : '',
        groupOfRole[metric.role],
        metric.column,
      );
    case 'missing':
      return named(
        `Missing ${metric.column === '' ? 'prediction' : metric.column}`,
        'share',
        'missing',
        metric.column === '' ? null : metric.column,
      );
  }
}
