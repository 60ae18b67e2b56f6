import { describe, expect, it } from 'vitest';
import { gaussianClasses, normalDraws } from '../../test/conformance/gaussian-classes.ts';
import { uncancelled } from '../task.ts';
import { activationClustering } from './activation-clustering.ts';
import { analyserFacts, ART_ANALYSERS, artAnalysers } from './art-analysers.ts';
import type { DetectorResult, ScanInput } from './detector.ts';
import { runDetector } from './run-detector.ts';
import { silhouette } from './silhouette.ts';

const run = (input: ScanInput, params: unknown): Promise<DetectorResult> =>
  runDetector(activationClustering, input, params, uncancelled());
const fact = (result: DetectorResult, c: number, name: string): number =>
  result.classes[c].facts.find((f) => f.name === name)?.value ?? NaN;

describe('activation clustering', () => {
  const { input, planted } = gaussianClasses({
    seed: 51,
    classes: 3,
    perClass: 400,
    planted: { classIndex: 1, rows: 40, kind: 'far' },
  });
  const isPlanted = [...planted.keys()].filter((row) => planted[row] === 1);

  it.each([
    {},
    { reduction: 'none' },
    { reduction: 'ica', dimensions: 6 },
    { recipe: 'articles' },
    { recipe: 'articles', dimensions: 3 },
    { recipe: 'articles', reduction: 'umap' },
    { clustering: 'dbscan', dimensions: 3 },
    { clustering: 'hdbscan' },
    { reduction: 'none', clustering: 'hdbscan' },
    { reduction: 'umap' },
    { reduction: 'umap', clustering: 'dbscan' },
    { reduction: 'umap', clustering: 'hdbscan' },
    { reduction: 'umap-reference', clustering: 'dbscan' },
  ])(
    'keeps a planted group together, apart from its class: %o',
    async (params) => {
      const result = await run(input, params);
      const { cluster, score } = result;
      const together = new Map<number, number>();
      for (const row of isPlanted)
        together.set(cluster?.[row] ?? -1, (together.get(cluster?.[row] ?? -1) ?? 0) + 1);
      const [home, members] = [...together].sort((a, b) => b[1] - a[1])[0];
      expect(home).toBeGreaterThan(0);
      expect(members).toBeGreaterThanOrEqual(32);
      const own = [...planted.keys()].filter((row) => input.investigated.label[row] === 1);
      const strangers = own.filter((row) => cluster?.[row] === home && planted[row] === 0);
      expect(strangers.length).toBeLessThanOrEqual(4);
      expect(score.every(Number.isFinite)).toBe(true);
      const order = own.toSorted((a, b) => score[b] - score[a]).slice(0, 40);
      expect(order.filter((row) => planted[row] === 1).length).toBeGreaterThanOrEqual(36);
      expect(new Set(result.classes.map(({ decision }) => decision))).toEqual(
        new Set(['not judged (ranking)']),
      );
    },
    30_000,
  );

  it('counts noise as noise: it is no cluster and not marked', async () => {
    const result = await run(input, { clustering: 'dbscan', dimensions: 2, eps: 0.9, minPoints: 8 });
    const noise = [...(result.cluster ?? [])].filter((c) => c === -1).length;
    const counted = [0, 1, 2].reduce((sum, c) => sum + fact(result, c, 'rows of noise'), 0);
    expect(noise).toBeGreaterThan(0);
    expect(counted).toBe(noise);
    result.cluster?.forEach((c, row) => {
      expect(result.marked[row]).toBe(c > 0 ? 1 : 0);
    });
    expect(fact(result, 1, 'islands beside the largest cluster')).toBeGreaterThan(0);
    expect(fact(result, 0, 'radius')).toBe(0.9);
  });

  it('a class without any cluster is ranked from its mean', async () => {
    const result = await run(input, { clustering: 'dbscan', dimensions: 2, eps: 1e-9 });
    expect(result.cluster?.every((c) => c === -1)).toBe(true);
    expect(fact(result, 0, 'rows of noise')).toBe(400);
    expect(result.score.every(Number.isFinite)).toBe(true);
  });

  it('copies of rows do not stop a density method', async () => {
    const { activations } = input.investigated;
    if (activations === null) throw new Error('no activations');
    const { data, cols } = activations;
    const copied = data.map((_, i) => data[Math.floor(Math.floor(i / cols) / 50) * 50 * cols + (i % cols)]);
    const set = { ...input.investigated, activations: { ...activations, data: copied } };
    const result = await run({ ...input, investigated: set }, { recipe: 'articles' });
    expect(fact(result, 0, 'rows of noise')).toBe(0);
    expect(fact(result, 0, 'islands beside the largest cluster')).toBe(7);
  });

  it.each([
    { clustering: 'dbscan' },
    { clustering: 'hdbscan' },
    { reduction: 'none', clustering: 'hdbscan' },
  ])('a class smaller than what makes a core is noise or one cluster: %o', async (params) => {
    const { input: small } = gaussianClasses({ seed: 53, classes: 2, perClass: 60 });
    const result = await run(small, { ...params, minPoints: 200 });
    expect(result.cluster?.every((c) => c <= 0)).toBe(true);
    expect(result.score.every(Number.isFinite)).toBe(true);
  });

  it.each([
    [{ clustering: 'dbscan', dimensions: 12 }, /DBSCAN was asked to work in 12 dimensions and takes 10/],
    [{ reduction: 'none', clustering: 'dbscan' }, /DBSCAN was asked to work in 12 dimensions/],
  ])('says why %o cannot be done', async (params, reason) => {
    const result = await run(input, params);
    expect(result.classes[0].skipped).toMatch(reason);
    expect(result.notes).toEqual([]);
  });

  it('calls a part of every clean class poison by "smaller", marks none of it, and warns', async () => {
    const { input: clean } = gaussianClasses({ seed: 52 });
    const result = await run(clean, {});
    for (let c = 0; c < 4; c++) {
      const smaller = fact(result, c, 'rows that the analyser "smaller" calls poison');
      expect(smaller).toBe(fact(result, c, 'rows in the smaller cluster'));
      expect(smaller).toBeGreaterThan(100);
    }
    expect(result.marked.includes(1)).toBe(false);
    expect(result.notes).toEqual([expect.stringMatching(/do not bound false alarms/)]);
  });
});

