import { describe, expect, it } from 'vitest';
import { normalDraws } from '../../test/conformance/gaussian-classes.ts';
import type { Matrix } from '../detectors/detector.ts';
import { countSet, cutBetween, depthBetween, fisherProjection, polish } from './fisher-projection.ts';
import type { GroupStatistics } from './group-test.ts';
import { groupWay } from './group-test.ts';
import { ownMixtureCut, sphericalMixtureCut, trustedMixtureCut } from './mixture-cuts.ts';
import { bestF1Cut, excessRows } from './tail-cuts.ts';

const check = (): void => undefined;
const D = 6;

/** Rows with a heavy tail; the first `planted` of them sit in a tight cluster beside it. */
function heavyTailed(n: number, planted: number, seed: number): Matrix {
  const normal = normalDraws(seed);
  const data = new Float32Array(n * D);
  for (let r = 0; r < n; r++) {
    const stretch = r < planted ? 0.6 : 1 / Math.sqrt(0.15 + Math.abs(normal()) * 0.85);
    for (let j = 0; j < D; j++) data[r * D + j] = stretch * normal() + (r < planted && j === 0 ? 9 : 0);
  }
  return { data, rows: n, cols: D };
}

const flags = (n: number, on: (i: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (on(i) ? 1 : 0));

function f1(found: Uint8Array | null, planted: number): number {
  if (found === null) return 0;
  return (2 * countSet(found.slice(0, planted))) / (countSet(found) + planted);
}

describe('cuts', () => {
  const rows = heavyTailed(1500, 60, 1);
  const trusted = heavyTailed(300, 0, 2);
  // A seed with half of the planted rows and as many wrong ones.
  const seed = flags(1500, (i) => i < 30 || (i >= 60 && i < 90));

  it('the tied mixture does not eat the tail', () => {
    const cut = trustedMixtureCut(rows, trusted, seed, check);
    expect(f1(cut, 60)).toBeGreaterThan(0.9);
    if (cut !== null) expect(f1(polish(rows, cut, check).group, 60)).toBeGreaterThan(0.95);
  });

  it('the mixture on its own core finds the same', () => {
    const cut = ownMixtureCut(rows, seed, check);
    expect(f1(cut === null ? null : polish(rows, cut, check).group, 60)).toBeGreaterThan(0.95);
  });

  it('one spherical variance takes in clusters of several sources', () => {
    const normal = normalDraws(3);
    const spread = { ...rows, data: rows.data.map((x, i) => (i < 60 * D ? x + 3 * normal() : x)) };
    const cut = sphericalMixtureCut(
      spread,
      trusted,
      flags(1500, (i) => i < 40),
      check,
    );
    expect(countSet(cut?.slice(0, 60) ?? new Uint8Array(0))).toBeGreaterThan(48);
  });

  it('nothing is cut where trusted rows do not vary', () => {
    const flat = { data: new Float32Array(D * 40), rows: 40, cols: D };
    expect(trustedMixtureCut(rows, flat, seed, check)).toBeNull();
    expect(sphericalMixtureCut(rows, flat, seed, check)).toBeNull();
  });

  it('the tail cut and the excess agree with what was planted', () => {
    const normal = normalDraws(4);
    const draw = (n: number): Float64Array => Float64Array.from({ length: n }, () => Math.abs(normal()));
    const scores = Float64Array.from([...draw(100).map((x) => x + 6), ...draw(1900)]);
    const reference = draw(500);
    const cut = bestF1Cut(scores, reference);
    expect(f1(cut.flags, 100)).toBeGreaterThan(0.9);
    expect(excessRows(scores, reference)).toBeGreaterThan(70);
    expect(excessRows(scores, reference)).toBeLessThanOrEqual(100);
    expect(excessRows(draw(2000), reference)).toBeLessThan(60);
  });

  it('the polish leaves a group alone that no valley parts from the core', () => {
    const plain = heavyTailed(800, 0, 5);
    const group = flags(800, (i) => i % 9 === 0);
    expect(polish(plain, group, check)).toEqual({ group, cut: 'em' });
  });

  it('the projection needs two sides', () => {
    expect(fisherProjection(rows, new Uint8Array(1500), check)).toBeNull();
    expect(fisherProjection(rows, new Uint8Array(1500).fill(1), check)).toBeNull();
  });

  it('the cut lies between the medians, and nowhere when they are the wrong way round', () => {
    const x = Float64Array.from({ length: 400 }, (_, i) => (i < 300 ? (i % 30) / 10 : 10 + (i % 10) / 10));
    const cut = cutBetween(x, 1.5, 10.5);
    expect(cut).toBeGreaterThan(3);
    expect(cut).toBeLessThan(10);
    expect(cutBetween(x, 10.5, 1.5)).toBeNull();
    const group = flags(400, (i) => i >= 300);
    expect(depthBetween(x, group)).toBeGreaterThan(0.95);
    expect(
      depthBetween(
        x,
        group.map((flag) => 1 - flag),
      ),
    ).toBe(0);
  });
});

describe('ways of a group', () => {
  const plain: GroupStatistics = {
    judged: 60,
    agree: 1,
    rel: 1.2,
    outsideBefore: 0,
    sources: 0,
    outsideAfter: 0,
    coreOutsideAfter: 0,
    lnPeel: 0,
  };
  const border = { middle: 0, sign: 1, cut: 0, side: 1 };
  const way = (s: Partial<GroupStatistics>, depth = 0.95, size = 60, n = 5000) =>
    groupWay({ axis: 1, depth, size, members: new Uint8Array(0), border }, { ...plain, ...s }, n, 10, 0.01);

  it('peel needs its level, depth and agreement', () => {
    const strong = { lnPeel: Math.log(0.01 / 120) - 0.01 };
    expect(way(strong)).toBe('peel');
    expect(way({ lnPeel: Math.log(0.01 / 120) + 0.01 })).toBeNull();
    expect(way(strong, 0.89)).toBeNull();
    expect(way({ ...strong, agree: 0.39 })).toBeNull();
  });

  it('displaced needs distance and size', () => {
    expect(way({ rel: 2 })).toBe('displaced');
    expect(way({ rel: 2 }, 0.95, 24)).toBeNull();
    expect(way({ rel: 1.5, outsideBefore: 0.9 })).toBe('displaced');
    expect(way({ rel: 1.5, outsideBefore: 0.9 }, 0.95, 49)).toBeNull();
    expect(way({ rel: 1.84 })).toBeNull();
  });

  it('far takes a shallower valley for a larger group that agrees', () => {
    expect(way({ rel: 1.85 }, 0.6)).toBe('far');
    expect(way({ rel: 1.85 }, 0.59)).toBeNull();
    expect(way({ rel: 1.85, agree: 0.69 }, 0.6)).toBeNull();
    expect(way({ rel: 1.85 }, 0.6, 49)).toBeNull();
  });

  it('far is no measure below four classes', () => {
    const group = { axis: 1, depth: 0.6, size: 60, members: new Uint8Array(0), border };
    expect(groupWay(group, { ...plain, rel: 3 }, 5000, 3, 0.01)).toBeNull();
    expect(groupWay(group, { ...plain, rel: 3 }, 5000, 4, 0.01)).toBe('far');
  });

  it('orphans look like many other classes', () => {
    const lost = { outsideBefore: 0.85, sources: 4 };
    expect(way(lost, 0.85)).toBe('orphans');
    expect(way(lost, 0.84)).toBeNull();
    expect(way({ ...lost, sources: 3 }, 0.85)).toBeNull();
    expect(way({ ...lost, outsideBefore: 0.84 }, 0.85)).toBeNull();
    expect(way({ ...lost, judged: 49 }, 0.85)).toBeNull();
  });

  it('orphans of a wide group need most of the other classes', () => {
    const lost = { outsideBefore: 0.9, sources: 5, agree: 0.6 };
    expect(way(lost, 0.65, 150)).toBe('orphans');
    expect(way(lost, 0.64, 150)).toBeNull();
    expect(way(lost, 0.65, 149)).toBeNull();
    expect(way({ ...lost, sources: 4 }, 0.65, 150)).toBeNull();
    expect(way({ ...lost, agree: 0.59 }, 0.65, 150)).toBeNull();
  });

  it('orphans are not looked for below four classes', () => {
    const group = { axis: 1, depth: 0.95, size: 300, members: new Uint8Array(0), border };
    const lost = { ...plain, outsideBefore: 1, sources: 2 };
    expect(groupWay(group, lost, 5000, 3, 0.01)).toBeNull();
    expect(groupWay(group, { ...lost, sources: 3 }, 5000, 4, 0.01)).toBe('orphans');
  });
});
