import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copySample, scanArguments } from './sample-copy.mjs';

let folder = '';
let original = '';
let copy = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-sample-'));
  original = join(folder, 'original');
  copy = join(folder, 'data', 'copy');
  mkdirSync(original);
  writeFileSync(join(original, 'activations.npy'), 'numbers');
  writeFileSync(join(original, 'records.csv'), 'key,label');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the copy is complete, keeps the case in work and heals a damaged file', () => {
  copySample(original, copy);
  writeFileSync(join(copy, 'Sample incident.bezoar'), 'verdicts');
  writeFileSync(join(copy, 'records.csv'), 'damaged');
  copySample(original, copy);
  expect(readFileSync(join(copy, 'records.csv'), 'utf8')).toBe('key,label');
  expect(readFileSync(join(copy, 'Sample incident.bezoar'), 'utf8')).toBe('verdicts');
  expect(readdirSync(original).sort()).toEqual(['activations.npy', 'records.csv']);
  expect(readdirSync(copy).sort()).toEqual(['Sample incident.bezoar', 'activations.npy', 'records.csv']);
});

test('a missing sample is said', () => {
  rmSync(join(original, 'activations.npy'));
  expect(() => {
    copySample(original, copy);
  }).toThrow(/sample incident is missing/);
});

test('scan is given the files that are there', () => {
  expect(scanArguments(original, '/out', '/out/c.bezoar')).toEqual([
    'scan',
    '--activations',
    join(original, 'activations.npy'),
    '--records',
    join(original, 'records.csv'),
    '--case',
    '/out/c.bezoar',
    '--out',
    '/out',
  ]);
});
