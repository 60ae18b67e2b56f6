import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { Notification, app, dialog, ipcMain } from 'electron';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { channels } from '../contract/bridge.ts';
import { FileToken } from '../contract/case.ts';
import type { FileGrant } from '../contract/host.ts';
import { SaveRequest } from '../contract/serve-api.ts';
import { WINDOW_ORIGIN } from './app-protocol.ts';

export interface BridgeOptions {
  readonly window: BrowserWindow;
  readonly grant: (token: string, path: string, mode: 'read' | 'write') => Promise<void>;
  /** The page listens for its port. */
  readonly onReady: () => void;
}

const Purpose = z.enum(['evidence', 'folder', 'case']);
const Paths = z.array(z.string().max(4096)).max(20_000);

const filters = {
  // Evidence is told by its bytes: whatever it is called, it may be looked into.
  evidence: [],
  folder: [],
  case: [{ name: 'Bezoar case', extensions: ['bezoar'] }],
};

/** Answers the preload; whatever does not come from the window's own top frame is refused. */
export function answerBridge(options: BridgeOptions): void {
  const { window } = options;

  const isOurs = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    event.sender === window.webContents &&
    event.senderFrame === window.webContents.mainFrame &&
    event.senderFrame.url.startsWith(`${WINDOW_ORIGIN}/`);
  const handle = <T>(channel: string, answer: (...args: unknown[]) => Promise<T>): void => {
    ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      if (!isOurs(event)) throw new Error('refused');
      return answer(...args);
    });
  };
  const listen = (channel: string, take: (...args: unknown[]) => void): void => {
    ipcMain.on(channel, (event, ...args: unknown[]) => {
      if (isOurs(event)) take(...args);
    });
  };
  const grantFile = async (path: string, mode: 'read' | 'write', size: number): Promise<FileGrant> => {
    const token = FileToken.parse(randomBytes(24).toString('base64url'));
    await options.grant(token, path, mode);
    return { token, name: basename(path), size };
  };
  const grantPaths = async (paths: readonly string[]): Promise<FileGrant[]> => {
    const grants: FileGrant[] = [];
    for (const path of paths.filter((one) => isAbsolute(one))) {
      const info = await stat(path).catch(() => null);
      if (info?.isFile() || info?.isDirectory()) grants.push(await grantFile(path, 'read', info.size));
    }
    return grants;
  };

  listen(channels.ready, options.onReady);
  handle(channels.grantPaths, (paths) => grantPaths(Paths.parse(paths)));
  handle(channels.acquireFiles, async (given) => {
    const purpose = Purpose.parse(given);
    const chosen = await dialog.showOpenDialog(window, {
      properties:
        purpose === 'folder'
          ? ['openDirectory']
          : purpose === 'evidence'
            ? ['openFile', 'multiSelections']
            : ['openFile'],
      filters: filters[purpose],
    });
    return chosen.canceled ? [] : grantPaths(chosen.filePaths);
  });
  handle(channels.saveFile, async (given) => {
    const { purpose, suggestedName } = SaveRequest.parse(given);
    const chosen = await dialog.showSaveDialog(window, {
      defaultPath: join(app.getPath('documents'), basename(suggestedName)),
      filters: purpose === 'case' ? filters.case : [],
    });
    if (chosen.canceled || chosen.filePath === '') return null;
    const path =
      purpose === 'case' && !chosen.filePath.endsWith('.bezoar')
        ? `${chosen.filePath}.bezoar`
        : chosen.filePath;
    return grantFile(path, 'write', 0);
  });
  listen(channels.notify, (title, body) => {
    if (Notification.isSupported())
      new Notification({ title: shortText(title), body: shortText(body) }).show();
  });
  listen(channels.setTitle, (title) => {
    window.setTitle(shortText(title));
  });
}

function shortText(given: unknown): string {
  return typeof given === 'string' ? given.slice(0, 300) : '';
}
