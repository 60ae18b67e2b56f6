import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { findWindowFile } from '../supervisor/window-files.ts';
import { respondEmpty } from './responses.ts';

/** Answers with a file of the window. Names under `assets/` carry a hash of their content and may be kept. */
export async function sendStaticFile(
  root: string,
  urlPath: string,
  head: boolean,
  response: ServerResponse,
): Promise<void> {
  const file = await findWindowFile(root, urlPath);
  if (file === null) {
    respondEmpty(response, 404);
    return;
  }
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': file.size,
    'Cache-Control': urlPath.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
  });
  if (head) response.end();
  else await pipeline(createReadStream(file.path), response);
}
