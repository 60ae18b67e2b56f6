import type { Job } from '../../electron/contract/jobs.ts';
import type { ThemeName } from '../../electron/contract/settings.ts';
import type { Verdict } from '../../electron/contract/samples.ts';
import {
  chooseCase,
  chooseComparison,
  chooseEvidence,
  closeCase,
  newCase,
  openCase,
} from '../state/case-doors.ts';
import { useDialogs } from '../state/dialogs.ts';
import { useFocusRequests } from '../state/focus-request.ts';
import { isAtWork } from '../state/job-news.ts';
import { callKey } from '../state/queries.ts';
import { queryClient } from '../state/query-client.ts';
import { redoVerdict, setVerdictAtCursor, setVerdictOfSelection, undoVerdict } from '../state/review.ts';
import { startScan } from '../state/scan-order.ts';
import { useSelection } from '../state/selection.ts';
import { chooseTheme, useSettings } from '../state/settings.ts';
import { stepCursor, useSuspectOrder } from '../state/suspect-order.ts';
import { useToasts } from '../state/toasts.ts';
import { useViewState } from '../state/view-state.ts';
import type { SavedView } from '../state/view-state.ts';
import { views } from './view-registry.ts';

export type CommandGroup = 'Verdicts' | 'Walk' | 'Selection' | 'Go to' | 'Case' | 'Window';

/** Something the analyst can do by key, by palette, and find on the sheet. */
export interface Command {
  readonly id: string;
  readonly group: CommandGroup;
  readonly title: string;
  /** Chords as of keymap.ts; the first one is shown. */
  readonly keys: readonly string[];
  /** Whether it means anything now. */
  when(this: void): boolean;
  run(this: void): void;
}

const hasCase = (): boolean => openCase() !== null;
const hasSamples = (): boolean => (openCase()?.counts.investigated ?? 0) > 0;
const hasCursor = (): boolean => hasSamples() && useSelection.getState().cursor !== null;
const hasSelection = (): boolean => hasSamples() && useSelection.getState().rows.length > 0;
const always = (): boolean => true;
const isScanning = (): boolean =>
  (queryClient.getQueryData<Job[]>(callKey('job/list', {})) ?? []).some(
    (job) => job.kind === 'scan' && isAtWork(job),
  );

function verdictCommands(key: string, verdict: Verdict | null): Command[] {
  const id = verdict ?? 'none';
  const titleOf = (what: string): string =>
    verdict === null ? `Take the verdict of ${what} back` : `Mark ${what} ${verdict}`;
  return [
    {
      id: `verdict.${id}`,
      group: 'Verdicts',
      title: titleOf('this sample'),
      keys: [key],
      when: hasCursor,
      run: () => void setVerdictAtCursor(verdict),
    },
    {
      id: `verdict.${id}.selection`,
      group: 'Verdicts',
      title: titleOf('the whole selection'),
      keys: [`shift+${key}`],
      when: hasSamples,
      run: () => void setVerdictOfSelection(verdict),
    },
  ];
}

/** The sample that keys act on must be before the analyst's eyes. */
function showSample(): void {
  const { view, open, go, togglePanel } = useViewState.getState();
  if (!views.some(({ id, inspects }) => id === view && inspects)) go('suspects');
  if (!open.inspector) togglePanel('inspector');
}

function walk(delta: 1 | -1): void {
  showSample();
  stepCursor(delta);
}

function focusIn(view: SavedView['view'] | null, target: 'filter' | 'search' | 'note'): void {
  if (view !== null) useViewState.getState().go(view);
  if (target === 'note') showSample();
  useFocusRequests.getState().request(target);
}

const themes: readonly ThemeName[] = ['system', 'dark', 'light', 'contrast'];

