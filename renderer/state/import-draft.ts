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
  /** What the engine found wrong across the files. */
  readonly problems: readonly string[];
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
  problems: [],
  offerBuiltInFeatures: false,
  error: null,
}));

/** Lets the engine look into the files and shows what it takes them for. A draft that is open gets more files. */
export async function proposeImport(tokens: readonly FileToken[]): Promise<void> {
  const { files: present, readings } = useImportDraft.getState();
  useImportDraft.setState({ phase: 'looking', error: null });
  try {
    const all = [...present.flatMap(({ token, more }) => [token, ...(more ?? [])]), ...tokens];
    const given = all.flatMap((token) => {
      const reading = readings[token];
      return reading === undefined ? [] : [{ token, reading }];
    });
    const proposed = await currentHost().call('evidence/propose', { files: all, given });
    useImportDraft.setState({ phase: 'choose', ...proposed });
  } catch (error) {
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
    problems: [],
    offerBuiltInFeatures: false,
    error: null,
  });
}
