import { z } from 'zod';
import { FileToken } from '../../../electron/contract/case.ts';
import { BezoarError } from '../../../electron/contract/errors.ts';
import type {
  DroppedFile,
  DroppedFolder,
  FileGrant,
  FolderEntry,
  Host,
  Stop,
} from '../../../electron/contract/host.ts';
import { servePaths } from '../../../electron/contract/serve-api.ts';
import { messageOfFrame } from './binary-frame.ts';
import { WireClient } from './wire-client.ts';

/** What the serve host needs of a browser's window; the real one is `browserPage`. */
export interface ServePage {
  /** Opens the WebSocket to the engine; the answer sends text over it. */
  openSocket(handlers: SocketHandlers): (text: string) => void;
  /** One HTTP request with the page's token; the JSON of the answer. Rejects with BezoarError, also when stopped. */
  request(
    method: 'GET' | 'POST',
    path: string,
    body: DroppedFile | string | null,
    progress?: (fraction: number) => void,
    stop?: Stop,
  ): Promise<unknown>;
  /** The browser's own file dialog; empty when cancelled. */
  pickFiles(purpose: 'evidence' | 'case'): Promise<readonly DroppedFile[]>;
  /** The browser's dialog for a folder; null when cancelled. */
  pickFolder(): Promise<DroppedFolder | null>;
  download(path: string, name: string): void;
  notify(title: string, body: string): void;
  setTitle(title: string): void;
  /** Runs after so many milliseconds. */
  later(milliseconds: number, run: () => void): void;
}

export interface SocketHandlers {
  opened(this: void): void;
  /** Also when it never opened. */
  closed(this: void): void;
  received(this: void, data: string | ArrayBuffer): void;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4000;
const UPLOAD_LANES = 4;
const LOST = 'The connection to the engine is gone. Bezoar tries to connect again; the case on disk is safe.';

const Granted = z.object({ token: FileToken, name: z.string(), size: z.number() });
const FolderListing = z.array(
  z.object({ name: z.string(), path: z.string(), kind: z.enum(['file', 'folder']), size: z.number() }),
);

/** The browser window's door to a loopback server that holds the engine. Connects again for as long as it lives. */
export function createServeHost(page: ServePage): Host {
  const client = new WireClient();

  function connect(retryMs: number): void {
    let wait = retryMs;
    const send = page.openSocket({
      opened: () => {
        wait = FIRST_RETRY_MS;
        client.connected((message) => {
          send(JSON.stringify(message));
        });
      },
      received: (data) => {
        client.receive(typeof data === 'string' ? parseJson(data) : messageOfFrame(data));
      },
      closed: () => {
        client.disconnected(LOST);
        page.later(wait, () => {
          connect(Math.min(LONGEST_RETRY_MS, wait * 2));
        });
      },
    });
  }

  async function upload(
    files: readonly DroppedFile[],
    progress: (fraction: number) => void,
    stop?: Stop,
  ): Promise<FileGrant[]> {
    const total = files.reduce((sum, file) => sum + file.size, 0);
    const grants: FileGrant[] = [];
    let before = 0;
    for (const file of files) {
      const answer = await page.request(
        'POST',
        `${servePaths.upload}?name=${encodeURIComponent(file.name)}`,
        file,
        (fraction) => {
          progress(total === 0 ? 1 : (before + fraction * file.size) / total);
        },
        stop,
      );
      grants.push(agreed(Granted, answer));
      before += file.size;
    }
    progress(1);
    return grants;
  }

  /** Uploads a folder file by file; what it holds is known to the engine by the folder's grant alone. */
  async function uploadFolder(
    folder: DroppedFolder,
    progress: (fraction: number) => void,
    stop?: Stop,
  ): Promise<FileGrant> {
    const named = encodeURIComponent(folder.name);
    const grant = agreed(
      Granted,
      await page.request('POST', `${servePaths.uploadFolder}?name=${named}`, null),
    );
    const total = Math.max(
      1,
      folder.files.reduce((sum, { file }) => sum + file.size, 0),
    );
    const into = `${servePaths.upload}?folder=${encodeURIComponent(grant.token)}`;
    let sent = 0;
    let next = 0;
    // Small files wait for their answers most of the time.
    const lane = async (): Promise<void> => {
      for (let at = next++; at < folder.files.length && stop?.aborted !== true; at = next++) {
        const { path, file } = folder.files[at];
        await page.request('POST', `${into}&path=${encodeURIComponent(path)}`, file, undefined, stop);
        sent += file.size;
        progress(sent / total);
      }
    };
    await Promise.all(Array.from({ length: UPLOAD_LANES }, lane));
    return grant;
  }

  connect(FIRST_RETRY_MS);
  return {
    kind: 'serve',
    call: (name, params) => client.call(name, params),
    subscribe: (topic, listener) => client.subscribe(topic, listener),
    bulk: (request) => client.bulk(request),
    acquireFiles: async (purpose, progress = () => undefined, stop) => {
      const files = await page.pickFiles(purpose);
      return files.length === 0 ? [] : upload(files, progress, stop);
    },
    acquireFolder: async (progress, stop) => {
      const folder = await page.pickFolder();
      return folder === null ? [] : [await uploadFolder(folder, progress, stop)];
    },
    acquireDropped: async (files, dropped, progress, stop) => {
      const folders = await dropped;
      const names = new Set(folders.map(({ name }) => name));
      const plain = files.filter(({ name }) => !names.has(name));
      const grants = plain.length > 0 ? await upload(plain, progress, stop) : [];
      for (const folder of folders) grants.push(await uploadFolder(folder, progress, stop));
      return grants;
    },
    folder: {
      list: async (path): Promise<FolderEntry[]> =>
        agreed(
          FolderListing,
          await page.request('GET', `${servePaths.folder}?path=${encodeURIComponent(path)}`, null),
        ),
      acquire: async (paths): Promise<FileGrant[]> =>
        agreed(z.array(Granted), await page.request('POST', servePaths.acquire, JSON.stringify({ paths }))),
    },
    saveFile: async (purpose, suggestedName) =>
      agreed(
        Granted,
        await page.request('POST', servePaths.save, JSON.stringify({ purpose, suggestedName })),
      ),
    delivered: (grant) => {
      page.download(`${servePaths.download}${encodeURIComponent(grant.token)}`, grant.name);
      return Promise.resolve();
    },
    notify: (title, body) => {
      page.notify(title, body);
    },
    setTitle: (title) => {
      page.setTitle(title);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function agreed<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new BezoarError('engine/bug', 'The answer of the Bezoar server is not as agreed; it was put aside.');
}
