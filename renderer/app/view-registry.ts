import { lazy } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';
import type { ViewId } from '../state/view-state.ts';

type View = LazyExoticComponent<ComponentType>;

interface ViewEntry {
  readonly id: ViewId;
  readonly title: string;
  /** Pressed after G. */
  readonly key: string;
  /** Whether the inspector of the current sample stands beside it. */
  readonly inspects: boolean;
  readonly View: View;
}

/** The views in the order of the rail: one line a view. */
export const views: readonly ViewEntry[] = [
  {
    id: 'evidence',
    title: 'Evidence',
    key: 'E',
    inspects: false,
    View: lazy(async () => ({ default: (await import('../views/evidence/EvidenceView.tsx')).EvidenceView })),
  },
  {
    id: 'findings',
    title: 'Findings',
    key: 'F',
    inspects: false,
    View: lazy(async () => ({ default: (await import('../views/findings/FindingsView.tsx')).FindingsView })),
  },
  {
    id: 'map',
    title: 'Map',
    key: 'M',
    inspects: true,
    View: lazy(async () => ({ default: (await import('../views/map/MapView.tsx')).MapView })),
  },
  {
    id: 'suspects',
    title: 'Suspects',
    key: 'S',
    inspects: true,
    View: lazy(async () => ({ default: (await import('../views/suspects/SuspectsView.tsx')).SuspectsView })),
  },
  {
    id: 'spectrum',
    title: 'Spectrum',
    key: 'P',
    inspects: true,
    View: lazy(async () => ({ default: (await import('../views/spectrum/SpectrumView.tsx')).SpectrumView })),
  },
  {
    id: 'monitor',
    title: 'Monitor',
    key: 'O',
    inspects: false,
    View: lazy(async () => ({ default: (await import('../views/monitor/MonitorView.tsx')).MonitorView })),
  },
  {
    id: 'exports',
    title: 'Exports',
    key: 'X',
    inspects: false,
    View: lazy(async () => ({ default: (await import('../views/exports/ExportsView.tsx')).ExportsView })),
  },
  {
    id: 'audit',
    title: 'Audit',
    key: 'A',
    inspects: false,
    View: lazy(async () => ({ default: (await import('../views/audit/AuditView.tsx')).AuditView })),
  },
];

/** The panel on the right. */
export const Inspector: View = lazy(async () => ({
  default: (await import('../views/inspector/Inspector.tsx')).Inspector,
}));
