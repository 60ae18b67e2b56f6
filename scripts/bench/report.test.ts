import { expect, it } from 'vitest';
import { benchmarksPage, withSection } from './report.mjs';

const section = ['## B', '', 'new'];

it('puts a section in the place of the one of its title, and leaves the others', () => {
  expect(withSection('# T\n\n## A\n\na\n\n## B\n\nold\n\n## C\n\nc\n', section)).toBe(
    '# T\n\n## A\n\na\n\n## B\n\nnew\n\n## C\n\nc\n',
  );
  expect(withSection('# T\n\n## B\n\nold\n', section)).toBe('# T\n\n## B\n\nnew\n');
  expect(withSection('# T\n\n## BB\n\nold\n', section)).toBe('# T\n\n## BB\n\nold\n\n## B\n\nnew\n');
});

it('replaces the sections of its own machine, and leaves those of others', () => {
  const scaling = {
    kernel: 'Gram',
    engine: /** @type {const} */ 'wasm' as const,
    one: 2,
    two: 1,
    date: '2026-01-01',
  };
  const machine = { processor: 'A', cores: 2, memory: 8e9, system: 'linux-x64', engines: ['wasm' as const] };
  const measured = { machine, results: [], scaling: [scaling], maps: [] };
  const first = benchmarksPage(null, measured);
  const other = benchmarksPage(first, { ...measured, machine: { ...machine, processor: 'B' } });
  const again = benchmarksPage(other, { ...measured, scaling: [{ ...scaling, two: 0.5 }] });
  expect(again.match(/^## .*$/gm)).toEqual([
    '## Two threads against one (A)',
    '## Two threads against one (B)',
  ]);
  expect(again.match(/(4\.0|2\.00)(?= *\| 1\.7)/g)).toEqual(['4.0', '2.00']);
});
