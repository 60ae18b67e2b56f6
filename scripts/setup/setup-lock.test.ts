import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './setup-lock.mjs';

let folder = '';
const quiet = (): void => undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-lock-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the lock is held during the work and gone after it, also after a failure', async () => {
  const lock = join(folder, 'deep', 'setup.lock');
  await withLock(lock, quiet, () => {
    expect(existsSync(lock)).toBe(true);
    return Promise.resolve();
  });
  await expect(withLock(lock, quiet, () => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
  expect(readdirSync(join(folder, 'deep'))).toEqual([]);
});

test('the lock of a killed holder is taken over', async () => {
  const lock = join(folder, 'setup.lock');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(lock, String(pid));
  await expect(withLock(lock, quiet, () => Promise.resolve('done'))).resolves.toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('a living holder is waited for, and that is said once', async () => {
  const lock = join(folder, 'setup.lock');
  writeFileSync(lock, String(process.pid));
  let told = 0;
  const result = await withLock(
    lock,
    () => {
      told += 1;
      rmSync(lock);
    },
    () => Promise.resolve('done'),
  );
  expect([result, told]).toEqual(['done', 1]);
});

test('a program of a killed holder is waited for', async () => {
  const lock = join(folder, 'setup.lock');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const orphan = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  writeFileSync(lock, `${pid} ${orphan.pid ?? 0}`);
  await withLock(
    lock,
    () => orphan.stdin.end(),
    () => {
      expect(orphan.exitCode).toBe(0);
      return Promise.resolve();
    },
  );
});
