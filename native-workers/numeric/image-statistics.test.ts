import { describe, expect, it } from 'vitest';
import { uncancelled } from '../task.ts';
import { imageStatistics } from './image-statistics.ts';

function statisticsOf(images: number[][]): { data: Float32Array; contentHash: Float64Array } {
  const data = new Float32Array(images.length * 5);
  const contentHash = new Float64Array(images.length);
  const bytes = Uint8Array.from(images.flat());
  imageStatistics({ bytes, size: images[0].length, first: 0, data, contentHash }, uncancelled());
  return { data, contentHash };
}

describe('statistics of images', () => {
  it('are those of scipy.stats', () => {
    // mean, std, skew, kurtosis of [0, 0, 0, 255, 10, 20] by numpy 1.24 and scipy 1.10
    const { data } = statisticsOf([[0, 0, 0, 255, 10, 20]]);
    const expected = [47.5, 93.083744, 1.764577, 1.155094];
    expected.forEach((value, at) => {
      expect(data[at]).toBeCloseTo(value, 3);
    });
    // Values fall into the bins 0 (three of them), 49, 1 and 3.
    expect(data[4]).toBeCloseTo(-(0.5 * Math.log2(0.5) + (3 / 6) * Math.log2(1 / 6)), 6);
  });

  it('of a flat image are its level and zeros', () => {
    expect([...statisticsOf([[7, 7, 7, 7]]).data]).toEqual([7, 0, 0, 0, 0]);
  });

  it('tell equal images from others by their hash, the order of bytes too', () => {
    const { contentHash } = statisticsOf([
      [1, 2, 3],
      [1, 2, 3],
      [3, 2, 1],
      [1, 2, 4],
    ]);
    expect(contentHash[0]).toBe(contentHash[1]);
    expect(new Set(contentHash).size).toBe(3);
    for (const hash of contentHash) expect(Number.isSafeInteger(hash)).toBe(true);
  });
});
