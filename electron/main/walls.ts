import type { Session } from 'electron';
import { app } from 'electron';
import { WINDOW_ORIGIN } from './app-protocol.ts';

/** No permission, no device, no request beyond the window's own files. */
export function closeSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => {
    answer(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !isOwnRequest(details.url) });
  });
}

/** No navigation, no second window, no webview, in any contents that ever come to be. */
export function closeContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      event.preventDefault();
    });
    contents.on('will-redirect', (event) => {
      event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => {
      event.preventDefault();
    });
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

function isOwnRequest(url: string): boolean {
  return (
    url.startsWith(`${WINDOW_ORIGIN}/`) ||
    url.startsWith(`blob:${WINDOW_ORIGIN}/`) ||
    url.startsWith('data:') ||
    url.startsWith('devtools:')
  );
}
