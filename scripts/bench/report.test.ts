import { expect, it } from 'vitest';
import { withSection } from './report.mjs';

const section = ['## B', '', 'new'];

it('puts a section in the place of the one of its title, and leaves the others', () => {
  expect(withSection('# T\n\n## A\n\na\n\n## B\n\nold\n\n## C\n\nc\n', section)).toBe(
    '# T\n\n## A\n\na\n\n## B\n\nnew\n\n## C\n\nc\n',
  );
  expect(withSection('# T\n\n## B\n\nold\n', section)).toBe('# T\n\n## B\n\nnew\n');
  expect(withSection('# T\n\n## BB\n\nold\n', section)).toBe('# T\n\n## BB\n\nold\n\n## B\n\nnew\n');
});
