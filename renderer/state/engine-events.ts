import { create } from 'zustand';
import type { CaseState } from '../../electron/contract/case.ts';
import type { Subject } from '../../electron/contract/events.ts';
import type { Following } from '../../electron/contract/following.ts';
import type { Host } from '../../electron/contract/host.ts';
import type { Job } from '../../electron/contract/jobs.ts';
import { callKey } from './queries.ts';
import { queryClient } from './query-client.ts';
import { say, sayFailure } from './toasts.ts';
import { leaveCase, restoreView, saveView } from './view-memory.ts';

interface EngineState {
  /** `lost` while the engine is being restarted; `sentence` then says what happened. */
  readonly state: 'ready' | 'lost';
  readonly sentence: string;
}

/** Whether the engine answers. */
export const useEngine = create<EngineState>()(() => ({ state: 'ready', sentence: '' }));

const stateKey = callKey('case/state', {});

function invalidate(subjects: readonly Subject[]): void {
  void queryClient.invalidateQueries({
    predicate: ({ meta }) => {
      const of = meta?.subjects;
      return Array.isArray(of) && subjects.some((subject) => of.includes(subject));
    },
  });
}

function applyCase(next: CaseState | null): void {
  const before = queryClient.getQueryData<CaseState | null>(stateKey);
  queryClient.setQueryData(stateKey, next);
  if (before?.id === next?.id) return;
  leaveCase();
  // Answers of another case must not be seen in this one, not even for a moment.
  const ofOldCase = {
    predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => queryKey[1] !== 'case/state',
  };
  queryClient.removeQueries({ ...ofOldCase, type: 'inactive' });
  void queryClient.resetQueries(ofOldCase);
  if (next) void restoreView(next.id);
}

/** Opens or makes a case by any of the calls that answer with its state; the view of the present one is saved first. */
export async function enterCase(open: () => Promise<CaseState>): Promise<void> {
  try {
    await saveView();
    applyCase(await open());
  } catch (error) {
    sayFailure(error);
  }
}

/** A log that is followed raised an alert: said in the window and on the desktop, as nobody may be looking. */
function tellNewAlerts(host: Host, followings: readonly Following[]): void {
  const before = queryClient.getQueryData<readonly Following[]>(callKey('follow/list', {})) ?? [];
  for (const { id, name, alerts, sentence } of followings) {
    const known = before.find((one) => one.id === id)?.alerts ?? 0;
    if (alerts <= known) continue;
    say(`${name}: ${sentence}`, 'alarm');
    host.notify(`Alert: ${name}`, sentence);
  }
}

/** Listens to the engine for the life of the window; the stores follow what it tells. */
export function followEngine(host: Host): void {
  host.subscribe('case', applyCase);
  host.subscribe('jobs', (jobs: Job[]) => {
    queryClient.setQueryData(callKey('job/list', {}), jobs);
  });
  host.subscribe('following', (followings) => {
    tellNewAlerts(host, followings);
    queryClient.setQueryData(callKey('follow/list', {}), followings);
  });
  host.subscribe('changed', ({ subjects }) => {
    invalidate(subjects);
    void queryClient.invalidateQueries({ queryKey: stateKey });
  });
  host.subscribe('engine', ({ state, sentence }) => {
    const wasLost = useEngine.getState().state === 'lost';
    useEngine.setState({ state, sentence });
    if (state !== 'ready') return;
    // What it says without having been lost is that the case it was to open could not be opened.
    if (sentence !== '') say(sentence, wasLost ? 'caution' : 'alarm');
    void refresh(host);
  });
  void refresh(host);
}

/** After a restart the engine may have lost what was not committed: everything is asked again. */
async function refresh(host: Host): Promise<void> {
  try {
    applyCase(await host.call('case/state', {}));
    await queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== 'case/state' });
  } catch (error) {
    sayFailure(error);
  }
}
