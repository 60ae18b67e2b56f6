import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatList,
  formatNumber,
  formatP,
  formatShare,
  plural,
} from './number-format.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [0.012345, '0.0123'],
    [12345.6, '12,346'],
    [-3.14159, '-3.14'],
    [1.2e-9, '1.2e-9'],
    [3e12, '3e+12'],
    [Number.NaN, '–'],
    [null, '–'],
  ])('%s reads %s', (x, text) => {
    expect(formatNumber(x)).toBe(text);
  });

  it('says a p-value that no double holds', () => {
    expect(formatP(0, -1000)).toBe('p = 5.08e-435');
    expect(formatP(0.00321, null)).toBe('p = 0.00321');
    expect(formatP(null, null)).toBe('no p-value');
  });

  it('says sizes, times, shares and counts', () => {
    expect(formatBytes(30_720_128)).toBe('30.7 MB');
    expect(formatBytes(999_900)).toBe('1 MB');
    expect(formatDuration(419.6)).toBe('420 ms');
    expect(formatDuration(59_960)).toBe('1 min 0 s');
    expect(formatDuration(3_725_000)).toBe('1 h 2 min');
    expect(formatShare(0.00412)).toBe('0.412 %');
    expect(formatCount(60_000)).toBe('60,000');
    expect(plural(1, 'sample')).toBe('1 sample');
    expect(plural(1200, 'class', 'classes')).toBe('1,200 classes');
    expect(formatList(['a', 'b', 'c'])).toBe('a, b and c');
  });
});
