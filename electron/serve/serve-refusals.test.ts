import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CONTENT_SECURITY_POLICY } from '../contract/content-security-policy.ts';
import type { ToWindow } from '../contract/wire.ts';
import { attachEngineSocket } from './engine-socket.ts';
import { openServedFolder, safeFileName } from './folder.ts';
import { answerRequests, listen } from './http-server.ts';
import type { Session } from './session.ts';
import { createSession, newToken } from './session.ts';
import type { Staging } from './staging.ts';
import { openStaging } from './staging.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const grants = new Map<string, { path: string; mode: string }>();
let area = '';
let server: Server;
let port = 0;
let session: Session;
let staging: Staging;
let cookie = '';
let pageToken = '';

/** One request over a real connection, path and headers exactly as given. */
function ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers, setHost: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString('utf8'),
        });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const own = (more: Record<string, string> = {}): Record<string, string> => ({
  Host: `127.0.0.1:${port}`,
  Origin: `http://127.0.0.1:${port}`,
  Cookie: cookie,
  'X-Bezoar-Token': pageToken,
  ...more,
});

beforeAll(async () => {
  area = await mkdtemp(join(tmpdir(), 'bezoar-serve-'));
  const renderer = join(area, 'renderer');
  const root = join(area, 'root');
  await mkdir(join(renderer, 'assets'), { recursive: true });
  await mkdir(join(root, 'inner'), { recursive: true });
  await writeFile(join(area, 'secret.json'), 'secret');
  await writeFile(join(renderer, 'index.html'), '<!doctype html>');
  await writeFile(join(renderer, 'assets', 'a.js'), 'void 0;');
  await symlink(join(area, 'secret.json'), join(renderer, 'linked.json'));
  await writeFile(join(root, 'inner', 'a.npy'), 'array');
  await symlink(area, join(root, 'way-out'));
  ({ server, port } = await listen(0));
  session = createSession(port);
  staging = await openStaging(join(area, 'user'), 1000);
  answerRequests(server, session, {
    rendererRoot: renderer,
    folder: await openServedFolder(root),
    staging,
    grant: (token, path, mode) => {
      grants.set(token, { path, mode });
      return Promise.resolve();
    },
    log: () => undefined,
  });
  const socket = attachEngineSocket({
    server,
    session,
    send: ({ window, message }) => {
      const { id } = message as { id: number };
      if (id === 4) throw new RangeError('Maximum call stack size exceeded');
      const answer: ToWindow =
        id === 2
          ? {
              window,
              message: {
                kind: 'bulk-page',
                id,
                header: { dtype: 'uint8', shape: [3], offset: 0, total: 3 },
                data: new Uint8Array([7, 8, 9]),
              },
            }
          : { window, message: { kind: 'reply', id, ok: true, result: 'here' } };
      socket.deliver(answer);
      return id !== 3;
    },
    greeting: () => null,
    onWindows: () => undefined,
  });
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await staging.close();
  await rm(area, { recursive: true, force: true });
});

describe('the door', () => {
  const host = (): Record<string, string> => ({ Host: `127.0.0.1:${port}` });

  it('listens on the loopback alone', () => {
    expect(server.address()).toMatchObject({ address: '127.0.0.1' });
  });

  it('refuses whoever has no token, with no word', async () => {
    for (const path of ['/', '/index.html', '/assets/a.js', '/?token=', `/?token=${newToken()}`]) {
      const answer = await ask('GET', path, host());
      expect(answer).toMatchObject({ status: 403, body: '' });
    }
  });

  it('refuses the right token under a foreign Host', async () => {
    const answer = await ask('GET', `/?token=${session.startToken}`, { Host: `evil.example:${port}` });
    expect(answer).toMatchObject({ status: 403, body: '' });
  });

  it('exchanges the token once', async () => {
    const first = await ask('GET', `/?token=${session.startToken}`, host());
    expect(first.status).toBe(302);
    const [header] = first.headers['set-cookie'] ?? [];
    cookie = header?.split(';')[0] ?? '';
    pageToken = first.headers.location?.replace('/#', '') ?? '';
    expect(first.headers['cache-control']).toBe('no-store');
    expect((await ask('GET', `/?token=${session.startToken}`, host())).status).toBe(403);
  });

  it('serves the window with every header', async () => {
    const answer = await ask('GET', '/', own());
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });

  it('refuses the window to a foreign Host or Origin even with the cookie', async () => {
    expect((await ask('GET', '/', own({ Host: 'rebound.example' }))).status).toBe(403);
    expect((await ask('GET', '/', own({ Origin: 'http://evil.example' }))).status).toBe(403);
  });
});

