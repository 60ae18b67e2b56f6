import { z } from 'zod';
import { create } from 'zustand';

const viewIds = [
  'evidence',
  'findings',
  'map',
  'suspects',
  'spectrum',
  'monitor',
  'exports',
  'audit',
] as const;
export type ViewId = (typeof viewIds)[number];

/** Panel sizes in CSS pixels as they stand after a double click on their divider. */
export const panelDefaults = { rail: 220, inspector: 340, jobs: 180 } as const;
type Panel = keyof typeof panelDefaults;

/** What the window looked like; saved with the case and restored on reopening. Unknown or broken parts fall back. */
export const SavedView = z.object({
  view: z.enum(viewIds).catch('findings'),
  /** null: the newest. */
  scan: z.number().int().nullable().catch(null),
  map: z.number().int().nullable().catch(null),
  clustering: z.number().int().nullable().catch(null),
  colourBy: z.enum(['label', 'predicted', 'cluster', 'score', 'verdict']).catch('label'),
  /** Whose score colours the map: a detector's id, null for the ranking of the scan. */
  scoreOf: z.string().nullable().catch(null),
  mapTool: z.enum(['lasso', 'rectangle', 'pan']).catch('lasso'),
  /** Where each map was left, by map id; a map without one is fitted. */
  cameras: z
    .record(z.string(), z.object({ centreX: z.number(), centreY: z.number(), scale: z.number().positive() }))
    .catch({}),
  suspectsAs: z.enum(['table', 'gallery']).catch('table'),
  /** Which rows the Suspects view shows. */
  suspectFilter: z
    .object({
      rows: z.enum(['suspects', 'selection', 'all']).catch('suspects'),
      classIndex: z.number().int().nullable().catch(null),
      verdict: z.enum(['any', 'none', 'poison', 'clean', 'unsure']).catch('any'),
      /** A detector's id: only what it put forward. */
      method: z.string().nullable().catch(null),
    })
    .catch({ rows: 'suspects', classIndex: null, verdict: 'any', method: null }),
  suspectSort: z
    .object({ column: z.string(), descending: z.boolean() })
    .catch({ column: 'rank', descending: false }),
  hiddenColumns: z.array(z.string()).catch([]),
  /** Columns that are hidden until they are asked for, and were. */
  shownColumns: z.array(z.string()).catch([]),
  search: z.string().catch(''),
  /** Class and detector that the Spectrum view shows. */
  spectrumClass: z.number().int().nullable().catch(null),
  spectrumDetector: z.string().nullable().catch(null),
  /** The monitor run shown; null: the newest. */
  monitorRun: z.number().int().nullable().catch(null),
  lane: z.enum(['hour', 'day']).catch('hour'),
  /** Metrics of the timeline by id; empty: the one that says most. */
  metrics: z.array(z.string()).catch([]),
  /** The time that is looked at in the monitor, milliseconds since 1970 UTC, `toMs` exclusive; null: all of it. */
  span: z.object({ fromMs: z.number(), toMs: z.number() }).nullable().catch(null),
  /** The alert whose requests are shown. */
  alert: z.number().int().nullable().catch(null),
  panels: z
    .object({
      rail: z.number().min(48).max(480),
      inspector: z.number().min(240).max(720),
      jobs: z.number().min(80).max(600),
    })
    .catch({ ...panelDefaults }),
  open: z
    .object({ rail: z.boolean(), inspector: z.boolean(), jobs: z.boolean() })
    .catch({ rail: true, inspector: true, jobs: false }),
});
export type SavedView = z.infer<typeof SavedView>;

interface ViewState extends SavedView {
  go(this: void, view: ViewId): void;
  /** Changes any part: `set({ colourBy: 'score' })`. */
  set(this: void, part: Partial<SavedView>): void;
  setSuspectFilter(this: void, part: Partial<SavedView['suspectFilter']>): void;
  resizePanel(this: void, panel: Panel, size: number): void;
  togglePanel(this: void, panel: Panel): void;
}

export const useViewState = create<ViewState>()((set) => ({
  ...SavedView.parse({}),
  go: (view) => {
    set({ view });
  },
  set: (part) => {
    set(part);
  },
  setSuspectFilter: (part) => {
    set((s) => ({ suspectFilter: { ...s.suspectFilter, ...part } }));
  },
  resizePanel: (panel, size) => {
    set((s) => ({ panels: { ...s.panels, [panel]: size } }));
  },
  togglePanel: (panel) => {
    set((s) => ({ open: { ...s.open, [panel]: !s.open[panel] } }));
  },
}));

/** Only what is saved, without the functions. */
export function savedViewOf(state: ViewState): SavedView {
  return SavedView.parse(state);
}
