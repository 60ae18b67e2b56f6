import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../detectors/detector.ts';
import { pInWords } from '../in-words.ts';
import type { QuantileSketch } from '../quantile-sketch.ts';
import { countedSample } from '../quantile-sketch.ts';
import { andersonDarlingTest } from './anderson-darling.ts';
import { benjaminiHochberg } from './benjamini-hochberg.ts';
import { chiSquaredTest } from './chi-squared.ts';
import { classifierTest } from './classifier-two-sample.ts';
import { centroidTest } from './centroid.ts';
import { cramerVonMisesTest } from './cramer-von-mises.ts';
import { gTest } from './g-test.ts';
import type { Draws } from './homogeneity.ts';
import { cellCounts } from './homogeneity.ts';
import { jensenShannonTest } from './jensen-shannon.ts';
import { kolmogorovSmirnovTest, lnLimitTail } from './kolmogorov-smirnov.ts';
import { mmdTest } from './mmd.ts';
import { normalDraws, uniformDraws } from './monte-carlo.ts';
import { prepareSample } from './prepared-sample.ts';
import { countCells, psiTest, referenceBins } from './psi.ts';
import { wassersteinLimit, wassersteinTest } from './wasserstein.ts';
import { welchTest } from './welch.ts';
import { columnMoments } from '../column-moments.ts';

// Each of these is a way in which packages of the field are known to go wrong.

const check = (): void => undefined;
const draws: Draws = { seed: 7, purpose: 50, most: 999, stopAfter: 20 };

const sample = (values: Iterable<number>) => prepareSample(countedSample(Float64Array.from(values), check));
const normals = (n: number, purpose: number, shift = 0): number[] => {
  const draw = normalDraws(uniformDraws(1, purpose, 0));
  return Array.from({ length: n }, () => draw() + shift);
};
/** Counts of n rows in cells of these shares. */
function dealt(shares: readonly number[], n: number, purpose: number): Float64Array {
  const uniform = uniformDraws(2, purpose, 0);
  const out = new Float64Array(shares.length);
  for (let i = 0; i < n; i++) {
    let left = uniform();
    let k = 0;
    while (k < shares.length - 1 && left >= shares[k]) left -= shares[k++];
    out[k]++;
  }
  return out;
}
const TEN = [0.2, 0.15, 0.12, 0.1, 0.1, 0.09, 0.08, 0.07, 0.05, 0.04];

function expectRate(fired: number, runs: number, rate: number): void {
  expect(Math.abs(fired / runs - rate), `${fired} of ${runs}`).toBeLessThan(
    4 * Math.sqrt((rate * (1 - rate)) / runs),
  );
}