describe('static files', () => {
  it.each([
    '/../secret.json',
    '/assets/../../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/..%5csecret.json',
    '/linked.json',
    '/%00.json',
    '/%zz.json',
    '/assets',
  ])('do not lead out: %s', async (path) => {
    const answer = await ask('GET', path, own());
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });
});

describe('the folder', () => {
  it('is listed inside, without the link that leads out', async () => {
    const top = await ask('GET', '/folder?path=', own());
    expect(JSON.parse(top.body)).toEqual([{ name: 'inner', path: 'inner', kind: 'folder', size: 0 }]);
    const inner = await ask('GET', '/folder?path=inner', own());
    expect(JSON.parse(inner.body)).toEqual([{ name: 'a.npy', path: 'inner/a.npy', kind: 'file', size: 5 }]);
  });

  it.each(['..', 'inner/../..', '/etc', 'way-out', 'way-out/secret.json', 'inner/a.npy/../../..'])(
    'is not left by %s',
    async (path) => {
      const listed = await ask('GET', `/folder?path=${encodeURIComponent(path)}`, own());
      expect(listed.status).toBeGreaterThanOrEqual(400);
      const acquired = await ask('POST', '/folder/acquire', own(), JSON.stringify({ paths: [path] }));
      expect(acquired.status).toBeGreaterThanOrEqual(400);
      expect(grants.size).toBe(0);
    },
  );

  it('grants a file inside', async () => {
    const answer = await ask('POST', '/folder/acquire', own(), JSON.stringify({ paths: ['inner/a.npy'] }));
    const [grant] = JSON.parse(answer.body) as { token: string; name: string; size: number }[];
    expect(grant).toMatchObject({ name: 'a.npy', size: 5 });
    expect(grants.get(grant?.token ?? '')?.path).toMatch(/inner\/a\.npy$/);
  });

  it.each([
    ['without the page token', { 'X-Bezoar-Token': '' }],
    ['with a foreign Origin', { Origin: 'http://evil.example' }],
    ['without the cookie', { Cookie: '' }],
  ])('refuses a call %s', async (_name, change) => {
    const body = JSON.stringify({ paths: ['inner/a.npy'] });
    expect(await ask('POST', '/folder/acquire', own(change), body)).toMatchObject({ status: 403, body: '' });
    expect(await ask('GET', '/folder?path=', own(change))).toMatchObject({ status: 403, body: '' });
  });

  it('refuses a change that names no Origin', async () => {
    const rest = Object.fromEntries(Object.entries(own()).filter(([name]) => name !== 'Origin'));
    expect((await ask('POST', '/save', rest, '{}')).status).toBe(403);
  });
});

