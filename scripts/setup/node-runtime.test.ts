import { expect, test } from 'vitest';
import { isSupportedNode } from './node-runtime.mjs';

test.each(['22.14.0', 'v22.23.3', '24.0.0', '24.21.0', '26.0.0', '27.1.0', '30.0.0'])(
  '%s runs Bezoar',
  (version) => {
    expect(isSupportedNode(version)).toBe(true);
  },
);

test.each(['18.20.0', '20.20.2', '21.7.0', '22.13.1', '23.11.0', '25.2.0'])('%s does not', (version) => {
  expect(isSupportedNode(version)).toBe(false);
});
