import { bandOf } from '../../../native-workers/drift/measure-windows.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { HeatMap, Lane, Series } from '../../contract/monitor.ts';
import type { RunView } from './run-view.ts';

/** 95 % of normally spread windows lie within so many deviations. */
const Z_95 = 1.959963984540054;

const orNull = (values: Float64Array): (number | null)[] =>
  Array.from(values, (value) => (Number.isFinite(value) ? value : null));

function windowsOf(view: RunView, lane: Lane): Series['windows'] {
  const of = (array: 'start' | 'end' | 'rows'): number[] => Array.from(view.array(lane, array));
  return { start: of('start'), end: of('end'), rows: of('rows') };
}

/**
 * Metrics of a run window by window, with the band in which 95 % of the baseline's windows of that hour or weekday lie.
 * @throws BezoarError engine/bad-request for a metric that the run does not have
 */
export function runSeries(view: RunView, lane: Lane, wanted: readonly string[]): Series {
  const { caseFile, run, result } = view;
  const { metrics } = result;
  const windows = windowsOf(view, lane);
  const size = windows.start.length;
  const values = view.array(lane, 'values');
  const bands = caseFile.baselines.profile(run.baseline)?.bands ?? [];
  return {
    windows,
    series: wanted.map((metric) => {
      const at = metrics.findIndex((one) => one.id === metric);
      if (at < 0)
        throw new BezoarError(
          'engine/bad-request',
          `Run ${run.id} has no metric “${metric}”. Choose one of those it lists.`,
        );
      const band = bands.find((one) => one.metric === metric)?.[lane];
      const bound = (sign: 1 | -1): (number | null)[] | null => {
        if (band === undefined) return null;
        const unit = metrics[at].unit;
        return windows.start.map((start) => {
          const place = bandOf(lane, start);
          const [mean, sd] = [band.mean[place] ?? null, band.sd[place] ?? null];
          if (mean === null || sd === null) return null;
          const edge = mean + sign * Z_95 * sd;
          return unit === 'share' ? Math.min(1, Math.max(0, edge)) : edge;
        });
      };
      return {
        metric,
        values: orNull(values.subarray(at * size, (at + 1) * size)),
        lower: bound(-1),
        upper: bound(1),
      };
    }),
  };
}

/** How far each column lies from the baseline, window by window. */
export function runHeatMap(view: RunView, lane: Lane): HeatMap {
  const { effects: names } = view.result;
  const windows = windowsOf(view, lane);
  const size = windows.start.length;
  const effects = view.array(lane, 'effects');
  const p = view.array(lane, 'p');
  return {
    windows,
    rows: names.map((name, at) => ({
      ...name,
      values: orNull(effects.subarray(at * size, (at + 1) * size)),
      pValues: orNull(p.subarray(at * size, (at + 1) * size)),
    })),
  };
}
