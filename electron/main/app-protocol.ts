import { protocol } from 'electron';
import { readFile } from 'node:fs/promises';
import { SECURITY_HEADERS } from '../contract/content-security-policy.ts';
import { findWindowFile } from '../supervisor/window-files.ts';

const SCHEME = 'app';
/** Where the window's files are; nothing else is ever loaded. */
export const WINDOW_ORIGIN = `${SCHEME}://bezoar`;

/** Must run before the app is ready. */
export function declareProtocol(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the window's own files with the strict policy. */
export function serveProtocol(rendererRoot: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const file =
      url.host === 'bezoar' && request.method === 'GET'
        ? await findWindowFile(rendererRoot, url.pathname)
        : null;
    if (file === null) return new Response(null, { status: 404, headers: SECURITY_HEADERS });
    return new Response(await readFile(file.path), {
      headers: { ...SECURITY_HEADERS, 'Content-Type': file.type },
    });
  });
}
