import { z } from 'zod';

/**
 * The loopback host as the page sees it. The page is opened at `/#PAGETOKEN`; it keeps the page token in
 * sessionStorage, takes it out of the address, and sends it with each call: as a header, or as the second
 * sub-protocol of the WebSocket. The session cookie goes along by itself.
 */
export const PAGE_TOKEN_HEADER = 'X-Bezoar-Token';

/** WebSocket path, opened with two sub-protocols: {@link SOCKET_PROTOCOL} and the page token. */
export const SOCKET_PATH = '/engine';
/** Text frames are ClientMessage and EngineMessage as JSON; `bulk-page` is a binary frame (wire.ts). */
export const SOCKET_PROTOCOL = 'bezoar';

/**
 * Requests besides the socket. A failed one answers 4xx or 5xx with a Failure as JSON; a refused one 403 with nothing.
 *
 * - `POST /upload?name=NAME`, the file as body: a FileGrant
 * - `POST /upload/folder?name=NAME`: a FileGrant of an empty folder
 * - `POST /upload?folder=TOKEN&path=PATH`, the file as body: nothing; it lies in that folder then
 * - `GET /folder?path=PATH`: FolderEntry[], PATH inside the served folder, '' for itself
 * - `POST /folder/acquire`, {@link AcquireRequest}: FileGrant[]
 * - `POST /save`, {@link SaveRequest}: a FileGrant
 * - `GET /download/TOKEN`: the written export as an attachment, once
 */
export const servePaths = {
  upload: '/upload',
  uploadFolder: '/upload/folder',
  folder: '/folder',
  acquire: '/folder/acquire',
  save: '/save',
  download: '/download/',
} as const;

export const AcquireRequest = z.object({ paths: z.array(z.string().max(4096)).min(1).max(64) });
export const SaveRequest = z.object({
  purpose: z.enum(['case', 'export']),
  suggestedName: z.string().max(255),
});
