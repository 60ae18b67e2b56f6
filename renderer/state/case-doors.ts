import type { CaseState } from '../../electron/contract/case.ts';
import type { DroppedFile, DroppedFolder, FileGrant } from '../../electron/contract/host.ts';
import { askAboutCase, compareWith } from './comparison-draft.ts';
import { useDialogs } from './dialogs.ts';
import { enterCase } from './engine-events.ts';
import { currentHost } from './host-context.ts';
import { beginLooking, beginUpload, proposeImport, stopWaiting } from './import-draft.ts';
import { proposeLogs } from './log-draft.ts';
import { callKey } from './queries.ts';
import { queryClient } from './query-client.ts';
import { say, sayFailure } from './toasts.ts';
import { saveView } from './view-memory.ts';

/** The open case as last heard, outside React. */
export function openCase(): CaseState | null {
  return queryClient.getQueryData<CaseState | null>(callKey('case/state', {})) ?? null;
}

/** Makes a case: by the native dialog, or by a name where there is none. */
export async function newCase(): Promise<void> {
  if (currentHost().kind === 'serve') useDialogs.getState().show('new-case');
  else await createCase('Untitled');
}

/** Makes a case of that name where the analyst wants it and enters it; false when they thought better of it. */
export async function createCase(name: string): Promise<boolean> {
  const host = currentHost();
  try {
    const target = await host.saveFile('case', `${name}.bezoar`);
    if (target === null) return false;
    await enterCase(() => host.call('case/create', { target: target.token }));
    return openCase() !== null;
  } catch (error) {
    sayFailure(error);
    return false;
  }
}

/** Opens a case file: by the native dialog, or from the folder of the serve host. */
export async function chooseCase(): Promise<void> {
  const host = currentHost();
  if (host.folder !== null) {
    useDialogs.getState().show('open-case');
    return;
  }
  try {
    const [file] = await host.acquireFiles('case');
    if (file) await enterCase(() => host.call('case/open', { file: file.token }));
  } catch (error) {
    sayFailure(error);
  }
}

/** Another case to hold against the open one, by the file dialog of the machine that shows the window. */
export async function chooseComparison(): Promise<void> {
  try {
    const [file] = await currentHost().acquireFiles('case');
    if (file) await compareWith(file);
  } catch (error) {
    sayFailure(error);
  }
}

/** Leaves the case; the file is back to one file on disk. */
export async function closeCase(): Promise<void> {
  try {
    await saveView();
    await currentHost().call('case/close', {});
  } catch (error) {
    sayFailure(error);
  }
}

/** Evidence by the file dialog of the machine that shows the window. */
export const chooseEvidence = (): Promise<void> =>
  acquire(({ progress, stop }) => currentHost().acquireFiles('evidence', progress, stop));

/** A folder of evidence by the dialog of the machine that shows the window. */
export const chooseEvidenceFolder = (): Promise<void> =>
  acquire(({ progress, stop }) => currentHost().acquireFolder(progress, stop));

/** Files dropped anywhere on the window. Call before the first await of the drop handler. */
export async function takeDropped(
  files: readonly DroppedFile[],
  folders: Promise<readonly DroppedFolder[]>,
): Promise<void> {
  if (files.length === 0) {
    say('Only files and folders can be dropped here, not text.', 'caution');
    return;
  }
  await acquire(({ progress, stop }) => {
    progress(0);
    return currentHost().acquireDropped(files, folders, progress, stop);
  });
}

/** Takes over files and looks into them; a lone case is opened. The analyst may give up the upload. */
async function acquire(
  from: (upload: ReturnType<typeof beginUpload>) => Promise<readonly FileGrant[]>,
): Promise<void> {
  const upload = beginUpload();
  try {
    const grants = await from(upload);
    if (upload.stop.aborted) return;
    stopWaiting();
    const [first] = grants;
    if (grants.length === 1 && first.name.toLowerCase().endsWith('.bezoar')) {
      if (openCase() === null) await enterCase(() => currentHost().call('case/open', { file: first.token }));
      else askAboutCase(first);
    } else await takeEvidence(grants);
  } catch (error) {
    if (upload.stop.aborted) return;
    stopWaiting();
    sayFailure(error);
  }
}

/** Granted files become a proposal, of logs where they are some; without a case one is made first. */
export async function takeEvidence(grants: readonly FileGrant[]): Promise<void> {
  if (grants.length === 0) return;
  if (openCase() === null && !(await createCase(nameFor(grants[0].name)))) return;
  const cancelled = beginLooking();
  const logs = await proposeLogs(grants, cancelled);
  if (cancelled()) return;
  if (logs) stopWaiting();
  else await proposeImport(grants.map(({ token }) => token));
}

function nameFor(fileName: string): string {
  return `Investigation of ${fileName.replace(/\.[^.]*$/, '')}`;
}
