import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { NearestNeighbours } from '../neighbours/exact.ts';
import { type FuzzySet, fuzzySet, intersectLabels, membershipStrengths } from './fuzzy-set.ts';

interface Lists {
  readonly k: number;
  readonly ids: number[][];
  readonly distances: number[][];
}
type Edges = [number, number, number][];
interface Golden {
  readonly neighbours: Lists;
  readonly labels: number[];
  readonly edges: Edges;
  readonly supervised: Edges;
  readonly newRows: Lists & { readonly strengths: number[] };
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../test/golden/umap.json'), 'utf8'),
) as Golden;

const lists = ({ k, ids, distances }: Lists): NearestNeighbours => ({
  queries: ids.length,
  k,
  ids: Int32Array.from(ids.flat()),
  distances: Float64Array.from(distances.flat()),
});
const neighbours = lists(golden.neighbours);
const check = () => undefined;

function edgesOf({ starts, ends, weights }: FuzzySet): Edges {
  const edges: Edges = [];
  for (let i = 0; i + 1 < starts.length; i++)
    for (let e = starts[i]; e < starts[i + 1]; e++) edges.push([i, ends[e], weights[e]]);
  return edges;
}

function expectEdges(found: Edges, wish: Edges): void {
  expect(found.map(([i, j]) => [i, j])).toEqual(wish.map(([i, j]) => [i, j]));
  // umap-learn keeps weights as float32 and ends its bisection at 1e-5.
  found.forEach(([, , weight], e) => {
    expect(Math.abs(weight - wish[e][2])).toBeLessThan(2e-5);
  });
}

describe('the fuzzy set', () => {
  const set = fuzzySet(neighbours, check);

  it('is umap-learn’s', () => {
    expectEdges(edgesOf(set), golden.edges);
  });

  it('is symmetric to the last bit', () => {
    const weights = new Map(edgesOf(set).map(([i, j, weight]) => [`${i} ${j}`, weight]));
    for (const [i, j, weight] of edgesOf(set)) expect(weights.get(`${j} ${i}`)).toBe(weight);
  });

  it('takes labels into account as umap-learn does', () => {
    const labels = Int32Array.from(golden.labels);
    expectEdges(edgesOf(intersectLabels(set, labels, 0.5)), golden.supervised);
    expect(() => intersectLabels(set, labels.subarray(1), 0.5)).toThrow(RangeError);
    expect(() => intersectLabels(set, labels, 1.5)).toThrow(RangeError);
  });

  it('obeys the labels alone at weight 1', () => {
    const labels = Int32Array.from(golden.labels, (label) => Math.abs(label));
    for (const [i, j, weight] of edgesOf(intersectLabels(set, labels, 1)))
      expect(weight > 0).toBe(labels[i] === labels[j]);
  });

  it('of equal rows holds every neighbour fully', () => {
    const same = { queries: 3, k: 2, ids: Int32Array.of(1, 2, 0, 2, 0, 1), distances: new Float64Array(6) };
    expect(fuzzySet(same, check).weights).toEqual(new Float64Array(6).fill(1));
  });

  it('leaves out places without a neighbour, and refuses neighbours that are no rows', () => {
    const ids = Int32Array.of(1, -1, 0, -1, -1, -1);
    const few = {
      queries: 3,
      k: 2,
      ids,
      distances: Float64Array.of(1, Infinity, 1, Infinity, Infinity, Infinity),
    };
    expect(edgesOf(fuzzySet(few, check))).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
    expect(() => fuzzySet({ ...few, ids: Int32Array.of(1, -1, 7, -1, -1, -1) }, check)).toThrow(RangeError);
  });
});

describe('the strengths of new rows', () => {
  it('are those of umap-learn’s transform', () => {
    const strengths = membershipStrengths(lists(golden.newRows), true, check);
    strengths.forEach((strength, e) => {
      expect(Math.abs(strength - golden.newRows.strengths[e])).toBeLessThan(2e-5);
    });
  });
});
