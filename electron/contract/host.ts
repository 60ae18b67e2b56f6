import type { BulkArray, BulkRequest } from './bulk.ts';
import type { CallName, Params, Result } from './calls.ts';
import type { FileToken } from './case.ts';
import type { EventOf, Topic } from './events.ts';

/** A file that main or the serve host let the engine touch. */
export interface FileGrant {
  readonly token: FileToken;
  readonly name: string;
  readonly size: number;
}

/** The browser's File, as far as the contract needs to know it. */
export interface DroppedFile {
  readonly name: string;
  readonly size: number;
}

/** A folder that was dropped or chosen in a browser, which shows its files and not where it lies. */
export interface DroppedFolder {
  readonly name: string;
  /** Paths inside the folder, with '/'. */
  readonly files: readonly { readonly path: string; readonly file: DroppedFile }[];
}

/** An entry of the folder that the serve host was started on. */
export interface FolderEntry {
  readonly name: string;
  /** Path inside the folder, with '/'. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
}

/** Tells when the analyst gives an upload up; an AbortSignal is one. */
export interface Stop {
  readonly aborted: boolean;
  addEventListener(type: 'abort', run: () => void): void;
}

/**
 * The one door of the renderer to the rest: the Electron preload and the serve client implement it, and one
 * conformance suite holds both. Calls reject with BezoarError; a lost engine rejects what was under way with
 * `engine/lost`.
 */
export interface Host {
  readonly kind: 'electron' | 'serve';
  call<N extends CallName>(name: N, params: Params<N>): Promise<Result<N>>;
  subscribe<T extends Topic>(topic: T, listener: (payload: EventOf<T>) => void): () => void;
  bulk(request: BulkRequest): Promise<BulkArray>;
  /** The file dialog. Empty when cancelled. `progress`: 0 to 1 of an upload, which `stop` gives up. */
  acquireFiles(
    purpose: 'evidence' | 'case',
    progress?: (fraction: number) => void,
    stop?: Stop,
  ): Promise<readonly FileGrant[]>;
  /** The dialog for a folder, as the one for files. */
  acquireFolder(progress: (fraction: number) => void, stop?: Stop): Promise<readonly FileGrant[]>;
  /**
   * Files and folders dropped on the window; a folder stands among the files as well. Must be called before the first await
   * of the drop handler.
   */
  acquireDropped(
    files: readonly DroppedFile[],
    folders: Promise<readonly DroppedFolder[]>,
    progress: (fraction: number) => void,
    stop?: Stop,
  ): Promise<readonly FileGrant[]>;
  /** The folder that the serve host was started on; null where the file dialog does this. */
  readonly folder: {
    list(path: string): Promise<readonly FolderEntry[]>;
    acquire(paths: readonly string[]): Promise<readonly FileGrant[]>;
  } | null;
  /** Asks where to write; null when cancelled. */
  saveFile(purpose: 'case' | 'export', suggestedName: string): Promise<FileGrant | null>;
  /** After a file of saveFile was written: the serve host hands it to the browser, Electron does nothing. */
  delivered(grant: FileGrant): Promise<void>;
  notify(title: string, body: string): void;
  setTitle(title: string): void;
}
