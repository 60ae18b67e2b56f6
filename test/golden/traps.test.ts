import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../../electron/engine/jobs/worker-pool.ts';
import type { ScanResult } from '../../native-workers/decision/scan.ts';
import { scan } from '../../native-workers/decision/scan.ts';
import type { SampleSet, ScanInput } from '../../native-workers/detectors/detector.ts';
import { kolmogorovSmirnov } from '../../native-workers/numeric/two-sample/kolmogorov-smirnov.ts';
import { uncancelled } from '../../native-workers/task.ts';
import { mapActivations, reorder } from '../conformance/gaussian-classes.ts';
import type { MeasurementCase } from './measurement-case.ts';
import { casesAreHere, measurementCase } from './measurement-case.ts';

/** Every fourth row of a vision case: 15,000, enough for each trap to show. */
const STEP = 4;
const cases = new Map<string, MeasurementCase>();

function caseOf(name: string): MeasurementCase {
  const known = cases.get(name) ?? measurementCase(name, name === 'text' ? 1 : STEP);
  cases.set(name, known);
  return known;
}

let pool: WorkerPool;

function scanned(
  input: ScanInput,
  detectors: readonly string[] = [],
  params: Record<string, Record<string, unknown>> = {},
): Promise<ScanResult> {
  return scan(input, { detectors, params }, pool.runner(null, 0), uncancelled());
}

const alone = (input: ScanInput): ScanInput => ({ ...input, trusted: null });
const put = (result: ScanResult, { classes }: ScanInput): string[] =>
  result.classes.filter(({ grade }) => grade !== null).map(({ classIndex }) => classes[classIndex]);
const count = (flags: ArrayLike<number>): number => Array.from(flags).reduce((sum, flag) => sum + flag, 0);

function f1(found: ArrayLike<number>, poisoned: Uint8Array): number {
  const hits = poisoned.reduce((sum, flag, row) => sum + flag * found[row], 0);
  return (2 * hits) / (count(found) + count(poisoned));
}

/** Chance that a poisoned row of the class scores above another row of it, ties counted half. */
function auroc(score: (row: number) => number, { input, poisoned }: MeasurementCase, name: string): number {
  const { label } = input.investigated;
  const own = [...label.keys()].filter((row) => label[row] === input.classes.indexOf(name));
  const order = own.sort((a, b) => score(a) - score(b));
  let ranks = 0;
  let hits = 0;
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && score(order[to]) === score(order[from])) to++;
    for (let i = from; i < to; i++) {
      hits += poisoned[order[i]];
      ranks += poisoned[order[i]] * ((from + to + 1) / 2);
    }
    from = to;
  }
  return (ranks - (hits * (hits + 1)) / 2) / (hits * (order.length - hits));
}

const lossAt = ({ losses }: SampleSet, row: number, column: number): number =>
  losses?.data[row * losses.names.length + (column < 0 ? losses.names.length + column : column)] ?? NaN;

