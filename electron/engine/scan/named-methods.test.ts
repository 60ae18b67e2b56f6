import { expect, it } from 'vitest';
import { detectors } from '../../../native-workers/detectors/registry.ts';
import { failureOf } from '../../../test/fixtures/failure-code.ts';
import { namedMethods } from './named-methods.ts';

it('methods are named one by one, as the usual ones, or all', () => {
  const all = detectors.map(({ id }) => id);
  expect(namedMethods('all')).toEqual(all);
  expect(namedMethods('usual')).toEqual(all.filter((id) => id !== 'beatrix'));
  expect(namedMethods('usual,beatrix')).toEqual(all);
  expect(namedMethods('trim,lof,trim')).toEqual(['lof', 'trim']);
});

it.each(['oracle', '', 'lof,', 'constructor'])('“%s” names none', (text) => {
  const { code, message } = failureOf(() => namedMethods(text));
  expect(code).toBe('usage');
  expect(message).toContain('trusted-mahalanobis');
});
