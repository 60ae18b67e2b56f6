import type { DroppedFile, FileGrant } from './host.ts';

/** Where the preload puts the {@link Bridge}: `window.bezoar`. */
export const BRIDGE_NAME = 'bezoar';

/**
 * `data.type` of the window message by which the preload hands the page its port to the engine (`event.ports[0]`).
 * One comes after {@link Bridge.ready} and after every restart of the engine; the former is dead by then.
 * Over the port go ClientMessage and EngineMessage of wire.ts.
 */
export const PORT_MESSAGE_TYPE = 'bezoar-port';

/** What the Electron preload exposes to the page: functions, nothing else. */
export interface Bridge {
  /** The window listens: the port may come. */
  ready(): void;
  acquireFiles(purpose: 'evidence' | 'folder' | 'case'): Promise<readonly FileGrant[]>;
  /** Must be called before the first await of the drop handler. Files without a path are left out. */
  grantDropped(files: readonly DroppedFile[]): Promise<readonly FileGrant[]>;
  saveFile(purpose: 'case' | 'export', suggestedName: string): Promise<FileGrant | null>;
  notify(title: string, body: string): void;
  setTitle(title: string): void;
}

/** Channels between preload and main; no other is listened to. */
export const channels = {
  ready: 'bezoar:ready',
  port: 'bezoar:port',
  acquireFiles: 'bezoar:acquire-files',
  grantPaths: 'bezoar:grant-paths',
  saveFile: 'bezoar:save-file',
  notify: 'bezoar:notify',
  setTitle: 'bezoar:set-title',
} as const;