describe('cells', () => {
  it('a baseline as large as the window is not taken for the truth: a clean 5 % test fires on 5 %', () => {
    const runs = 1500;
    let [homogeneity, fit] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const counts = cellCounts(dealt(TEN, 1000, 2 * run), dealt(TEN, 1000, 2 * run + 1));
      if (chiSquaredTest(counts, draws, check).p < 0.05) homogeneity++;
      let x2 = 0;
      counts.reference.forEach((y, k) => (x2 += (counts.current[k] - y) ** 2 / y));
      if (x2 > 16.919) fit++;
    }
    expectRate(homogeneity, runs, 0.05);
    // What a goodness of fit to the baseline's shares does.
    expect(fit / runs).toBeGreaterThan(0.4);
  });

  it('PSI and Jensen-Shannon keep their level by their chi-squared law, and PSI its clean mean', () => {
    const runs = 1500;
    let [psi, js, sum, expected] = [0, 0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const [reference, current] = [dealt(TEN, 3000, 2 * run), dealt(TEN, 800, 2 * run + 1)];
      const stability = psiTest(reference, current);
      if (stability === null) throw new Error('not judged');
      if (stability.p < 0.05) psi++;
      sum += stability.statistic;
      expected = stability.ifUnchanged;
      if (jensenShannonTest(cellCounts(reference, current), draws, check).p < 0.05) js++;
    }
    expectRate(psi, runs, 0.05);
    expectRate(js, runs, 0.05);
    expect(sum / runs / expected).toBeGreaterThan(0.94);
    expect(sum / runs / expected).toBeLessThan(1.06);
  });

  it('a class that moves almost entirely stays under PSI 0.2 and is seen by its p-value', () => {
    const before = Float64Array.from(TEN, (share) => share * 100_000);
    const after = before.map((rows, k) => (k === 9 ? rows * 0.1 : rows + (0.9 * before[9]) / 9));
    const found = psiTest(before, after);
    expect(found?.statistic).toBeLessThan(0.2);
    expect(found?.lnP).toBeLessThan(-1000);
  });

  it('a rare class that doubles is seen with enough rows, however small its PSI', () => {
    const found = psiTest(Float64Array.of(200, 99_800), Float64Array.of(40, 9960));
    expect(found?.statistic).toBeLessThan(0.01);
    expect(found?.p).toBeLessThan(0.01);
  });

  it('one value that the baseline never had does not explode PSI', () => {
    const [before, after] = [Float64Array.of(5000, 5000, 0), Float64Array.of(500, 499, 1)];
    expect(psiTest(before, after)?.statistic).toBeLessThan(0.01);
    // The customary share of 1e-4 for an empty cell multiplies that by more than two.
    expect((1 / 1000 - 1e-4) * Math.log(10)).toBeGreaterThan(0.002);
  });

  it('cells that are empty on both sides count nowhere', () => {
    const full = cellCounts(Float64Array.of(30, 50), Float64Array.of(20, 60));
    const holes = cellCounts(Float64Array.of(0, 30, 0, 50, 0), Float64Array.of(0, 20, 0, 60, 0));
    expect(chiSquaredTest(holes, draws, check)).toEqual(chiSquaredTest(full, draws, check));
    expect([...holes.cells]).toEqual([1, 3]);
    expect(
      gTest(cellCounts(Float64Array.of(90, 0), Float64Array.of(45, 5)), draws, check).statistic,
    ).toBeGreaterThan(0);
  });

  it('few rows in a cell: p comes from tables, keeps its level, and has a floor', () => {
    const runs = 400;
    let fired = 0;
    const rare = [0.9, 0.06, 0.02, 0.02];
    for (let run = 0; run < runs; run++) {
      const counts = cellCounts(dealt(rare, 60, 2 * run), dealt(rare, 40, 2 * run + 1));
      if (counts.cells.length < 2) continue;
      const found = gTest(counts, { ...draws, purpose: run }, check);
      expect(found.leastP).toBe(1 / 1000);
      if (found.p <= 0.05) fired++;
    }
    expect(fired / runs).toBeLessThan(0.05 + 4 * Math.sqrt((0.05 * 0.95) / runs));
  });

  it('no rows on a side, one cell: refused with a reason, never a number', () => {
    for (const [before, after] of [
      [
        [0, 0],
        [3, 4],
      ],
      [
        [5, 0],
        [9, 0],
      ],
    ]) {
      const counts = cellCounts(Float64Array.from(before), Float64Array.from(after));
      expect(() => chiSquaredTest(counts, draws, check)).toThrow(/needs rows on both sides/);
      expect(psiTest(Float64Array.from(before), Float64Array.from(after))).toBeNull();
    }
  });

  it('Jensen-Shannon of classes apart is 1 bit and ln 2 nats, not their quotient', () => {
    const found = jensenShannonTest(cellCounts(Float64Array.of(50, 0), Float64Array.of(0, 80)), draws, check);
    expect(found.effect).toBeCloseTo(1, 12);
    expect(found.statistic).toBeCloseTo(Math.LN2, 12);
    expect(found.distanceNats).toBeCloseTo(Math.sqrt(Math.LN2), 12);
  });
});