/** Every command of the window: one table for keys, palette and sheet. */
export const commands: readonly Command[] = [
  ...verdictCommands('x', 'poison'),
  ...verdictCommands('c', 'clean'),
  ...verdictCommands('u', 'unsure'),
  ...verdictCommands('delete', null),
  {
    id: 'verdict.undo',
    group: 'Verdicts',
    title: 'Undo the last verdict',
    keys: ['ctrl+z'],
    when: hasSamples,
    run: () => void undoVerdict(),
  },
  {
    id: 'verdict.redo',
    group: 'Verdicts',
    title: 'Redo the verdict',
    keys: ['ctrl+shift+z', 'ctrl+y'],
    when: hasSamples,
    run: () => void redoVerdict(),
  },
  {
    id: 'walk.next',
    group: 'Walk',
    title: 'Next suspect',
    keys: ['j'],
    when: hasSamples,
    run: () => {
      walk(1);
    },
  },
  {
    id: 'walk.previous',
    group: 'Walk',
    title: 'Previous suspect',
    keys: ['k'],
    when: hasSamples,
    run: () => {
      walk(-1);
    },
  },
  {
    id: 'walk.note',
    group: 'Walk',
    title: 'Write a note on this sample',
    keys: ['n'],
    when: hasCursor,
    run: () => {
      focusIn(null, 'note');
    },
  },
  {
    id: 'walk.filter',
    group: 'Walk',
    title: 'Filter the suspects',
    keys: ['f'],
    when: hasSamples,
    run: () => {
      focusIn('suspects', 'filter');
    },
  },
  {
    id: 'walk.search',
    group: 'Walk',
    title: 'Find a sample by key, label or text',
    keys: ['/'],
    when: hasSamples,
    run: () => {
      focusIn('suspects', 'search');
    },
  },
  {
    id: 'selection.suspects',
    group: 'Selection',
    title: 'Select every suspect shown',
    keys: ['ctrl+a', 'ctrl+shift+a'],
    when: hasSamples,
    run: () => {
      useSelection.getState().select(useSuspectOrder.getState().order, 'replace');
    },
  },
  {
    id: 'selection.traits',
    group: 'Selection',
    title: 'What does the selection share?',
    keys: ['w'],
    when: hasSelection,
    run: () => {
      useDialogs.getState().show('traits');
    },
  },
  {
    id: 'selection.undo',
    group: 'Selection',
    title: 'Back to the selection before',
    keys: ['alt+z'],
    when: hasSamples,
    run: () => {
      useSelection.getState().undo();
    },
  },
  {
    id: 'selection.redo',
    group: 'Selection',
    title: 'Forward to the selection after',
    keys: ['alt+shift+z'],
    when: hasSamples,
    run: () => {
      useSelection.getState().redo();
    },
  },
  {
    id: 'selection.clear',
    group: 'Selection',
    title: 'Clear the selection',
    keys: ['escape'],
    when: hasSelection,
    run: () => {
      useSelection.getState().clear();
    },
  },
  ...views.map((view): Command => ({
    id: `go.${view.id}`,
    group: 'Go to',
    title: view.title,
    keys: [`g ${view.key.toLowerCase()}`],
    when: hasCase,
    run: () => {
      useViewState.getState().go(view.id);
    },
  })),
  {
    id: 'case.scan',
    group: 'Case',
    title: 'Scan with every detector that applies',
    keys: ['s'],
    when: () => hasSamples() && !isScanning(),
    run: () => void startScan(),
  },
  {
    id: 'case.evidence',
    group: 'Case',
    title: 'Add evidence files…',
    keys: ['ctrl+shift+o'],
    when: always,
    run: () => void chooseEvidence(),
  },
  {
    id: 'case.new',
    group: 'Case',
    title: 'New case…',
    keys: ['alt+n'],
    when: always,
    run: () => void newCase(),
  },
  {
    id: 'case.open',
    group: 'Case',
    title: 'Open case…',
    keys: ['ctrl+o'],
    when: always,
    run: () => void chooseCase(),
  },
  {
    id: 'case.compare',
    group: 'Case',
    title: 'Compare with another case…',
    keys: [],
    when: hasCase,
    run: () => void chooseComparison(),
  },
  {
    id: 'case.close',
    group: 'Case',
    title: 'Close case',
    keys: [],
    when: hasCase,
    run: () => void closeCase(),
  },
  {
    id: 'window.palette',
    group: 'Window',
    title: 'Command palette',
    keys: ['ctrl+k'],
    when: always,
    run: () => {
      useDialogs.getState().show('palette');
    },
  },
  {
    id: 'window.sheet',
    group: 'Window',
    title: 'Keys',
    keys: ['?'],
    when: always,
    run: () => {
      useDialogs.getState().show('sheet');
    },
  },
  {
    id: 'window.rail',
    group: 'Window',
    title: 'Show or hide the names in the rail',
    keys: ['ctrl+b'],
    when: hasCase,
    run: () => {
      useViewState.getState().togglePanel('rail');
    },
  },
  {
    id: 'window.inspector',
    group: 'Window',
    title: 'Show or hide the inspector',
    keys: ['ctrl+i'],
    when: hasCase,
    run: () => {
      useViewState.getState().togglePanel('inspector');
    },
  },
  {
    id: 'window.jobs',
    group: 'Window',
    title: 'Show or hide the jobs',
    keys: ['ctrl+j'],
    when: hasCase,
    run: () => {
      useViewState.getState().togglePanel('jobs');
    },
  },
  {
    id: 'window.theme',
    group: 'Window',
    title: 'Next theme: system, dark, light, high contrast',
    keys: [],
    when: always,
    run: () => {
      const at = themes.indexOf(useSettings.getState().theme);
      void chooseTheme(themes[(at + 1) % themes.length]);
    },
  },
  {
    id: 'window.settings',
    group: 'Window',
    title: 'Settings: theme, engine of the computations',
    keys: ['ctrl+,'],
    when: always,
    run: () => {
      useDialogs.getState().show('settings');
    },
  },
  {
    id: 'window.toasts',
    group: 'Window',
    title: 'Dismiss messages',
    keys: [],
    when: () => useToasts.getState().toasts.length > 0,
    run: () => {
      useToasts.setState({ toasts: [] });
    },
  },
];

/** The shown key of a command, for buttons and tooltips. */
export function commandById(id: string): Command {
  const command = commands.find((one) => one.id === id);
  if (!command) throw new Error(`There is no command ${id}.`);
  return command;
}
