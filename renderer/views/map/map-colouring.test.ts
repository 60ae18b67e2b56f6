import { describe, expect, it } from 'vitest';
import { OTHER_COLOUR } from '../../scatter/palette.ts';
import {
  colourByClass,
  colourByDetectorCluster,
  colourByIsland,
  colourByScore,
  colourByVerdict,
  dimOthers,
  gather,
} from './map-colouring.ts';

describe('gather', () => {
  it('takes the values of the rows that are on the map, in the map’s order', () => {
    expect(gather(Int32Array.of(7, 8, 9), Int32Array.of(2, 0))).toEqual(Int32Array.of(9, 7));
  });
});

describe('colours by class', () => {
  it('gives each class its stable colour and counts what is on the map', () => {
    const { index, entries } = colourByClass(
      Int32Array.of(1, 0, 1, -1),
      ['bag', 'dress', 'coat'],
      Uint8Array.of(4, 2, 9),
      'dark',
    );
    expect(index).toEqual(Uint8Array.of(2, 4, 2, OTHER_COLOUR));
    expect(entries.map(({ name, count }) => [name, count])).toEqual([
      ['bag', 1],
      ['dress', 2],
      ['unknown', 1],
    ]);
  });

  it('says how many classes share the colour of the others', () => {
    const { entries } = colourByClass(
      Int32Array.of(0, 1),
      ['a', 'b'],
      Uint8Array.of(0, OTHER_COLOUR),
      'light',
    );
    expect(entries.at(-1)?.name).toBe('1 other class');
  });
});

describe('colours by cluster', () => {
  it('numbers islands by size and keeps noise and unclustered points apart', () => {
    const { index, entries } = colourByIsland(Int32Array.of(5, 3, 3, -1, -2), 'dark', 0xff000000);
    expect(entries.map(({ name, count }) => [name, count])).toEqual([
      ['island 1', 2],
      ['island 2', 1],
      ['noise', 1],
      ['not in the sample', 1],
    ]);
    expect(new Set(index).size).toBe(4);
    expect(index[1]).toBe(index[2]);
  });

  it('names the halves of activation clustering', () => {
    const { entries } = colourByDetectorCluster(Int32Array.of(0, 1, 0, -1), 'dark');
    expect(entries.map(({ count }) => count)).toEqual([2, 1, 1]);
    expect(entries[1].name).toContain('smaller');
  });
});

describe('colours by verdict and score', () => {
  it('counts every verdict, also those that nobody gave', () => {
    const { entries } = colourByVerdict(Uint8Array.of(1, 1, 0), [1, 2, 3, 4]);
    expect(entries.map(({ count }) => count)).toEqual([1, 2, 0, 0]);
  });

  it('keeps samples without a score off the ramp', () => {
    const { index, entries, ramp } = colourByScore(
      Float64Array.of(0, NaN, 3),
      { low: 0, high: 3 },
      String,
      'dark',
    );
    expect(Array.from(index)).toEqual([1, 0, 255]);
    expect(entries).toEqual([{ index: 0, name: 'not judged', count: 1 }]);
    expect(ramp).toEqual({ low: '0', high: '3' });
  });

  it('leaves the entry under the pointer as it was when it dims the others', () => {
    const palette = Uint32Array.of(0xff0000ff, 0xff00ff00);
    const dimmed = dimOthers(palette, 1, 0xff000000);
    expect(dimmed[1]).toBe(palette[1]);
    expect(dimmed[0]).not.toBe(palette[0]);
  });
});
