import { describe, expect, it } from 'vitest';
import { intersections, marksOf, rowsOfIntersection } from './method-agreement.ts';

const methods = Uint32Array.from([0b011, 0b011, 0b101, 0b000, 0b100, 2 ** 31 + 1, 0b111]);
const flagged = Uint8Array.from([1, 1, 0, 0, 0, 0, 1]);

describe('agreement of the methods', () => {
  it('counts samples by the exact set of methods, most agreed first', () => {
    expect(
      intersections(methods, flagged, [0, 1, 2]).map(({ bits, count, flagged: put }) => [bits, count, put]),
    ).toEqual([
      [[0, 1, 2], 1, 1],
      [[0, 1], 2, 2],
      [[0, 2], 1, 0],
      [[0], 1, 0],
      [[2], 1, 0],
    ]);
  });

  it('looks at the chosen methods alone, the 32nd too', () => {
    const found = intersections(methods, flagged, [0, 31]);
    expect(found.map(({ bits, count }) => [bits, count])).toEqual([
      [[0, 31], 1],
      [[0], 4],
    ]);
    expect(rowsOfIntersection(methods, [0, 31], found[0])).toEqual([5]);
    expect(rowsOfIntersection(methods, [0, 31], found[1])).toEqual([0, 1, 2, 6]);
  });

  it('counts the marks of each method', () => {
    expect(marksOf(methods, 3)).toEqual([5, 3, 3]);
  });
});