describe.skipIf(!casesAreHere)('traps on the measurement cases', { timeout: 60_000 }, () => {
  beforeAll(() => {
    pool = createWorkerPool(2);
  });
  afterAll(() => pool.close());

  const withTrusted = ({ input }: MeasurementCase): SampleSet => {
    if (input.trusted === null) throw new Error('the case has no trusted set');
    return input.trusted;
  };

  it('a network has lower losses on what it was trained on: no alarm may come from that', async () => {
    const clean = caseOf('clean');
    const trusted = withTrusted(clean);
    const { investigated } = clean.input;
    const shirt = clean.input.classes.indexOf('shirt');
    const final = (set: SampleSet): Float64Array =>
      Float64Array.from(
        [...set.label.keys()].filter((row) => set.label[row] === shirt),
        (row) => lossAt(set, row, -1),
      );
    const { p, sign } = kolmogorovSmirnov(final(investigated), final(trusted), () => undefined);
    // A test that is given half of 1 % over ten classes would alarm; the losses of the training rows are the lower ones.
    expect(p).toBeLessThan(0.01 / 2 / 10);
    expect(sign).toBe(1);
    const result = await scanned(clean.input, ['trusted-mahalanobis', 'loss-curves']);
    expect(put(result, clean.input)).toEqual([]);
    const ratios = result.classes.map(
      ({ facts }) => facts.find(({ name }) => name === 'bulk ratio')?.value ?? 0,
    );
    const [middle] = ratios.toSorted((a, b) => a - b).slice(ratios.length >> 1);
    expect(middle).toBeGreaterThan(0.95);
    expect(middle).toBeLessThan(1.1);
    // Shirts that look like t-shirts are ambiguous: less than 60 % of them lie deep inside.
    const pair = result.classes[shirt].flips?.pairs.find(
      ({ classIndex }) => classIndex === clean.input.classes.indexOf('t-shirt'),
    );
    if (pair === undefined) throw new Error('no shirt looks like a t-shirt');
    expect(pair.deep).toBeGreaterThan(30);
    expect(pair.deep / (pair.deep + pair.mid)).toBeLessThan(0.6);
    expect(pair.lnE).toBeLessThan(0);
  });

  it('a trusted set of another preprocessing, or its easier half, is refused and flags nothing', async () => {
    const clean = caseOf('clean');
    const trusted = withTrusted(clean);
    const scaled = mapActivations(clean.input, (x) => 0.9 * x, 'trusted');
    const byLoss = [...trusted.label.keys()].sort((a, b) => lossAt(trusted, a, -1) - lossAt(trusted, b, -1));
    const kept = new Map<number, number>();
    const sizes = new Map<number, number>();
    for (const c of trusted.label) sizes.set(c, (sizes.get(c) ?? 0) + 1);
    const easier = byLoss.filter((row) => {
      const c = trusted.label[row];
      kept.set(c, (kept.get(c) ?? 0) + 1);
      return (kept.get(c) ?? 0) <= (sizes.get(c) ?? 0) / 2;
    });
    const half = { ...clean.input, trusted: reorder(trusted, Int32Array.from(easier)) };
    for (const input of [scaled, half]) {
      const result = await scanned(input, ['trusted-mahalanobis']);
      expect(put(result, input)).toEqual([]);
      expect(count(result.flagged)).toBe(0);
      expect(result.notes.join(' ')).toMatch(/not used: its rows lie nearer .*ratio 0\.(8|9)/);
      expect(result.classes.every(({ epsilonMin }) => epsilonMin === null)).toBe(true);
    }
  });

  it('cuts that every class has, a half, a share, a quantile, mark a clean set and decide nothing', async () => {
    const clean = caseOf('clean');
    const ids = ['activation-clustering', 'spectral-signatures', 'robust-covariance'];
    const result = await scanned(alone(clean.input), ids, {
      'activation-clustering': { analyser: 'smaller' },
    });
    const [clustering, spectral, robust] = result.detectors.map((run) => run.result);
    expect(count(clustering.marked) / clustering.marked.length).toBeGreaterThan(0.3);
    const halved = new Set(
      [...clustering.marked.keys()]
        .filter((row) => clustering.marked[row] === 1)
        .map((row) => clean.input.investigated.label[row]),
    );
    expect(halved.size).toBe(10);
    expect(count(spectral.marked)).toBe(0);
    // The 0.999 quantile of chi-square in k dimensions (Wilson, Hilferty 1931).
    const axes = robust.classes.map(({ facts }) => facts[0].value);
    const beyond = robust.score.filter((distance, row) => {
      const k = axes[clean.input.investigated.label[row]];
      return distance > k * (1 - 2 / (9 * k) + 3.0902 * Math.sqrt(2 / (9 * k))) ** 3;
    });
    expect(beyond.length / robust.score.length).toBeGreaterThan(0.25);
    expect(count(robust.marked)).toBe(0);
    expect(put(result, clean.input)).toEqual([]);
  });

  it.each([
    ['blended', 'sandal', 0.85],
    ['label_flip', 'pullover', 0.99],
  ])(
    'spectral scores of %s are of centred rows: uncentred, the poison comes last',
    async (name, target, least) => {
      const case_ = caseOf(name);
      const result = await scanned(alone(case_.input), ['spectral-signatures']);
      const { score } = result.detectors[0].result;
      expect(auroc((row) => score[row], case_, target)).toBeGreaterThan(least);
      const direction = leadingUncentred(case_.input, target);
      const { activations } = case_.input.investigated;
      const along = (row: number): number =>
        direction.reduce((sum, x, j) => sum + x * (activations?.data[row * direction.length + j] ?? 0), 0);
      expect(auroc((row) => along(row) ** 2, case_, target)).toBeLessThan(0.15);
    },
  );

  it('flipped labels are found by where they lie, in their class alone, not by their loss', async () => {
    const case_ = caseOf('label_flip');
    const { investigated } = case_.input;
    const order = [...investigated.label.keys()].sort(
      (a, b) => lossAt(investigated, b, -1) - lossAt(investigated, a, -1),
    );
    const highest = new Uint8Array(investigated.rows);
    for (const row of order.slice(0, investigated.rows / 100)) highest[row] = 1;
    expect(f1(highest, case_.poisoned)).toBeLessThan(0.1);
    const result = await scanned(alone(case_.input));
    // The flipped boots would pull the mean of pullover, and ankle-boot would look like it, were the head fitted to them.
    expect(put(result, case_.input)).toEqual(['pullover']);
    expect(result.classes[case_.input.classes.indexOf('pullover')].ways).toContain('flip');
    expect(f1(result.flagged, case_.poisoned)).toBeGreaterThan(0.98);
  });

  it('badnets: high loss ranks the poison last; a cut of conformal p flags every class, or nothing', async () => {
    const case_ = caseOf('badnets');
    const { investigated } = case_.input;
    expect(auroc((row) => lossAt(investigated, row, -1), case_, 'dress')).toBeLessThan(0.1);
    const result = await scanned(case_.input, ['trusted-mahalanobis', 'loss-curves']);
    const two = result.detectors[1].result;
    expect(auroc((row) => two.score[row], case_, 'dress')).toBeGreaterThan(0.8);
    expect(new Set(two.classes.map(({ decision }) => decision))).toEqual(new Set(['not judged (ranking)']));
    const { pValue } = result;
    const floor = Math.min(...pValue);
    expect(floor).toBeGreaterThan(1e-3);
    // Benjamini and Hochberg at 1 %: the k-th smallest p must reach k / n of it; here fewer than that lie at the floor.
    const ascending = pValue.slice().sort();
    const passing = ascending.findLastIndex((p, k) => p <= (0.01 * (k + 1)) / ascending.length);
    expect(passing).toBe(-1);
    const low = Uint8Array.from(pValue, (p) => (p <= 0.01 ? 1 : 0));
    const named = new Set(
      [...low.keys()].filter((row) => low[row] === 1).map((row) => investigated.label[row]),
    );
    expect(named.size).toBe(10);
    expect(put(result, case_.input)).toEqual(['dress']);
    expect(f1(result.flagged, case_.poisoned)).toBeGreaterThan(0.98);
    expect(f1(result.flagged, case_.poisoned)).toBeGreaterThan(f1(low, case_.poisoned));
  });

  it('text: a natural group is told and no alarm, although entropy cuts clean classes too', async () => {
    const case_ = caseOf('text');
    const result = await scanned(case_.input, ['quantum-entropy']);
    expect(put(result, case_.input)).toEqual(['business']);
    const science = result.classes[case_.input.classes.indexOf('science')];
    const [group] = science.subPopulations.toSorted((a, b) => b.depth - a.depth);
    expect(group).toMatchObject({ way: null });
    expect(group.depth).toBeGreaterThan(0.9);
    expect(group.size).toBeGreaterThan(60);
    expect(group.rel).toBeLessThan(1.6);
    expect(group.outsideAfter).toBeLessThan(0.05);
    expect(science.notes.join(' ')).toContain('Natural sub-populations look like this');
    const { marked } = result.detectors[0].result;
    const named = new Set(
      [...marked.keys()].filter((row) => marked[row] === 1).map((row) => case_.input.investigated.label[row]),
    );
    expect(named.size).toBeGreaterThan(1);
  });
});

/** Leading eigenvector of the second moments of a class's rows about 0, by powers. */
function leadingUncentred({ classes, investigated }: ScanInput, name: string): Float64Array {
  const { activations, label } = investigated;
  if (activations === null) throw new Error('no activations');
  const { data, cols } = activations;
  const rows = [...label.keys()].filter((row) => label[row] === classes.indexOf(name));
  let direction = new Float64Array(cols).fill(1 / Math.sqrt(cols));
  for (let round = 0; round < 12; round++) {
    const next = new Float64Array(cols);
    for (const row of rows) {
      let along = 0;
      for (let j = 0; j < cols; j++) along += direction[j] * data[row * cols + j];
      for (let j = 0; j < cols; j++) next[j] += along * data[row * cols + j];
    }
    const length = Math.hypot(...next);
    direction = next.map((x) => x / length);
  }
  return direction;
}
