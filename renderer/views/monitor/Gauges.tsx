import { formatDuration, formatNumber, formatShare } from '../../components/number-format.ts';
import { useCall } from '../../state/queries.ts';
import type { Kpi } from '../../../electron/contract/monitor.ts';
import { lengthWords, timeSpan } from './alert-words.ts';

/** A value and, where the value does not carry it, its unit. */
function measured({ unit }: Kpi, value: number): { readonly text: string; readonly unit: string } {
  if (unit === '1' || unit === '')
    return { text: unit === '1' ? formatShare(value) : formatNumber(value), unit: '' };
  if (unit === 'ms' && value >= 60_000) return { text: lengthWords(value), unit: '' };
  if (unit === 'h') return { text: formatDuration(value * 3_600_000), unit: '' };
  if (unit === 'ms') return { text: `${formatNumber(value)} ms`, unit: '' };
  return { text: formatNumber(value), unit };
}

function Gauge(props: { readonly kpi: Kpi }) {
  const { kpi } = props;
  const now = kpi.value === null ? { text: '–', unit: '' } : measured(kpi, kpi.value);
  const before = kpi.baseline === null ? null : `was ${measured(kpi, kpi.baseline).text}`;
  return (
    <div className="bz-gauge" title={kpi.sentence}>
      <dt>{kpi.title}</dt>
      <dd className="bz-number">{now.text}</dd>
      <dd className="bz-number bz-quiet">{[now.unit, before].filter(Boolean).join(', ')}</dd>
    </div>
  );
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
          <Gauge key={kpi.id} kpi={kpi} />
        ))}
      </dl>
    </section>
  );
}
