import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { download, downloadAddress, failureStands } from './electron-binary.mjs';

const CONTENT = 'an archive';
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');
let server: Server;
let base = '';
let folder = '';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-electron-'));
  server = createServer((request, response) => {
    if (request.url === '/there.zip') response.end(CONTENT);
    else if (request.url === '/moved.zip') response.writeHead(302, { location: '/there.zip' }).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

test('the official address and a mirror', () => {
  expect(downloadAddress('45.4.1', 'a.zip', {})).toBe(
    'https://github.com/electron/electron/releases/download/v45.4.1/a.zip',
  );
  expect(downloadAddress('45.4.1', 'a.zip', { ELECTRON_MIRROR: 'https://mirror.example/e' })).toBe(
    'https://mirror.example/e/v45.4.1/a.zip',
  );
});

test('a failure is remembered for an hour and for one address', () => {
  const failure = { at: 1_000_000, address: 'x' };
  expect(failureStands(failure, 'x', 1_000_000 + 3_599_000)).toBe(true);
  expect(failureStands(failure, 'x', 1_000_000 + 3_600_000)).toBe(false);
  expect(failureStands(failure, 'y', 1_000_001)).toBe(false);
  // A clock that was set back must not keep the failure for ever.
  expect(failureStands(failure, 'x', 999_999)).toBe(false);
});

test.each(['/there.zip', '/moved.zip'])('%s arrives and is held to its checksum', async (path) => {
  const file = join(folder, 'right.zip');
  await download(`${base}${path}`, file, SHA256);
  expect(readFileSync(file, 'utf8')).toBe(CONTENT);
  await expect(download(`${base}${path}`, file, '0'.repeat(64))).rejects.toThrow(/SHA-256/);
});

test('a missing archive and a machine without one are said', async () => {
  await expect(download(`${base}/absent.zip`, join(folder, 'x'), SHA256)).rejects.toThrow(/answered 404/);
  await expect(download(`${base}/there.zip`, join(folder, 'x'), undefined)).rejects.toThrow(/no archive/);
});
