import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, mkdtemp, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BezoarError } from '../contract/errors.ts';
import { isAlive } from '../engine/jobs/process-alive.ts';
import { safeFileName } from './folder.ts';
import { respondEmpty } from './responses.ts';
import { newToken } from './session.ts';

/** No file of a case is larger. */
export const MAX_UPLOAD_BYTES = 64 * 1024 ** 3;
/** Left free beside an upload, for the case that is made of it. */
const SPARE_BYTES = 256 * 1024 ** 2;
/** Folders within an uploaded one. */
const MOST_DEPTH = 16;

/** Files on their way: uploads for the engine to read, exports for the browser to fetch once. */
export interface Staging {
  /**
   * Streams a request's body to a file: a staged one, or one that `keep` names and that nothing stands at yet.
   * @throws BezoarError evidence/too-large, case/disk-full, engine/bad-request; nothing is left then
   */
  receive(
    request: IncomingMessage,
    name: string,
    keep: (() => Promise<string>) | null,
  ): Promise<{ token: string; path: string; size: number }>;
  /** An empty folder for the files of one that was dropped. */
  openFolder(name: string): Promise<{ token: string; path: string }>;
  /**
   * Streams a request's body to a file of such a folder, by its path inside.
   * @throws BezoarError evidence/too-large, case/disk-full, engine/bad-request; nothing of the file is left then
   */
  receiveInto(request: IncomingMessage, folder: string, path: string): Promise<void>;
  /** A file for the engine to write an export to. */
  expect(name: string): Promise<{ token: string; path: string }>;
  /** Sends an export as an attachment and forgets it. */
  deliver(token: string, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export async function openStaging(userData: string, maxBytes = MAX_UPLOAD_BYTES): Promise<Staging> {
  await mkdir(userData, { recursive: true });
  await removeLeftBehind(userData);
  const folder = await mkdtemp(join(userData, `staging-${process.pid}-`));
  const folders = new Map<string, string>();
  const stream = streamer(maxBytes);
  const exports = new Map<string, { path: string; name: string }>();
  /** A folder for each file, so that it keeps its name: what a file is can depend on it. */
  const stagedPath = async (token: string, name: string): Promise<string> => {
    await mkdir(join(folder, token));
    return join(folder, token, safeFileName(name));
  };

  return {
    receive: async (request, name, keep) => {
      const token = newToken();
      const place = keep === null ? folder : dirname(await keep());
      const received = await stream(request, name, place, async () =>
        keep === null ? openNew(await stagedPath(token, name)) : openFirstFree(keep),
      );
      if (received.failure !== null) {
        await rm(keep === null ? dirname(received.path) : received.path, { recursive: true, force: true });
        throw received.failure;
      }
      return { token, path: received.path, size: received.size };
    },
    openFolder: async (name) => {
      const token = newToken();
      const path = await stagedPath(token, name);
      await mkdir(path);
      folders.set(token, path);
      return { token, path };
    },
    receiveInto: async (request, token, path) => {
      const root = folders.get(token);
      const parts = path.split('/');
      const last = parts.at(-1) ?? '';
      // What a name would have to be changed for could stand in for another one.
      if (
        root === undefined ||
        parts.length > MOST_DEPTH ||
        parts.some((part) => safeFileName(part) !== part)
      )
        throw new BezoarError(
          'engine/bad-request',
          `“${path.slice(0, 200)}” is not a name that a file of an uploaded folder can have. Nothing was kept. Rename it and drop the folder again.`,
        );
      const target = join(root, ...parts);
      await mkdir(dirname(target), { recursive: true });
      const received = await stream(request, last, root, () => openNew(target));
      if (received.failure === null) return;
      await rm(target, { force: true });
      throw received.failure;
    },
    expect: async (name) => {
      const token = newToken();
      const path = await stagedPath(token, name);
      exports.set(token, { path, name: safeFileName(name) });
      return { token, path };
    },
    deliver: async (token, response) => {
      const entry = exports.get(token);
      const info = entry === undefined ? null : await stat(entry.path).catch(() => null);
      // Of two that ask at once the second finds it gone.
      if (entry === undefined || info === null || !exports.delete(token)) {
        respondEmpty(response, 404);
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': info.size,
        'Content-Disposition': attachment(entry.name),
        'Cache-Control': 'no-store',
      });
      await pipeline(createReadStream(entry.path), response).finally(() =>
        rm(dirname(entry.path), { recursive: true, force: true }),
      );
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Streams a request's body to the file that `open` makes on the disk of `place`; where that fails, says why and leaves to
 * the caller what lies there.
 * @throws BezoarError evidence/too-large, case/disk-full, engine/bad-request before a byte of it
 */
function streamer(maxBytes: number) {
  return async (
    request: IncomingMessage,
    name: string,
    place: string,
    open: () => Promise<{ file: FileHandle; path: string }>,
  ): Promise<{ path: string; size: number; failure: BezoarError | null }> => {
    const declared = Number(request.headers['content-length']);
    if (!Number.isSafeInteger(declared) || declared < 0)
      throw new BezoarError(
        'engine/bad-request',
        `The size of “${safeFileName(name)}” was not told. Nothing was kept.`,
      );
    if (declared > maxBytes)
      throw new BezoarError(
        'evidence/too-large',
        `“${safeFileName(name)}” has ${declared} bytes; Bezoar takes at most ${maxBytes}. Nothing was kept.`,
      );
    const disk = await statfs(place);
    if (disk.bavail * disk.bsize < declared + SPARE_BYTES)
      throw new BezoarError(
        'case/disk-full',
        `There is no room for “${safeFileName(name)}” (${declared} bytes) on the disk that holds ${place}. Nothing was kept. Free some space and drop it again.`,
      );
    const { file, path } = await open();
    let received = 0;
    try {
      try {
        // The request stays whole on an error, so that the reason can still be answered.
        for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
          await file.writeFile(part);
          received += part.length;
        }
      } finally {
        await file.close();
      }
      if (received !== declared) throw new Error('shorter than declared');
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
      const failure = full
        ? new BezoarError(
            'case/disk-full',
            'The disk filled up during the upload. Nothing was kept. Free some space and drop the file again.',
          )
        : new BezoarError(
            'engine/bad-request',
            `“${safeFileName(name)}” did not arrive whole. Nothing was kept. Drop it again.`,
          );
      return { path, size: received, failure };
    }
    return { path, size: received, failure: null };
  };
}

async function openNew(path: string): Promise<{ file: FileHandle; path: string }> {
  return { file: await open(path, 'wx', 0o600), path };
}

/** Two uploads of one name at once are told the same free path; the later one asks again. */
async function openFirstFree(free: () => Promise<string>): Promise<{ file: FileHandle; path: string }> {
  for (;;) {
    try {
      return await openNew(await free());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** What a host that was killed had staged is of no use to anyone. */
async function removeLeftBehind(userData: string): Promise<void> {
  for (const name of await readdir(userData)) {
    const pid = /^staging-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(userData, name), { recursive: true, force: true });
  }
}

/** RFC 6266: an ASCII name for old clients, the true one in UTF-8. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const utf8 = encodeURIComponent(name).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${utf8}`;
}
