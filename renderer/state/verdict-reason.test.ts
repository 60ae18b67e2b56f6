import { expect, it } from 'vitest';
import { takeReason, useVerdictReason } from './verdict-reason.ts';

it('gives a reason to one verdict alone', () => {
  useVerdictReason.getState().write('  white square ');
  expect(takeReason()).toBe('white square');
  expect(takeReason()).toBe('');
});