describe('uploads and exports', () => {
  it('takes a file and grants it', async () => {
    const answer = await ask('POST', '/upload?name=..%2Fa.npy', own({ 'Content-Length': '4' }), 'four');
    const grant = JSON.parse(answer.body) as { token: string; name: string; size: number };
    expect(grant).toMatchObject({ name: '-a.npy', size: 4 });
    expect(await readFile(grants.get(grant.token)?.path ?? '', 'utf8')).toBe('four');
  });

  it('takes a folder file by file, and nothing that would lie elsewhere', async () => {
    const opened = await ask('POST', '/upload/folder?name=..%2Fimages', own(), '');
    const { token, name } = JSON.parse(opened.body) as { token: string; name: string };
    expect(name).toBe('-images');
    const send = async (path: string, body: string, folder = token): Promise<number> => {
      const query = `folder=${encodeURIComponent(folder)}&path=${encodeURIComponent(path)}`;
      return (await ask('POST', `/upload?${query}`, own({ 'Content-Length': String(body.length) }), body))
        .status;
    };
    expect(await send('red/a.png', 'one')).toBe(200);
    expect(await send('b.png', 'two')).toBe(200);
    const root = grants.get(token)?.path ?? '';
    expect(await readFile(join(root, 'red', 'a.png'), 'utf8')).toBe('one');
    expect((await readdir(root, { recursive: true })).sort()).toEqual(['b.png', 'red', join('red', 'a.png')]);
    const before = await readdir(join(area, 'user'), { recursive: true });
    for (const path of [
      '',
      '..',
      '../x',
      'red/../../x',
      '/etc/x',
      'red//x',
      'a\\b',
      '.x',
      'c:x',
      'a'.repeat(300),
      'b.png',
    ])
      expect([path, await send(path, 'x')]).toEqual([path, path === 'b.png' ? 500 : 400]);
    expect(await send('c.png', 'x', 'no-such-folder')).toBe(400);
    expect(await readdir(join(area, 'user'), { recursive: true })).toEqual(before);
  });

  it('refuses one that is too large by what it declares, before a byte of it', async () => {
    const answer = await ask(
      'POST',
      '/upload?name=a.npy',
      own({ 'Content-Length': '1001' }),
      'x'.repeat(1001),
    );
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'evidence/too-large' });
  });

  it('refuses one that does not tell its size', async () => {
    const answer = await ask('POST', '/upload?name=a.npy', own({ 'Transfer-Encoding': 'chunked' }), 'x');
    expect(answer.status).toBe(400);
  });

  it('keeps nothing of one that breaks off', async () => {
    const before = await readdir(join(area, 'user'), { recursive: true });
    const asked = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/upload?name=half.npy',
      headers: own({ 'Content-Length': '900' }),
    });
    asked.on('error', () => undefined);
    asked.write('x'.repeat(100));
    await vi.waitFor(async () => {
      expect(await readdir(join(area, 'user'), { recursive: true })).toHaveLength(before.length + 2);
    });
    asked.destroy();
    await vi.waitFor(async () => {
      expect(await readdir(join(area, 'user'), { recursive: true })).toHaveLength(before.length);
    });
  });

  it('keeps an uploaded case in the served folder and never overwrites one', async () => {
    for (const expected of ['old.bezoar', 'old 2.bezoar']) {
      const answer = await ask('POST', '/upload?name=old.bezoar', own({ 'Content-Length': '1' }), 'x');
      const { token } = JSON.parse(answer.body) as { token: string };
      expect(grants.get(token)?.path).toBe(join(area, 'root', expected));
    }
  });

  it('keeps two cases of one name that arrive at once, each under a name of its own', async () => {
    const upload = (body: string): Promise<Answer> =>
      ask('POST', '/upload?name=TWIN.BEZOAR', own({ 'Content-Length': String(body.length) }), body);
    const answers = await Promise.all([upload('one'), upload('two'), upload('three')]);
    const kept = await Promise.all(
      answers.map(async ({ body }) => {
        const { token } = JSON.parse(body) as { token: string };
        return readFile(grants.get(token)?.path ?? '', 'utf8');
      }),
    );
    expect(kept).toEqual(['one', 'two', 'three']);
    expect((await readdir(join(area, 'root'))).filter((name) => name.startsWith('TWIN')).sort()).toEqual([
      'TWIN 2.bezoar',
      'TWIN 3.bezoar',
      'TWIN.bezoar',
    ]);
  });

  it.each([
    ['its ending kept', `${'n'.repeat(400)}.npy`, `${'n'.repeat(196)}.npy`],
    ['no character cut through', `${'語'.repeat(100)}.csv`, `${'語'.repeat(65)}.csv`],
    ['no half of a pair', 'a\ud83d.csv', 'a\ufffd.csv'],
    ['no device of Windows', 'nul.npy', 'nul-.npy'],
    ['no device of Windows', 'COM1', 'COM1-'],
    ['nothing else changed', 'console.npy', 'console.npy'],
    ['a name at all', ' .. ', 'bezoar'],
    ['one line', 'a\r\nSet-Cookie: x.csv', 'a--Set-Cookie- x.csv'],
  ])('names a file with %s', (_what, asked, given) => {
    expect(safeFileName(asked)).toBe(given);
  });

  it('names a new case inside the folder whatever is asked for', async () => {
    const body = JSON.stringify({ purpose: 'case', suggestedName: '../../harbour' });
    const { token } = JSON.parse((await ask('POST', '/save', own(), body)).body) as { token: string };
    expect(grants.get(token)).toEqual({ path: join(area, 'root', '-..-harbour.bezoar'), mode: 'write' });
  });

  it('hands an export over once, as an attachment', async () => {
    const body = JSON.stringify({ purpose: 'export', suggestedName: 'Übersicht "1".csv' });
    const { token } = JSON.parse((await ask('POST', '/save', own(), body)).body) as { token: string };
    expect((await ask('GET', `/download/${token}`, own())).status).toBe(404);
    const path = grants.get(token)?.path ?? '';
    await writeFile(path, 'key,row\n');
    expect((await ask('HEAD', `/download/${token}`, own())).status).toBe(405);
    const both = await Promise.all([1, 2].map(() => ask('GET', `/download/${token}`, own())));
    const [answer, second] = both.sort((a, b) => a.status - b.status) as [Answer, Answer];
    expect(second.status).toBe(404);
    expect(answer.body).toBe('key,row\n');
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="_bersicht -1-.csv"; filename*=UTF-8''%C3%9Cbersicht%20-1-.csv`,
    );
    expect((await ask('GET', `/download/${token}`, own())).status).toBe(404);
    await vi.waitFor(async () => {
      expect(await readdir(join(path, '..', '..'))).not.toContain(token);
    });
  });

  it('clears away what a killed host had staged, and nothing of a living one', async () => {
    const user = join(area, 'other-user');
    await mkdir(join(user, 'staging-999999999-abc'), { recursive: true });
    await mkdir(join(user, `staging-${process.ppid}-abc`));
    const own = await openStaging(user);
    expect((await readdir(user)).filter((name) => name.endsWith('-abc'))).toEqual([
      `staging-${process.ppid}-abc`,
    ]);
    await own.close();
  });

  it('does not hand out what was uploaded', async () => {
    const [token] = [...grants].find(
      ([, grant]) => grant.mode === 'read' && grant.path.includes('staging'),
    ) ?? [''];
    expect((await ask('GET', `/download/${token}`, own())).status).toBe(404);
    expect((await ask('GET', '/download/..%2f..%2fsecret.json', own())).status).toBe(404);
  });
});

describe('the socket', () => {
  const connect = (
    path: string,
    protocols: string[],
    headers: Record<string, string>,
  ): Promise<WebSocket | number> =>
    new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers });
      socket.on('open', () => {
        resolve(socket);
      });
      socket.on('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
      });
      socket.on('error', () => undefined);
    });

  it.each([
    ['a foreign Origin', '/engine', { Origin: 'http://evil.example' }, true],
    ['no Origin', '/engine', { Origin: '' }, true],
    ['a foreign Host', '/engine', { Host: 'rebound.example' }, true],
    ['no cookie', '/engine', { Cookie: '' }, true],
    ['a wrong token', '/engine', {}, false],
    ['another path', '/elsewhere', {}, true],
  ])('is refused to %s', async (_name, path, change, right) => {
    expect(await connect(path, ['bezoar', right ? pageToken : newToken()], own(change))).toBe(403);
  });

  it('carries calls as text, arrays as binary frames, and says when the engine is away', async () => {
    const socket = (await connect('/engine', ['bezoar', pageToken], own())) as WebSocket;
    const ask = (id: number): Promise<{ data: Buffer; binary: boolean }> =>
      new Promise((resolve) => {
        socket.once('message', (data, binary) => {
          resolve({ data: data as Buffer, binary });
        });
        socket.send(JSON.stringify({ kind: 'call', id, name: 'case/state', params: {} }));
      });
    const reply = await ask(1);
    expect(JSON.parse(reply.data.toString())).toEqual({ kind: 'reply', id: 1, ok: true, result: 'here' });
    const { data, binary } = await ask(2);
    const length = data.readUInt32LE(0);
    expect(binary).toBe(true);
    expect(JSON.parse(data.subarray(4, 4 + length).toString())).toMatchObject({ kind: 'bulk-page', id: 2 });
    expect([...data.subarray(4 + length)]).toEqual([7, 8, 9]);
    socket.close();
  });

  it('closes on a page whose message cannot be handed on, and lives', async () => {
    const socket = (await connect('/engine', ['bezoar', pageToken], own())) as WebSocket;
    socket.send(JSON.stringify({ kind: 'call', id: 4, name: 'case/state', params: {} }));
    expect((await once(socket, 'close'))[0]).toBe(1003);
  });

  it('lives on when a refused peer resets its connection', async () => {
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const peer = connectTcp(port, '127.0.0.1');
      peer.on('error', () => undefined);
      await once(peer, 'connect');
      peer.write('GET /engine HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      peer.write(Buffer.alloc(attempt * 4096), () => peer.resetAndDestroy());
      await once(peer, 'close');
    }
    expect((await ask('GET', '/', own())).status).toBe(200);
  });
});
