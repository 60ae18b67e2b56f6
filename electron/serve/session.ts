import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { PAGE_TOKEN_HEADER, SOCKET_PROTOCOL } from '../contract/serve-api.ts';

/** 256 bits, URL-safe. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in a time that does not tell how much agreed. */
function sameToken(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * Who may talk to the host of one port. A start token is exchanged once for a cookie and a page token; from then on the
 * cookie comes with every request and the page token with everything that reads or changes data.
 */
export interface Session {
  readonly startToken: string;
  /** The cookie to set and the page token; null when the token is wrong or was used. */
  exchange(token: string): { readonly cookie: string; readonly pageToken: string } | null;
  /** Host and cookie are ours, and so is Origin where one is sent: enough for the window's own files. */
  mayRead(headers: IncomingHttpHeaders): boolean;
  /** As {@link mayRead}, and the page token is in its header; `changes` asks for an Origin as well. */
  mayCall(headers: IncomingHttpHeaders, changes: boolean): boolean;
  /** As {@link mayCall} with Origin and the page token among the sub-protocols. */
  mayConnect(headers: IncomingHttpHeaders): boolean;
  /** Host is this port on the loopback by name or number: all that the exchange itself can be asked for. */
  isOwnHost(headers: IncomingHttpHeaders): boolean;
}

export function createSession(port: number): Session {
  const startToken = newToken();
  const secret = newToken();
  const pageToken = newToken();
  const cookieName = `bezoar-${port}`;
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  let used = false;

  const isOwnHost = (headers: IncomingHttpHeaders): boolean => hosts.has(headers.host ?? '');
  const isOwnOrigin = (headers: IncomingHttpHeaders): boolean =>
    headers.origin === `http://${headers.host ?? ''}`;
  const hasCookie = (headers: IncomingHttpHeaders): boolean =>
    cookieValues(headers.cookie, cookieName).some((value) => sameToken(value, secret));

  const mayRead = (headers: IncomingHttpHeaders): boolean =>
    isOwnHost(headers) && hasCookie(headers) && (headers.origin === undefined || isOwnOrigin(headers));

  return {
    startToken,
    isOwnHost,
    exchange: (token) => {
      if (used || !sameToken(token, startToken)) return null;
      used = true;
      return { cookie: `${cookieName}=${secret}; HttpOnly; SameSite=Strict; Path=/`, pageToken };
    },
    mayRead,
    mayCall: (headers, changes) => {
      const sent = headers[PAGE_TOKEN_HEADER.toLowerCase()];
      return (
        mayRead(headers) &&
        (!changes || isOwnOrigin(headers)) &&
        typeof sent === 'string' &&
        sameToken(sent, pageToken)
      );
    },
    mayConnect: (headers) => {
      const sent = socketToken(headers['sec-websocket-protocol']);
      return mayRead(headers) && isOwnOrigin(headers) && sent !== null && sameToken(sent, pageToken);
    },
  };
}

/** The page token among the sub-protocols, or null. */
function socketToken(header: string | undefined): string | null {
  const [protocol, token, ...more] = (header ?? '').split(',').map((part) => part.trim());
  return protocol === SOCKET_PROTOCOL && more.length === 0 ? (token ?? null) : null;
}

function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
}
