import { formatDuration, formatNumber, formatShare } from '../../components/number-format.ts';
import { useCall } from '../../state/queries.ts';
import type { Kpi } from '../../../electron/contract/monitor.ts';
import { lengthWords, timeSpan } from './alert-words.ts';

function valueWords(kpi: Kpi, value: number | null): string {
  if (value === null) return '–';
  if (kpi.unit === '1') return formatShare(value);
  if (kpi.unit === 'ms' && value >= 60_000) return lengthWords(value);
  if (kpi.unit === 's') return formatDuration(value * 1000);
  return `${formatNumber(value)}${kpi.unit === '' ? '' : ` ${kpi.unit}`}`;
}

/** The few numbers that one wants to know of any time: of all of it, or of what was brushed. */
export function Gauges(props: {
  readonly run: number;
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
}) {
  const { run, span } = props;
  const { data } = useCall('monitor/kpis', { run, fromMs: span?.fromMs ?? null, toMs: span?.toMs ?? null });
  if (!data) return null;
  return (
    <section aria-label="Gauges">
      <h2>
        {span ? timeSpan(span.fromMs, span.toMs) : 'The whole time'}{' '}
        <span className="bz-quiet">beside the baseline</span>
      </h2>
      <dl className="bz-gauges">
        {data.map((kpi) => (
          <div key={kpi.id} className="bz-gauge" title={kpi.sentence}>
            <dt>{kpi.title}</dt>
            <dd className="bz-number">{valueWords(kpi, kpi.value)}</dd>
            <dd className="bz-number bz-quiet">
              {kpi.baseline === null ? '\u00a0' : `was ${valueWords(kpi, kpi.baseline)}`}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
