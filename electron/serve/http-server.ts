import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import type { FileToken } from '../contract/case.ts';
import { SECURITY_HEADERS } from '../contract/content-security-policy.ts';
import { BezoarError } from '../contract/errors.ts';
import type { FileGrant } from '../contract/host.ts';
import { AcquireRequest, SaveRequest, servePaths } from '../contract/serve-api.ts';
import type { ServedFolder } from './folder.ts';
import { safeFileName } from './folder.ts';
import { readJson, respondEmpty, respondFailure, respondJson } from './responses.ts';
import type { Session } from './session.ts';
import { newToken } from './session.ts';
import type { Staging } from './staging.ts';
import { sendStaticFile } from './static-files.ts';

export interface HttpServerOptions {
  /** Folder of the built window. */
  readonly rendererRoot: string;
  readonly folder: ServedFolder;
  readonly staging: Staging;
  readonly grant: (token: string, path: string, mode: 'read' | 'write') => Promise<void>;
  readonly log: (line: string) => void;
}

const LOOPBACK = '127.0.0.1';

/**
 * Listens on the loopback alone, on `port` or a free one (0).
 * @returns the server and the port; requests are answered once {@link answerRequests} is given the port's session
 */
export async function listen(port: number): Promise<{ server: Server; port: number }> {
  // An upload takes as long as it takes; heads of requests keep Node's limit of a minute.
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new BezoarError(
              'usage',
              `Port ${port} is taken by another program. Name another one with --port.`,
            )
          : error,
      );
    });
    server.listen(port, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, port: address.port };
}

/** Answers the window's requests; whatever is not from it is refused with 403 and no word. */
export function answerRequests(server: Server, session: Session, options: HttpServerOptions): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    answer(request, response, session, options).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof BezoarError) respondFailure(response, error);
      else {
        options.log(`serve: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        respondEmpty(response, 500);
      }
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  session: Session,
  options: HttpServerOptions,
): Promise<void> {
  const { method, headers } = request;
  // Parsed by hand: URL() would quietly resolve '..' and accept a foreign authority.
  const target = request.url ?? '';
  const cut = target.indexOf('?');
  const path = cut < 0 ? target : target.slice(0, cut);
  const query = new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1));
  const refuse = (): void => {
    response.shouldKeepAlive = false;
    respondEmpty(response, 403);
  };

  const token = path === '/' && method === 'GET' ? query.get('token') : null;
  if (token !== null) {
    const exchanged =
      session.isOwnHost(headers) && headers.origin === undefined ? session.exchange(token) : null;
    if (exchanged === null) {
      refuse();
      return;
    }
    response.writeHead(302, {
      Location: `/#${exchanged.pageToken}`,
      'Set-Cookie': exchanged.cookie,
      'Content-Length': 0,
      'Cache-Control': 'no-store',
    });
    response.end();
    return;
  }

  const route = `${method ?? ''} ${path}`;
  switch (route) {
    case `POST ${servePaths.uploadFolder}`: {
      if (!session.mayCall(headers, true)) break;
      const name = safeFileName(query.get('name') ?? '');
      const opened = await options.staging.openFolder(name);
      await options.grant(opened.token, opened.path, 'read');
      respondJson(response, 200, grantOf(opened.token, name, 0));
      return;
    }
    case `POST ${servePaths.upload}`: {
      if (!session.mayCall(headers, true)) break;
      const folder = query.get('folder');
      if (folder !== null) {
        await options.staging.receiveInto(request, folder, query.get('path') ?? '');
        respondJson(response, 200, {});
        return;
      }
      const name = safeFileName(query.get('name') ?? '');
      // A case lives on where it is opened: it goes into the served folder, everything else is read once.
      const keep = /\.bezoar$/i.test(name) ? () => options.folder.newFile(name, '.bezoar') : null;
      const received = await options.staging.receive(request, name, keep);
      await options.grant(received.token, received.path, 'read');
      respondJson(response, 200, grantOf(received.token, name, received.size));
      return;
    }
    case `GET ${servePaths.folder}`:
      if (!session.mayCall(headers, false)) break;
      respondJson(response, 200, await options.folder.list(query.get('path') ?? ''));
      return;
    case `POST ${servePaths.acquire}`: {
      if (!session.mayCall(headers, true)) break;
      const { paths } = await readJson(request, AcquireRequest);
      const files = await Promise.all(paths.map((one) => options.folder.entry(one)));
      const grants: FileGrant[] = [];
      for (const file of files) {
        const granted = newToken();
        await options.grant(granted, file.path, 'read');
        grants.push(grantOf(granted, file.name, file.size));
      }
      respondJson(response, 200, grants);
      return;
    }
    case `POST ${servePaths.save}`: {
      if (!session.mayCall(headers, true)) break;
      const { purpose, suggestedName } = await readJson(request, SaveRequest);
      if (purpose === 'export') {
        const expected = await options.staging.expect(suggestedName);
        await options.grant(expected.token, expected.path, 'write');
        respondJson(response, 200, grantOf(expected.token, safeFileName(suggestedName), 0));
      } else {
        const created = await options.folder.newFile(suggestedName, '.bezoar');
        const granted = newToken();
        await options.grant(granted, created, 'write');
        respondJson(response, 200, grantOf(granted, basename(created), 0));
      }
      return;
    }
    default:
      if (!session.mayRead(headers)) break;
      if (method !== 'GET' && (method !== 'HEAD' || path.startsWith(servePaths.download)))
        respondEmpty(response, 405);
      else if (path.startsWith(servePaths.download))
        await options.staging.deliver(path.slice(servePaths.download.length), response);
      else await sendStaticFile(options.rendererRoot, path, method === 'HEAD', response);
      return;
  }
  refuse();
}

function grantOf(token: string, name: string, size: number): FileGrant {
  return { token: token as FileToken, name, size };
}