describe('columns', () => {
  it('quantiles that fall on one value: the same cells for any window, a constant tells below from above', () => {
    const bins = referenceBins(sample(new Array<number>(500).fill(5)));
    const cells = (values: number[]) => [...countCells(sample(values), bins)];
    expect(cells([5, 5])).toEqual([0, 2, 0, 0]);
    expect(cells([3, 9, NaN])).toEqual([1, 0, 1, 1]);
    expect(
      psiTest(Float64Array.from(cells(new Array<number>(500).fill(5))), Float64Array.from(cells([3, 3, 3])))
        ?.p,
    ).toBeLessThan(1e-5);
    const zeros = referenceBins(
      sample([...new Array<number>(60).fill(0), ...Array.from({ length: 40 }, (_, i) => i + 1)]),
    );
    expect([...zeros.edges]).toEqual(
      [...new Set(zeros.edges)].flatMap((edge) => (edge === 0 ? [0, 0] : [edge])),
    );
  });

  it('a missing value is a cell, not a row less', () => {
    const bins = referenceBins(sample(normals(1000, 1)));
    const before = countCells(sample(normals(1000, 1)), bins);
    const half = normals(1000, 1).map((value, i) => (i % 2 === 0 ? NaN : value));
    expect(psiTest(before, countCells(sample(half), bins))?.p).toBeLessThan(1e-6);
  });

  it('distances are taken after all ties of a value', () => {
    const found = kolmogorovSmirnovTest(
      { reference: sample([1, 1, 2, 2]), current: sample([1, 1, 1, 1, 2, 2, 2, 2]), draws },
      check,
    );
    expect(found).toMatchObject({ statistic: 0, p: 1 });
  });

  it('with many ties the limit is too large, and the exact p-value says less', () => {
    const few = (n: number, p: number) =>
      Array.from({ length: n }, (_, i) => ((i * 7) % 10 < 10 * p ? 0 : 1));
    const [reference, current] = [sample(few(100, 0.5)), sample(few(100, 0.7))];
    const exact = kolmogorovSmirnovTest({ reference, current, draws }, check);
    const limit = Math.exp(lnLimitTail(exact.statistic, 50, check));
    expect(exact.p).toBeLessThan(limit / 3);
    const drawn = kolmogorovSmirnovTest({ reference, current, draws, exactUpTo: 0 }, check);
    expect(drawn.method).toBe('draws');
    expect(drawn.p).toBeLessThan(limit / 3);
    const many = sample(Array.from({ length: 4000 }, (_, i) => i % 700));
    expect(kolmogorovSmirnovTest({ reference: many, current: many, draws, exactUpTo: 0 }, check).method).toBe(
      'limit, conservative',
    );
  });

  it('the same data give the same p-value, run after run, in any order of the rows', () => {
    const values = normals(500, 3);
    const once = kolmogorovSmirnovTest(
      { reference: sample(values), current: sample(normals(300, 4)), draws },
      check,
    );
    const again = kolmogorovSmirnovTest(
      { reference: sample(values.toReversed()), current: sample(normals(300, 4)), draws },
      check,
    );
    expect(again).toEqual(once);
  });

  it('p-values below the smallest double keep their logarithm, and none is 0', () => {
    const [low, high] = [sample(normals(20_000, 5)), sample(normals(20_000, 6, 50))];
    const args = { reference: low, current: high, draws };
    const limit = wassersteinLimit(low, { ...draws, most: 99 }, check);
    const found = [
      kolmogorovSmirnovTest(args, check),
      cramerVonMisesTest(args, check),
      andersonDarlingTest({ samples: [low, high], draws }, check),
      chiSquaredTest(
        cellCounts(Float64Array.of(20_000, 1), Float64Array.of(1, 20_000)),
        { ...draws, most: 9 },
        check,
      ),
      chiSquaredTest(cellCounts(Float64Array.of(20_000, 100), Float64Array.of(100, 20_000)), draws, check),
    ];
    for (const { p } of found) expect(p).toBeGreaterThan(0);
    for (const i of [0, 1, 2, 4]) {
      expect(found[i].lnP).toBeLessThan(-5000);
      expect(Number.isFinite(found[i].lnP)).toBe(true);
    }
    const far = wassersteinTest({ ...args, limit }, check);
    expect(far?.p).toBe(1 / 100);
    expect(pInWords(1 / 100, 1 / 100)).toBe('p < 0.01');
    expect(pInWords(Number.MIN_VALUE, null)).toBe('p < 0.0001');
  });

  it("Anderson-Darling is never clipped to its table's ends", () => {
    const same = sample(normals(300, 8));
    const alike = andersonDarlingTest({ samples: [same, sample(normals(300, 30))], draws }, check);
    const apart = andersonDarlingTest({ samples: [same, sample(normals(300, 10, 1))], draws }, check);
    expect(alike.p).toBeGreaterThan(0.25);
    expect(apart.p).toBeLessThan(1e-6);
    // Few rows: dealt anew, so nothing below the floor either.
    const few = andersonDarlingTest(
      { samples: [sample(normals(20, 11)), sample(normals(20, 12, 4))], draws },
      check,
    );
    expect(few).toMatchObject({ method: 'draws', p: 1 / 1000, leastP: 1 / 1000 });
    const three = andersonDarlingTest(
      { samples: [same, sample(normals(300, 13)), sample(normals(300, 14, 2))], draws },
      check,
    );
    expect(three.method).toBe('draws');
  });

  it('Cramér-von Mises keeps its digits with a million rows on either side', () => {
    const rows = 1_000_000;
    const grid = (shift: number): QuantileSketch => ({
      values: Float64Array.from({ length: rows }, (_, i) => 2 * i + shift),
      counts: new Float64Array(rows).fill(1),
      n: rows,
      missing: 0,
      rankError: 0,
    });
    // Alternating rows: T is 1 / (4 n), a difference of two terms of 333,333 each.
    const { statistic } = cramerVonMisesTest({ reference: grid(0), current: grid(1), draws }, check);
    expect(Math.abs(statistic - 1 / (4 * rows))).toBeLessThan(1e-10);
  });

  it('one outlier moves Wasserstein without bound, and its twin not at all', () => {
    const clean = normals(2000, 15);
    const spoiled = [...clean.slice(1), 1e9];
    const reference = sample(normals(3000, 16));
    const limit = wassersteinLimit(reference, { ...draws, most: 999 }, check);
    const of = (values: number[]) =>
      wassersteinTest({ reference, current: sample(values), limit, draws }, check);
    expect((of(spoiled)?.effect ?? 0) / (of(clean)?.effect ?? 1)).toBeGreaterThan(1e4);
    expect(
      Math.abs((of(spoiled)?.winsorised.effect ?? 0) - (of(clean)?.winsorised.effect ?? 1)),
    ).toBeLessThan(0.01);
    expect(
      wassersteinTest({ reference, current: sample([...clean, Infinity]), limit, draws }, check),
    ).toBeNull();
    const constant = sample([2, 2, 2]);
    expect(wassersteinTest({ reference: constant, current: constant, limit, draws }, check)).toBeNull();
  });

  it("Wasserstein's p-values keep their level by dealing rows and by the bridge", () => {
    for (const [m, n, runs] of [
      [120, 60, 200],
      [4000, 300, 300],
    ]) {
      let fired = 0;
      const reference = sample(normals(m, 99));
      const limit = wassersteinLimit(reference, { ...draws, most: 999 }, check);
      for (let run = 0; run < runs; run++) {
        const found = wassersteinTest(
          {
            reference: sample(normals(m, 300 + 2 * run)),
            current: sample(normals(n, 301 + 2 * run)),
            limit,
            draws: { ...draws, purpose: run, most: 199 },
          },
          check,
        );
        if ((found?.winsorised.p ?? 1) <= 0.1) fired++;
      }
      expectRate(fired, runs, 0.1);
    }
  });

  it('tiny variances do not underflow in Welch', () => {
    const tiny = (shift: number) =>
      columnMoments(
        Float64Array.from(normals(50, 20), (v) => (v + shift) * 1e-120),
        0,
        50,
        check,
      );
    const found = welchTest(tiny(0), tiny(1));
    expect(found?.p).toBeLessThan(1e-3);
    expect(
      welchTest(
        columnMoments(Float64Array.of(1, 1), 0, 2, check),
        columnMoments(Float64Array.of(1, 1), 0, 2, check),
      ),
    ).toBeNull();
  });
});

