import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dependenciesCurrent, dependencyHash } from './dependencies.mjs';

const node = { path: process.execPath, version: '24.21.0' };
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bezoar-packages-'));
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'package-lock.json'), 'lock');
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function stamp(text: string): void {
  writeFileSync(join(root, 'node_modules/.bezoar-setup.json'), text);
}

test('packages of this lock and this Node are in place', () => {
  stamp(JSON.stringify({ hash: dependencyHash('lock', '24.21.0') }));
  expect(dependenciesCurrent(root, node)).toBe(true);
  expect(dependenciesCurrent(root, { ...node, version: '24.22.0' })).toBe(true);
});

test('an interrupted installation, another lock and another Node are stale', () => {
  expect(dependenciesCurrent(root, node)).toBe(false);
  stamp('{"hash": "cut o');
  expect(dependenciesCurrent(root, node)).toBe(false);
  stamp(JSON.stringify({ hash: dependencyHash('another lock', '24.21.0') }));
  expect(dependenciesCurrent(root, node)).toBe(false);
  stamp(JSON.stringify({ hash: dependencyHash('lock', '22.23.3') }));
  expect(dependenciesCurrent(root, node)).toBe(false);
});
