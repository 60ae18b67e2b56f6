import { describe, expect, it } from 'vitest';
import { densityAlpha } from './density.ts';
import { buildDrawList } from './draw-list.ts';

const frame = { widthDevice: 80, heightDevice: 80, scaleDevice: 1, originXDevice: 40, originYDevice: 40 };

function density(points: readonly (readonly [number, number])[]): Uint8Array {
  const x = Float32Array.from(points, ([px]) => px);
  const y = Float32Array.from(points, ([, py]) => py);
  return densityAlpha(buildDrawList(x, y, 0, 0, null, {}), frame, 8, 8, 10);
}

describe('the density', () => {
  it('is strongest where the points lie and nothing far away', () => {
    const alpha = density(Array.from({ length: 200 }, () => [-35, 35] as const));
    expect(alpha[0]).toBe(90);
    expect(alpha[7 * 8 + 7]).toBe(0);
    expect(alpha[1]).toBeLessThanOrEqual(alpha[0]);
  });

  it('is nothing without points, and points off the map do not count', () => {
    expect(Math.max(...density([]))).toBe(0);
    expect(Math.max(...density([[1e6, 1e6]]))).toBe(0);
  });
});
