import { create } from 'zustand';
import type { Params } from '../../electron/contract/calls.ts';
import type { FileToken } from '../../electron/contract/case.ts';
import type { FileProposal, TextReading } from '../../electron/contract/evidence.ts';
import { currentHost } from './host-context.ts';
import { sayFailure, sentenceOf } from './toasts.ts';

interface ImportDraft {
  /** `choose` shows the import dialog. */
  readonly phase: 'idle' | 'uploading' | 'looking' | 'choose' | 'starting';
  /** Of the upload, 0 to 1. */
  readonly fraction: number;
  readonly files: readonly FileProposal[];
  /** How the text of files is written, where the analyst said so. */
  readonly readings: Readonly<Partial<Record<FileToken, TextReading>>>;
  /** There are no activations, but something that features can be made of. */
  readonly offerBuiltInFeatures: boolean;
  /** Why the import could not start. */
  readonly error: string | null;
}

/** What is about to be imported, from the drop to the start of the job. */
export const useImportDraft = create<ImportDraft>()(() => ({
  phase: 'idle',
  fraction: 0,
  files: [],
  readings: {},
  offerBuiltInFeatures: false,
  error: null,
}));

/** What is waited for is given up where a later attempt began, or the analyst cancelled. */
let attempts = 0;
let uploading: AbortController | null = null;

/** An upload that the analyst may cancel; it shows once `progress` hears of it. */
export function beginUpload(): { readonly progress: (fraction: number) => void; readonly stop: AbortSignal } {
  const controller = new AbortController();
  uploading = controller;
  return {
    progress: (fraction) => {
      if (!controller.signal.aborted) useImportDraft.setState({ phase: 'uploading', fraction, error: null });
    },
    stop: controller.signal,
  };
}

/** The upload, or the look into the files, is over or was given up. A draft that was open comes back. */
export function stopWaiting(): void {
  attempts += 1;
  uploading?.abort();
  uploading = null;
  const { files } = useImportDraft.getState();
  useImportDraft.setState({ phase: files.length > 0 ? 'choose' : 'idle' });
}

/** Shows that files are looked into; the answer tells whether the analyst gave that up. */
export function beginLooking(): () => boolean {
  useImportDraft.setState({ phase: 'looking', error: null });
  const mine = (attempts += 1);
  return () => mine !== attempts;
}

/** Lets the engine look into the files and shows what it takes them for. A draft that is open gets more files. */
export async function proposeImport(tokens: readonly FileToken[]): Promise<void> {
  const { files: present, readings } = useImportDraft.getState();
  const cancelled = beginLooking();
  try {
    const all = [...present.flatMap(({ token, more }) => [token, ...(more ?? [])]), ...tokens];
    const given = all.flatMap((token) => {
      const reading = readings[token];
      return reading === undefined ? [] : [{ token, reading }];
    });
    const { files, offerBuiltInFeatures } = await currentHost().call('evidence/propose', {
      files: all,
      given,
    });
    if (!cancelled()) useImportDraft.setState({ phase: 'choose', files, offerBuiltInFeatures });
  } catch (error) {
    if (cancelled()) return;
    useImportDraft.setState({ phase: present.length > 0 ? 'choose' : 'idle' });
    sayFailure(error);
  }
}

/** How the text of a file is written, where the analyst knows better; it is looked into again. */
export async function changeReading(token: FileToken, part: TextReading): Promise<void> {
  const { files, readings } = useImportDraft.getState();
  const told = files.find((file) => file.token === token)?.reading ?? {};
  useImportDraft.setState({ readings: { ...readings, [token]: { ...told, ...readings[token], ...part } } });
  await proposeImport([]);
}

/** Starts the import job; the dialog closes when the engine took it. */
export async function startImport(order: Params<'evidence/import'>): Promise<void> {
  useImportDraft.setState({ phase: 'starting', error: null });
  try {
    await currentHost().call('evidence/import', order);
    dropDraft();
  } catch (error) {
    useImportDraft.setState({ phase: 'choose', error: sentenceOf(error) });
  }
}

/** Nothing is imported. */
export function dropDraft(): void {
  useImportDraft.setState({
    phase: 'idle',
    fraction: 0,
    files: [],
    readings: {},
    offerBuiltInFeatures: false,
    error: null,
  });
}
