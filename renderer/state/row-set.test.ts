import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineRows, hasRow, rowSet, sameRows } from './row-set.ts';

const rows = fc.array(fc.integer({ min: 0, max: 60 }));

describe('rowSet', () => {
  it('is ascending and without repeats', () => {
    expect(rowSet([5, 1, 5, 10, 1])).toEqual(Int32Array.of(1, 5, 10));
  });
});

describe('combineRows', () => {
  it.each([
    ['replace', (_: boolean, b: boolean) => b],
    ['add', (a: boolean, b: boolean) => a || b],
    ['subtract', (a: boolean, b: boolean) => a && !b],
    ['intersect', (a: boolean, b: boolean) => a && b],
  ] as const)('%s is the set operation', (mode, keeps) => {
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const expected: number[] = [];
        for (let row = 0; row <= 60; row++) if (keeps(a.includes(row), b.includes(row))) expected.push(row);
        expect(Array.from(combineRows(rowSet(a), rowSet(b), mode))).toEqual(expected);
      }),
    );
  });
});

describe('hasRow and sameRows', () => {
  it('agree with the plain forms', () => {
    fc.assert(
      fc.property(rows, rows, fc.integer({ min: 0, max: 60 }), (a, b, row) => {
        expect(hasRow(rowSet(a), row)).toBe(a.includes(row));
        expect(sameRows(rowSet(a), rowSet(b))).toBe(
          JSON.stringify([...rowSet(a)]) === JSON.stringify([...rowSet(b)]),
        );
      }),
    );
  });
});
