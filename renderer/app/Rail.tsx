import { Chart, Export, FolderOpen, Issue, Pulse, ScatterPlot, Th, TimelineEvents } from '@blueprintjs/icons';
import type { ComponentType } from 'react';
import { formatCount, formatTime, plural } from '../components/number-format.ts';
import {
  useCall,
  useCaseState,
  useInvestigated,
  useActiveScanId,
  useScans,
  useTrusted,
} from '../state/queries.ts';
import { useReviewCounts } from '../state/review.ts';
import { useSelection } from '../state/selection.ts';
import { useViewState } from '../state/view-state.ts';
import type { ViewId } from '../state/view-state.ts';
import { views } from './view-registry.ts';

const icons: Readonly<Record<ViewId, ComponentType<{ size?: number }>>> = {
  evidence: FolderOpen,
  findings: Issue,
  map: ScatterPlot,
  suspects: Th,
  spectrum: Chart,
  monitor: Pulse,
  exports: Export,
  audit: TimelineEvents,
};

function useCounts(): Partial<
  Record<ViewId, { readonly text: string; readonly tone?: 'alarm' | 'caution' }>
> {
  const open = useCaseState();
  const scans = useScans();
  const active = useActiveScanId();
  const scan = scans.find(({ id }) => id === active);
  const maps = useCall('map/list', open ? {} : null).data;
  const exported = useCall('export/list', open ? {} : null).data;
  const review = useReviewCounts();
  const alerts = (useCall('alert/list', open ? { run: null } : null).data ?? []).filter(
    ({ state }) => state === 'open',
  );
  const grave = alerts.filter(({ severity }) => severity === 'error' || severity === 'critical').length;
  const alarms = scan?.alarms.length ?? 0;
  const structures = (scan?.structures.length ?? 0) - (scan?.known.length ?? 0);
  return {
    evidence: { text: formatCount(open?.counts.evidence ?? 0) },
    findings:
      alarms > 0
        ? { text: `▲ ${alarms}`, tone: 'alarm' }
        : structures > 0
          ? { text: `◆ ${structures}`, tone: 'caution' }
          : { text: scan ? '0' : '' },
    map: { text: maps && maps.length > 0 ? formatCount(maps.length) : '' },
    suspects: { text: review ? formatCount(review.total) : '' },
    monitor:
      grave > 0
        ? { text: `▲ ${grave}`, tone: 'alarm' }
        : { text: alerts.length > 0 ? `◆ ${alerts.length}` : '', tone: 'caution' },
    exports: { text: exported && exported.length > 0 ? formatCount(exported.length) : '' },
    audit: { text: formatCount(open?.auditCount ?? 0) },
  };
}

function Sets() {
  const investigated = useInvestigated();
  const trusted = useTrusted();
  const scans = useScans();
  const active = useActiveScanId();
  const set = useViewState((s) => s.set);
  const selected = useSelection((s) => s.rows.length);
  return (
    <div className="bz-rail-facts">
      <dl>
        <dt>Investigated</dt>
        <dd>{investigated ? plural(investigated.rows, 'sample') : 'nothing yet'}</dd>
        <dt>Classes</dt>
        <dd>{investigated ? formatCount(investigated.classes.length) : '–'}</dd>
        <dt>Trusted</dt>
        <dd>{trusted ? plural(trusted.rows, 'sample') : 'none'}</dd>
        <dt>Selected</dt>
        <dd>{formatCount(selected)}</dd>
      </dl>
      {scans.length > 0 ? (
        <label className="bz-rail-scan">
          <span>Scan shown</span>
          <select
            value={active ?? ''}
            onChange={(event) => {
              const id = Number(event.target.value);
              set({ scan: id === scans[0].id ? null : id });
            }}
          >
            {scans.map((scan) => (
              <option key={scan.id} value={scan.id}>
                {`#${scan.id}  ${formatTime(scan.startedAtMs)}${scan.stale ? '  (stale)' : ''}`}
              </option>
            ))}
          </select>
        </label>
      ) : null}
    </div>
  );
}

/** The left rail: where to go, with counts. `null` shows signs alone. */
export function Rail(props: { readonly width: number | null }) {
  const view = useViewState((s) => s.view);
  const go = useViewState((s) => s.go);
  const togglePanel = useViewState((s) => s.togglePanel);
  const counts = useCounts();
  const wide = props.width !== null;
  return (
    <nav
      className={wide ? 'bz-rail' : 'bz-rail bz-rail-narrow'}
      aria-label="Case"
      style={{ width: props.width ?? 44 }}
    >
      <ul>
        {views.map(({ id, title, key }) => {
          const Icon = icons[id];
          const count = counts[id];
          return (
            <li key={id}>
              <button
                type="button"
                className="bz-rail-item"
                aria-current={view === id ? 'page' : undefined}
                title={`${title} (G then ${key})`}
                onClick={() => {
                  go(id);
                }}
              >
                <Icon size={14} />
                <span className={wide ? undefined : 'bz-visually-hidden'}>{title}</span>
                {count && wide ? (
                  <span className={`bz-rail-count${count.tone ? ` bz-tone-${count.tone}` : ''}`}>
                    {count.text}
                  </span>
                ) : null}
              </button>
            </li>
          );
        })}
      </ul>
      <span className="bz-spring" />
      {wide ? <Sets /> : null}
      <button
        type="button"
        className="bz-rail-fold"
        title="Ctrl+B"
        aria-expanded={wide}
        onClick={() => {
          togglePanel('rail');
        }}
      >
        {wide ? '« Fold' : <span aria-label="Unfold the rail">»</span>}
      </button>
    </nav>
  );
}