describe('several columns', () => {
  const matrix = (rows: number, cols: number, purpose: number, shift: number): Matrix => ({
    data: Float32Array.from(normals(rows * cols, purpose, shift)),
    rows,
    cols,
  });

  it('p of the kernel test has a floor and is spread where nothing differs', () => {
    const args = { permutations: 99, seed: 3 };
    const apart = mmdTest({ reference: matrix(80, 3, 1, 0), current: matrix(60, 3, 2, 1.5), ...args }, check);
    expect(apart).toMatchObject({ p: 0.01, leastP: 0.01 });
    const ps = Array.from(
      { length: 60 },
      (_, i) =>
        mmdTest(
          {
            reference: matrix(30, 2, 100 + i, 0),
            current: matrix(25, 2, 500 + i, 0),
            permutations: 39,
            seed: i,
          },
          check,
        ).p,
    );
    const low = ps.filter((p) => p <= 0.2).length;
    expect(low).toBeGreaterThan(3);
    expect(low).toBeLessThan(25);
    const equal: Matrix = { data: new Float32Array(40).fill(2), rows: 20, cols: 2 };
    expect(mmdTest({ reference: equal, current: equal, ...args }, check).p).toBe(1);
  });

  it('copies of rows on both sides do not leak from the taught half into the judged one', () => {
    // Every row of either sample stands there ten times: a split by rows would let the model know its own exam.
    const tenfold = (source: Matrix): Matrix => ({
      ...source,
      data: Float32Array.from(
        { length: source.data.length * 10 },
        (_, i) => source.data[i % source.data.length],
      ),
      rows: source.rows * 10,
    });
    const areas = Array.from({ length: 20 }, (_, i) => {
      const [reference, current] = [matrix(60, 30, 40 + i, 0), matrix(60, 30, 80 + i, 0)];
      return (
        classifierTest({ reference: tenfold(reference), current: tenfold(current), seed: 1 }, check)
          ?.effect ?? NaN
      );
    });
    const mean = areas.reduce((sum, area) => sum + area, 0) / areas.length;
    expect(mean).toBeGreaterThan(0.42);
    expect(mean).toBeLessThan(0.58);
  });

  it('the classifier finds the column that moved and keeps its level', () => {
    const [reference, current] = [matrix(600, 4, 200, 0), matrix(500, 4, 201, 0)];
    for (let i = 0; i < current.rows; i++) current.data[i * 4 + 2] += 1;
    const found = classifierTest({ reference, current, seed: 1 }, check);
    expect(found?.effect).toBeGreaterThan(0.7);
    expect(found?.p).toBeLessThan(1e-9);
    expect(found?.weights.map(Math.abs).indexOf(Math.max(...found.weights.map(Math.abs)))).toBe(2);
    let fired = 0;
    for (let run = 0; run < 200; run++) {
      const clean = classifierTest(
        { reference: matrix(120, 3, 600 + run, 0), current: matrix(120, 3, 900 + run, 0), seed: run },
        check,
      );
      if ((clean?.p ?? 1) <= 0.1) fired++;
    }
    expectRate(fired, 200, 0.1);
    expect(
      classifierTest({ reference: matrix(20, 2, 1, 0), current: matrix(500, 2, 2, 0), seed: 1 }, check),
    ).toBeNull();
  });

  it('a column that is a copy of another does not break the centroid distance', () => {
    const [reference, current] = [matrix(200, 3, 50, 0), matrix(150, 3, 51, 0.5)];
    for (const { data } of [reference, current])
      for (let i = 0; i < data.length; i += 3) data[i + 1] = data[i];
    expect(centroidTest(reference, current, check)).toMatchObject({ directions: 2 });
    const equal: Matrix = { data: new Float32Array(12).fill(1), rows: 6, cols: 2 };
    expect(centroidTest(equal, equal, check)).toBeNull();
  });
});

describe('many columns', () => {
  it('null is not tested and counts nowhere', () => {
    expect(benjaminiHochberg([0.01, null, 0.04, 0.9])).toEqual([0.03, null, 0.06, 0.9]);
    expect(benjaminiHochberg([])).toEqual([]);
    expect(benjaminiHochberg([0.8, 0.9])).toEqual([0.9, 0.9]);
  });
});
