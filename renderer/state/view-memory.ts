import { z } from 'zod';
import { currentHost } from './host-context.ts';
import { useSelection } from './selection.ts';
import { SavedView, savedViewOf, useViewState } from './view-state.ts';

const SAVE_AFTER_MS = 800;
/** A larger selection is not kept: the saved state must stay under 256 KiB. */
const MOST_ROWS = 20_000;

const Memory = z.object({
  window: SavedView,
  cursor: z.number().int().nullable().catch(null),
  selection: z.array(z.number().int()).catch([]),
});

/** The case whose view is kept; null while none is open or its view is still being brought back. */
let caseId: string | null = null;
let entering: string | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

/** Saves the view now: the case is about to be left. */
export async function saveView(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  if (caseId === null) return;
  const { rows, cursor } = useSelection.getState();
  const state = JSON.stringify({
    window: savedViewOf(useViewState.getState()),
    cursor,
    selection: rows.length <= MOST_ROWS ? Array.from(rows) : [],
  } satisfies z.infer<typeof Memory>);
  // A view that could not be saved costs the analyst nothing but a click; an alarm about it would cost more.
  await currentHost()
    .call('view/save', { state })
    .catch(() => undefined);
}

function saveSoon(): void {
  // A running timer is left alone: analysts who never rest are saved as well.
  if (caseId !== null) timer ??= setTimeout(() => void saveView(), SAVE_AFTER_MS);
}

/** Brings back what the window looked like when this case was left, and keeps it from now on. */
export async function restoreView(id: string): Promise<void> {
  entering = id;
  const { state } = await currentHost()
    .call('view/load', {})
    .catch(() => ({ state: null }));
  // Left again while the answer was under way.
  if (entering !== id) return;
  const memory = state === null ? null : parse(state);
  if (memory) {
    useViewState.setState(memory.window);
    useSelection.getState().restart(memory.selection, memory.cursor);
  }
  caseId = id;
}

function parse(text: string): z.infer<typeof Memory> | null {
  try {
    return Memory.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

/** The case is left: nothing is saved into the next one, and choices that name its rows and runs go. */
export function leaveCase(): void {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  caseId = null;
  entering = null;
  useSelection.getState().restart();
  const { panels, open } = useViewState.getState();
  useViewState.setState({ ...SavedView.parse({}), panels, open });
}

/** Saves what the window looks like, a moment after it changed and when it is closed. */
export function keepView(): void {
  useViewState.subscribe(saveSoon);
  useSelection.subscribe(saveSoon);
  window.addEventListener('pagehide', () => void saveView());
}
