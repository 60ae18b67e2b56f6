import { describe, expect, it } from 'vitest';
import type { RowFilter } from './suspect-rows.ts';
import { filterRows, methodOverlap, methodsOfMask, ordinaryRows, sortRows } from './suspect-rows.ts';

const every: RowFilter = {
  n: 6,
  rows: 'all',
  flagged: Uint8Array.of(0, 1, 1, 0, 1, 0),
  selection: Int32Array.of(2, 3),
  classIndex: null,
  labels: Int32Array.of(0, 0, 1, 1, 1, 0),
  verdict: null,
  verdicts: Uint8Array.of(0, 1, 0, 0, 2, 0),
  methodBit: null,
  methods: Uint32Array.of(0, 1, 3, 0, 2, 0),
  found: null,
};

describe('filterRows', () => {
  it.each<[string, Partial<RowFilter>, number[]]>([
    ['all rows', {}, [0, 1, 2, 3, 4, 5]],
    ['suspects', { rows: 'suspects' }, [1, 2, 4]],
    ['the selection', { rows: 'selection' }, [2, 3]],
    ['suspects of a class', { rows: 'suspects', classIndex: 1 }, [2, 4]],
    ['suspects without a verdict', { rows: 'suspects', verdict: 0 }, [2]],
    ['what the second method put forward', { methodBit: 1 }, [2, 4]],
    ['what a search found, inside the other filters', { rows: 'suspects', found: [5, 4, 0] }, [4]],
    ['a search that found nothing', { found: [] }, []],
  ])('lists %s', (_name, part, expected) => {
    expect(Array.from(filterRows({ ...every, ...part }))).toEqual(expected);
  });

  it('lists no suspects before a scan', () => {
    expect(filterRows({ ...every, rows: 'suspects', flagged: undefined })).toHaveLength(0);
  });
});

describe('sortRows', () => {
  const value = [3, NaN, 1, 3];

  it('puts rows without a value last in both directions and breaks ties by the second value', () => {
    const by = (descending: boolean) =>
      Array.from(
        sortRows(
          Int32Array.of(0, 1, 2, 3),
          (row) => value[row],
          descending,
          (row) => -row,
        ),
      );
    expect(by(false)).toEqual([2, 3, 0, 1]);
    expect(by(true)).toEqual([3, 0, 2, 1]);
  });
});

describe('overlap of methods', () => {
  it('counts each combination of the methods in question, the largest first', () => {
    const methods = Uint32Array.of(0, 1, 7, 0, 3, 0);
    expect(methodOverlap(Int32Array.of(1, 2, 4), methods, 0b11)).toEqual([
      { mask: 3, count: 2 },
      { mask: 1, count: 1 },
    ]);
  });

  it('names the methods of a mask by their bits', () => {
    expect(methodsOfMask(0b101, ['a', 'b', 'c'])).toEqual(['a', 'c']);
  });
});

describe('ordinaryRows', () => {
  it('leaves suspects and confirmed poison out and spreads over the set', () => {
    const labels = new Int32Array(10);
    labels[9] = 1;
    const flagged = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const verdicts = Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
    expect(ordinaryRows(0, labels, flagged, verdicts, 3)).toEqual([2, 4, 6]);
    expect(ordinaryRows(1, labels, flagged, verdicts, 3)).toEqual([9]);
  });
});
