import { create } from 'zustand';
import type { Params } from '../../electron/contract/calls.ts';
import type { FileGrant } from '../../electron/contract/host.ts';
import { currentHost } from './host-context.ts';
import { undoVerdict } from './review.ts';
import { say, sayFailure, sentenceOf } from './toasts.ts';

interface ComparisonDraft {
  /** `ask`: a case was dropped on a case. */
  readonly phase: 'idle' | 'ask' | 'reading' | 'shown' | 'taking';
  readonly file: FileGrant | null;
  /** The job that reads the other case. */
  readonly job: string | null;
  readonly comparison: number | null;
  /** Why it could not be read, or nothing taken over. */
  readonly error: string | null;
}

const nothing: ComparisonDraft = { phase: 'idle', file: null, job: null, comparison: null, error: null };

/** Another analyst's case, from the drop to what is taken over of it. */
export const useComparisonDraft = create<ComparisonDraft>()(() => nothing);

/** Asks what to do with a case that was dropped on the open one. */
export function askAboutCase(file: FileGrant): void {
  useComparisonDraft.setState({ ...nothing, phase: 'ask', file });
}

/** Lets the engine read the other case. */
export async function compareWith(file: FileGrant): Promise<void> {
  useComparisonDraft.setState({ ...nothing, phase: 'reading', file });
  try {
    const { job } = await currentHost().call('comparison/start', { file: file.token });
    useComparisonDraft.setState({ job });
  } catch (error) {
    dropComparison();
    sayFailure(error);
  }
}

/** The job has ended; `comparison` null when it made none. */
export function comparisonRead(comparison: number | null): void {
  if (comparison === null) dropComparison();
  else useComparisonDraft.setState({ phase: 'shown', job: null, comparison });
}

/** Takes the chosen verdicts over; the dialog closes when the engine did. */
export async function takeVerdictsOver(order: Params<'comparison/take-over'>): Promise<void> {
  useComparisonDraft.setState({ phase: 'taking', error: null });
  try {
    const { sentence } = await currentHost().call('comparison/take-over', order);
    dropComparison();
    say(sentence, 'plain', { title: 'Undo', run: () => void undoVerdict() });
  } catch (error) {
    useComparisonDraft.setState({ phase: 'shown', error: sentenceOf(error) });
  }
}

/** Nothing is taken over; a case that is being read is left. */
export function dropComparison(): void {
  const { job } = useComparisonDraft.getState();
  useComparisonDraft.setState(nothing);
  if (job !== null) currentHost().call('job/cancel', { job }).catch(sayFailure);
}