describe('an analyser that is chosen by name', () => {
  const { input } = gaussianClasses({
    seed: 51,
    classes: 3,
    perClass: 400,
    planted: { classIndex: 1, rows: 40, kind: 'far' },
  });

  it.each(ART_ANALYSERS)('marks what %s calls poison, with the warning', async (analyser) => {
    const own = await run(input, {});
    const chosen = await run(input, { analyser });
    const shown = chosen.classes.map(({ facts }) => facts.filter(({ name }) => name.includes('analyser')));
    expect(shown).toEqual(
      own.classes.map(({ facts }) => facts.filter(({ name }) => name.includes('analyser'))),
    );
    const called = shown.map((facts) => facts[ART_ANALYSERS.indexOf(analyser)].value);
    for (const c of [0, 1, 2]) {
      const marks = [...chosen.marked.keys()].filter(
        (row) => input.investigated.label[row] === c && chosen.marked[row] === 1,
      );
      expect(marks).toHaveLength(called[c]);
    }
    expect(chosen.notes.join(' ')).toContain(`You chose “${analyser}”`);
    expect(chosen.notes.join(' ')).toContain('do not bound false alarms');
    expect(chosen.score).toEqual(own.score);
    expect(new Set(chosen.classes.map(({ decision }) => decision))).toEqual(
      new Set(['not judged (ranking)']),
    );
  });
});

describe('the analysers', () => {
  const at = (...values: number[]): Float64Array => Float64Array.from(values);
  const poison = (over: Partial<Parameters<typeof artAnalysers>[0]>): number[] => {
    const clusters = {
      sizes: [70, 30],
      silhouette: 0.2,
      medians: [at(0, 0), at(1, 0)],
      own: at(0, 0),
      others: [at(5, 0)],
      ...over,
    };
    return analyserFacts(clusters.sizes, artAnalysers(clusters)).map(({ value }) => value);
  };

  it('apply their thresholds', () => {
    expect(poison({})).toEqual([30, 30, 0, 30]);
    expect(poison({ silhouette: 0.1 })).toEqual([30, 30, 0, 0]);
    expect(poison({ sizes: [60, 40] })).toEqual([40, 0, 0, 0]);
    expect(poison({ sizes: [100], medians: [at(0, 0)] })).toEqual([0, 0, 0, 0]);
    expect(poison({ sizes: [], medians: [] })).toEqual([0, 0, 0, 0]);
  });

  it('"distance" takes the cluster that lies nearer to another class while the rest does not', () => {
    expect(poison({ medians: [at(0, 0), at(4, 0)] })[2]).toBe(30);
    expect(poison({ medians: [at(4, 0), at(0, 0)] })[2]).toBe(70);
    expect(poison({ medians: [at(4, 0), at(4, 0)] })[2]).toBe(0);
    expect(poison({ medians: [at(0, 0), at(NaN, NaN)] })[2]).toBe(0);
  });
});

describe('the silhouette', () => {
  it('is the mean over the rows that are no noise', () => {
    const normal = normalDraws(9);
    const n = 60;
    const cluster = Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? -1 : i % 3));
    const points = Float64Array.from({ length: 2 * n }, (_, at) => normal() + 3 * cluster[at >> 1]);
    const away = (a: number, b: number) =>
      Math.hypot(points[2 * a] - points[2 * b], points[2 * a + 1] - points[2 * b + 1]);
    const rows = [...cluster.keys()].filter((i) => cluster[i] >= 0);
    const widths = rows.map((i) => {
      const mean = (c: number): number => {
        const others = rows.filter((k) => k !== i && cluster[k] === c);
        return others.reduce((sum, k) => sum + away(i, k), 0) / others.length;
      };
      const inside = mean(cluster[i]);
      const outside = Math.min(...[0, 1, 2].filter((c) => c !== cluster[i]).map(mean));
      return (outside - inside) / Math.max(inside, outside);
    });
    const expected = widths.reduce((sum, width) => sum + width, 0) / rows.length;
    expect(silhouette(points, cluster, 3, n, 2, uncancelled())).toBeCloseTo(expected, 6);
    expect(silhouette(points, new Int32Array(n), 1, n, 2, uncancelled())).toBe(0);
  });
});
