import { describe, expect, it } from 'vitest';
import { createSession, newToken } from './session.ts';

describe('createSession', () => {
  const session = createSession(4711);
  const exchanged = session.exchange(session.startToken);
  const cookie = exchanged?.cookie.split(';')[0] ?? '';
  const good = {
    host: '127.0.0.1:4711',
    origin: 'http://127.0.0.1:4711',
    cookie: `other=1; ${cookie}`,
    'x-bezoar-token': exchanged?.pageToken ?? '',
  };

  it('exchanges its token once, for a strict cookie named after the port', () => {
    expect(exchanged?.cookie).toMatch(/^bezoar-4711=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(session.exchange(session.startToken)).toBeNull();
  });

  it('does not spend its token on a wrong one', () => {
    const other = createSession(1);
    expect(other.exchange(newToken())).toBeNull();
    expect(other.exchange(other.startToken)).not.toBeNull();
  });

  it('lets its own page call', () => {
    expect(session.mayCall(good, true)).toBe(true);
    expect(session.mayCall({ ...good, host: 'localhost:4711', origin: 'http://localhost:4711' }, true)).toBe(
      true,
    );
  });

  it.each([
    ['no cookie', { cookie: undefined }],
    ['the cookie of another port', { cookie: cookie.replace('4711', '4712') }],
    ['a wrong cookie', { cookie: `bezoar-4711=${newToken()}` }],
    ['no page token', { 'x-bezoar-token': undefined }],
    ['a wrong page token', { 'x-bezoar-token': newToken() }],
    ['a foreign Host', { host: 'evil.example:4711', origin: 'http://evil.example:4711' }],
    ['another port', { host: '127.0.0.1:80', origin: 'http://127.0.0.1:80' }],
    ['a foreign Origin', { origin: 'http://evil.example' }],
    ['the Origin of the other name', { origin: 'http://localhost:4711' }],
    ['a null Origin', { origin: 'null' }],
    ['no Origin on a change', { origin: undefined }],
  ])('refuses %s', (_name, change) => {
    expect(session.mayCall({ ...good, ...change }, true)).toBe(false);
  });

  it('lets a socket in with the page token as its second sub-protocol alone', () => {
    const page = exchanged?.pageToken ?? '';
    const upgrade = (protocols: string) =>
      session.mayConnect({ ...good, 'sec-websocket-protocol': protocols });
    expect(upgrade(`bezoar, ${page}`)).toBe(true);
    expect(upgrade(page)).toBe(false);
    expect(upgrade(`bezoar, ${newToken()}`)).toBe(false);
    expect(upgrade(`bezoar, ${page}, more`)).toBe(false);
  });
});
