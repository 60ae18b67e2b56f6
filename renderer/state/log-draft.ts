import { create } from 'zustand';
import type { Result } from '../../electron/contract/calls.ts';
import type { FileToken } from '../../electron/contract/case.ts';
import type { TextReading } from '../../electron/contract/evidence.ts';
import type { FileGrant } from '../../electron/contract/host.ts';
import type { LogFileProposal, LogMapping, LogRole } from '../../electron/contract/logs.ts';
import { currentHost } from './host-context.ts';
import { say, sayFailure, sentenceOf } from './toasts.ts';

type Proposal = Result<'log/propose'>;

interface LogDraft {
  /** `choose` shows the dialog. */
  readonly phase: 'idle' | 'choose' | 'asking' | 'starting';
  readonly proposal: Proposal | null;
  readonly files: readonly FileGrant[];
  /** By token; a file that is left out has none. */
  readonly roles: ReadonlyMap<FileToken, LogRole>;
  /** What the analyst said of how the text is written. */
  readonly reading: TextReading;
  readonly acceptBadLines: boolean;
  readonly error: string | null;
}

const nothing: LogDraft = {
  phase: 'idle',
  proposal: null,
  files: [],
  roles: new Map(),
  reading: {},
  acceptBadLines: false,
  error: null,
};

/** Production logs that are about to be imported: what their fields mean, which are of good days. */
export const useLogDraft = create<LogDraft>()(() => nothing);

const ARRAYS = /\.(npy|npz|safetensors|pt|pth|h5|hdf5|onnx|bezoar|png|jpe?g|webp|gif|bmp|tiff?)$/i;
const GOOD_DAYS = /base|good|normal|reference|before/i;

/**
 * Whether dropped files are production logs: the engine finds a time and a prediction in every request. Their dialog is then
 * shown. False leaves them to whoever asks.
 *
 * @param cancelled whether the analyst thought better of it meanwhile
 */
export async function proposeLogs(
  grants: readonly FileGrant[],
  cancelled: () => boolean = () => false,
): Promise<boolean> {
  if (grants.some(({ name }) => ARRAYS.test(name))) return false;
  const proposal = await proposalOf(grants).catch(() => null);
  if (proposal === null || cancelled()) return false;
  const has = (role: string): boolean => proposal.fields.some((field) => field.role === role);
  if (proposal.mapping === null || !has('time') || !has('predicted')) return false;
  show(proposal, grants);
  return true;
}

/** Shows files as production logs because the analyst says so; false, with the reason said, where they hold no requests. */
export async function takeAsLogs(grants: readonly FileGrant[]): Promise<boolean> {
  try {
    const proposal = await proposalOf(grants);
    if (proposal.mapping !== null) {
      show(proposal, grants);
      return true;
    }
    const [problem] = [...proposal.files.flatMap((file) => file.problem ?? []), ...proposal.problems];
    say(problem ?? 'These files hold no requests that can be read. Nothing was imported.', 'caution');
  } catch (error) {
    sayFailure(error);
  }
  return false;
}

const proposalOf = (grants: readonly FileGrant[]): Promise<Proposal> =>
  currentHost().call('log/propose', { files: grants.map(({ token }) => token), mapping: null });

function show(proposal: Proposal, grants: readonly FileGrant[]): void {
  useLogDraft.setState({
    ...nothing,
    phase: 'choose',
    proposal,
    files: grants,
    roles: new Map(proposal.files.filter(isReadable).map((file) => [file.token, proposedRole(file)])),
  });
}

const isReadable = ({ problem }: LogFileProposal): boolean => problem === null;
const proposedRole = ({ name }: LogFileProposal): LogRole => (GOOD_DAYS.test(name) ? 'baseline' : 'log');

/** Shows what the engine makes of the files with another mapping. */
export const remapLogs = (mapping: LogMapping): Promise<void> => lookAgain(mapping);

/** Shows what the engine makes of the files where their text is written in another way: there may be other fields. */
export function rereadLogs(part: TextReading): Promise<void> {
  const { reading } = useLogDraft.getState();
  useLogDraft.setState({ reading: { ...reading, ...part } });
  return lookAgain(null);
}

async function lookAgain(mapping: LogMapping | null): Promise<void> {
  const { files, reading, proposal: before } = useLogDraft.getState();
  useLogDraft.setState({ phase: 'asking', error: null });
  try {
    const proposal = await currentHost().call('log/propose', {
      files: files.map(({ token }) => token),
      mapping,
      reading,
    });
    // What cannot be read so is told, and the way back stays open.
    const [problem] = proposal.files.flatMap((file) => file.problem ?? []);
    if (proposal.mapping === null && before?.reading)
      useLogDraft.setState({
        phase: 'choose',
        proposal: {
          ...before,
          mapping: null,
          fields: [],
          examples: [],
          reading: { ...before.reading, ...reading },
        },
        error: problem ?? null,
      });
    else useLogDraft.setState({ phase: 'choose', proposal });
  } catch (error) {
    useLogDraft.setState({ phase: 'choose', error: sentenceOf(error) });
  }
}

/** Starts one import for the good days and one for the days in question; the dialog closes when the engine took them. */
export async function importLogs(): Promise<void> {
  const { proposal, roles, acceptBadLines } = useLogDraft.getState();
  const mapping = proposal?.mapping;
  if (!proposal || !mapping) return;
  useLogDraft.setState({ phase: 'starting', error: null });
  try {
    for (const role of ['baseline', 'log'] as const) {
      const files = proposal.files.filter((file) => isReadable(file) && roles.get(file.token) === role);
      if (files.length === 0) continue;
      await currentHost().call('log/import', {
        // The files of a folder have its token.
        files: [...new Set(files.map(({ token }) => token))],
        leaveOut: proposal.files.filter((file) => !isReadable(file)).map(({ name: file }) => file),
        role,
        name: nameOf(files),
        mapping,
        acceptBadLines,
      });
    }
    dropLogDraft();
  } catch (error) {
    useLogDraft.setState({ phase: 'choose', error: sentenceOf(error) });
    sayFailure(error);
  }
}

/** Of one file its name, of several the first and how many more. */
function nameOf(files: readonly LogFileProposal[]): string {
  const [first] = files.map(({ name }) =>
    name.replace(/(\.(jsonl|ndjson|json|csv|log|parquet))?(\.(gz|zst))?$/i, ''),
  );
  return files.length === 1 ? first : `${first} and ${files.length - 1} more`;
}

/** Nothing is imported. */
export function dropLogDraft(): void {
  useLogDraft.setState(nothing);
}
