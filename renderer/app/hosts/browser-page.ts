import { BezoarError } from '../../../electron/contract/errors.ts';
import { Failure } from '../../../electron/contract/failure.ts';
import { PAGE_TOKEN_HEADER, SOCKET_PATH, SOCKET_PROTOCOL } from '../../../electron/contract/serve-api.ts';
import type { DroppedFolder } from '../../../electron/contract/host.ts';
import type { ServePage } from './serve-host.ts';

const STORED = 'bezoar-token';

/** The page's token, taken out of the address at once so that it stays out of history and screenshots. */
function takeToken(): string {
  const given = window.location.hash.slice(1);
  if (given !== '') {
    sessionStorage.setItem(STORED, given);
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
  }
  return sessionStorage.getItem(STORED) ?? '';
}

/** The real browser window behind the serve host. */
export function browserPage(): ServePage {
  const token = takeToken();
  return {
    openSocket: ({ opened, closed, received }) => {
      const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
      // An empty protocol is a syntax error; the server refuses any wrong one alike.
      const socket = new WebSocket(`${scheme}://${window.location.host}${SOCKET_PATH}`, [
        SOCKET_PROTOCOL,
        token || 'none',
      ]);
      socket.binaryType = 'arraybuffer';
      socket.onopen = opened;
      socket.onclose = closed;
      socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
        received(data);
      };
      return (text) => {
        socket.send(text);
      };
    },
    request: (method, path, body, progress, stop) =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open(method, path);
        request.setRequestHeader(PAGE_TOKEN_HEADER, token);
        if (body instanceof Blob) {
          request.setRequestHeader('Content-Type', 'application/octet-stream');
          request.upload.onprogress = ({ loaded, total }) => {
            progress?.(total === 0 ? 1 : loaded / total);
          };
        } else if (typeof body === 'string') {
          request.setRequestHeader('Content-Type', 'application/json');
        }
        request.onload = () => {
          const answer = jsonOf(request.responseText);
          if (request.status >= 200 && request.status < 300) resolve(answer);
          else reject(failureOf(answer, request.status));
        };
        request.onerror = () => {
          reject(
            new BezoarError(
              'engine/lost',
              'The Bezoar server did not answer. Nothing was changed; see whether it still runs in its terminal.',
            ),
          );
        };
        stop?.addEventListener('abort', () => {
          request.abort();
        });
        request.onabort = () => {
          reject(new BezoarError('job/cancelled', 'The upload was given up. Nothing was imported.'));
        };
        request.send(body instanceof Blob || typeof body === 'string' ? body : null);
      }),
    pickFiles: (purpose) =>
      new Promise((resolve) => {
        const input = document.createElement('input');
        input.type = 'file';
        // Evidence is told by its bytes: whatever it is called, it may be looked into.
        input.multiple = purpose === 'evidence';
        if (purpose === 'case') input.accept = '.bezoar';
        input.addEventListener('change', () => {
          resolve([...(input.files ?? [])]);
        });
        input.addEventListener('cancel', () => {
          resolve([]);
        });
        input.click();
      }),
    pickFolder: () =>
      new Promise((resolve) => {
        const input = document.createElement('input');
        input.type = 'file';
        input.webkitdirectory = true;
        input.addEventListener('change', () => {
          resolve(folderOf([...(input.files ?? [])]));
        });
        input.addEventListener('cancel', () => {
          resolve(null);
        });
        input.click();
      }),
    download: (path, name) => {
      const link = document.createElement('a');
      link.href = path;
      link.download = name;
      link.click();
    },
    notify: (title, body) => {
      if ('Notification' in window && Notification.permission === 'granted')
        new Notification(title, { body });
    },
    setTitle: (title) => {
      document.title = title;
    },
    later: (milliseconds, run) => {
      setTimeout(run, milliseconds);
    },
  };
}

/** The folder that a browser gave as its files; hidden ones are left out. */
function folderOf(files: readonly File[]): DroppedFolder | null {
  const [first] = files;
  if (files.length === 0) return null;
  const name = first.webkitRelativePath.split('/')[0];
  return {
    name,
    files: files
      .map((file) => ({ path: file.webkitRelativePath.slice(name.length + 1), file }))
      .filter(({ path }) => !path.split('/').some((part) => part.startsWith('.'))),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function failureOf(answer: unknown, status: number): BezoarError {
  const failure = Failure.safeParse(answer);
  if (failure.success) return new BezoarError(failure.data.code, failure.data.sentence);
  return new BezoarError(
    'engine/bad-request',
    `The Bezoar server refused this (HTTP ${status}). Nothing was changed.`,
  );
}
