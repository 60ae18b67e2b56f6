import { useMemo } from 'react';
import type { BulkArray } from '../../electron/contract/bulk.ts';
import type { Dataset } from '../../electron/contract/evidence.ts';
import { verdictByte } from '../../electron/contract/samples.ts';
import type { Verdict } from '../../electron/contract/samples.ts';
import { currentHost } from './host-context.ts';
import { bulkKey, callKey, useActiveScanId, useInvestigated, useUint8 } from './queries.ts';
import { queryClient } from './query-client.ts';
import { useSelection } from './selection.ts';
import { stepCursor } from './suspect-order.ts';
import { say, sayFailure } from './toasts.ts';
import { takeReason } from './verdict-reason.ts';

/** Verdicts of the investigated set as bytes (0 none, 1 poison, 2 clean, 3 unsure), with what is under way. */
export function useVerdicts(): Uint8Array | undefined {
  const dataset = useInvestigated();
  return useUint8(dataset ? { array: 'verdict', dataset: dataset.id } : null);
}

/** Which rows were looked at, 0 or 1. */
export function useSeen(): Uint8Array | undefined {
  const dataset = useInvestigated();
  return useUint8(dataset ? { array: 'seen', dataset: dataset.id } : null);
}

/** Suspects of the active scan, 0 or 1. */
export function useFlagged(): Uint8Array | undefined {
  const scan = useActiveScanId();
  return useUint8(scan === null ? null : { array: 'flagged', scan });
}

interface ReviewCounts {
  /** Suspects with a verdict, of all suspects. */
  readonly reviewed: number;
  readonly total: number;
}

/** How many suspects have a verdict of any kind. */
export function countReviewed(flagged: Uint8Array, verdicts: Uint8Array): ReviewCounts {
  let reviewed = 0;
  let total = 0;
  for (let row = 0; row < flagged.length; row++) {
    if (flagged[row] === 0) continue;
    total++;
    if (verdicts[row] !== 0) reviewed++;
  }
  return { reviewed, total };
}

/** '214 of 899 reviewed'; null before a scan. */
export function useReviewCounts(): ReviewCounts | null {
  const flagged = useFlagged();
  const verdicts = useVerdicts();
  return useMemo(() => (flagged && verdicts ? countReviewed(flagged, verdicts) : null), [flagged, verdicts]);
}

function investigatedId(): number | null {
  const datasets = queryClient.getQueryData<Dataset[]>(callKey('dataset/list', {}));
  return datasets?.find((dataset) => dataset.role === 'investigated')?.id ?? null;
}

/** Writes bytes into a cached array ahead of the engine's answer, as a new array so that views see it. */
function patchBytes(array: 'verdict' | 'seen', dataset: number, rows: Iterable<number>, value: number): void {
  queryClient.setQueryData<BulkArray>(bulkKey({ array, dataset }), (present) => {
    if (present?.dtype !== 'uint8') return present;
    const data = present.data.slice();
    for (const row of rows) data[row] = value;
    return { ...present, data };
  });
}

const words: Readonly<Record<Verdict, string>> = { poison: 'poison', clean: 'clean', unsure: 'unsure' };

/**
 * One verdict for rows of the investigated set: one action, one step of undo. The window shows it at once; when
 * the engine refuses, it is taken back and said. `null` takes verdicts back.
 */
export async function setVerdict(
  verdict: Verdict | null,
  rows: Iterable<number>,
  reason = takeReason(),
): Promise<void> {
  const dataset = investigatedId();
  const list = Array.from(rows);
  if (dataset === null || list.length === 0) return;
  const bulk = bulkKey({ array: 'verdict', dataset });
  await queryClient.cancelQueries({ queryKey: bulk });
  patchBytes('verdict', dataset, list, verdict === null ? 0 : verdictByte[verdict]);
  try {
    await currentHost().call('verdict/set', { dataset, rows: list, verdict, reason });
    if (list.length > 1) {
      const what = verdict === null ? 'without a verdict again' : `marked ${words[verdict]}`;
      say(`${list.length.toLocaleString('en')} samples ${what}.`, 'plain', {
        title: 'Undo',
        run: () => void undoVerdict(),
      });
    }
  } catch (error) {
    sayFailure(error);
    await queryClient.invalidateQueries({ queryKey: bulk });
  }
}

/** A verdict for the sample under the cursor; moves on to the next one in the order. */
export async function setVerdictAtCursor(verdict: Verdict | null): Promise<void> {
  const { cursor } = useSelection.getState();
  if (cursor === null) return;
  if (verdict !== null) stepCursor(1);
  await setVerdict(verdict, [cursor]);
}

/** A verdict for the whole selection. */
export async function setVerdictOfSelection(verdict: Verdict | null): Promise<void> {
  const { rows } = useSelection.getState();
  if (rows.length === 0) {
    say('Nothing is selected. Select samples on the map or in the table first.', 'caution');
    return;
  }
  await setVerdict(verdict, rows);
}

async function replay(name: 'verdict/undo' | 'verdict/redo'): Promise<void> {
  try {
    const { sentence, rows } = await currentHost().call(name, {});
    if (rows.length > 0) useSelection.getState().setCursor(rows[0]);
    say(sentence);
  } catch (error) {
    sayFailure(error);
  }
}

/** Takes the last verdict action back. */
export const undoVerdict = (): Promise<void> => replay('verdict/undo');
/** Makes the last undone verdict action again. */
export const redoVerdict = (): Promise<void> => replay('verdict/redo');

/** The most rows that one call may mark. */
const SEEN_PAGE = 10_000;
const seenWaiting = new Set<number>();
let seenTimer: ReturnType<typeof setTimeout> | null = null;

/** Records that the analyst had these samples before their eyes; collected, so that fast walking stays fast. */
export function markSeen(rows: Iterable<number>): void {
  const dataset = investigatedId();
  if (dataset === null) return;
  const known = queryClient.getQueryData<BulkArray>(bulkKey({ array: 'seen', dataset }))?.data;
  const fresh = Array.from(rows).filter((row) => known?.[row] !== 1 && !seenWaiting.has(row));
  if (fresh.length === 0) return;
  for (const row of fresh) seenWaiting.add(row);
  patchBytes('seen', dataset, fresh, 1);
  seenTimer ??= setTimeout(() => {
    seenTimer = null;
    const waiting = [...seenWaiting];
    seenWaiting.clear();
    for (let at = 0; at < waiting.length; at += SEEN_PAGE) {
      currentHost()
        .call('seen/mark', { dataset, rows: waiting.slice(at, at + SEEN_PAGE) })
        .catch(sayFailure);
    }
  }, 400);
}
