import { expectedShares, type ExpectedShares } from './expected-shares.ts';
import { familiesOf } from './families.ts';
import { CONFIDENCE_BINS, type CodedTable, type HourCounts } from './hour-counts.ts';
import type { HourSpan } from './episodes.ts';
import type { BehaviourReference } from './reference.ts';
import { CONFIDENCE_CELLS } from './reference-layout.ts';
import { binCount, cellsOfBins } from './value-bins.ts';

/** A column that describes a request beyond its class, in fine bins: confidence, a category, or a feature of the input. */
export interface ClassColumn {
  readonly name: string;
  readonly kind: 'confidence' | 'category' | 'feature';
  readonly bins: number;
  /** Bins lie in an order (all but categories); the last one is missing. */
  readonly ordered: boolean;
  /** Requests of the reference, shape (groups, bins). */
  readonly reference: Float64Array;
  /** Requests of the reference by group. */
  readonly rows: Float64Array;
  /** Cell of each group's bins, shape (groups, bins): seasons are known by cell. */
  readonly cellOf: Uint8Array;
  readonly shares: ExpectedShares;
  /** Share of each cell over all hours, shape (groups, cells). */
  readonly cellShares: Float64Array;
  /** How much its counts within a class vary more than independent requests would. */
  readonly phi: number;
}

/** Latency and resources are left out: they follow the load, and tails of their own watch them. */
export function classColumns(reference: BehaviourReference): ClassColumn[] {
  const { layout } = reference;
  const families = familiesOf(layout);
  return families.flatMap((family, f): ClassColumn[] => {
    const fitted = reference.families[f];
    const { groups, kind, name } = family;
    const common = {
      name,
      rows: Float64Array.from(fitted.rows),
      shares: expectedShares(family, fitted),
      cellShares: Float64Array.from(
        fitted.counts,
        (count, i) => count / Math.max(1, fitted.rows[Math.floor(i / family.cells)]),
      ),
      phi: Math.max(1, ...fitted.dispersion.map((one) => one.phi ?? 1)),
    };
    if (kind === 'confidence' && reference.confidenceBins !== null && layout.confidence !== null) {
      const cellOf = new Uint8Array(groups * CONFIDENCE_BINS);
      layout.confidence.bins.forEach((bins, g) =>
        cellOf.set(cellsOfBins(bins, CONFIDENCE_CELLS), g * CONFIDENCE_BINS),
      );
      const counts = Float64Array.from(reference.confidenceBins.flat());
      return [{ ...common, kind, bins: CONFIDENCE_BINS, ordered: true, reference: counts, cellOf }];
    }
    if (kind === 'category') {
      const cellOf = Uint8Array.from({ length: groups * family.cells }, (_, i) => i % family.cells);
      const counts = Float64Array.from(fitted.counts);
      return [{ ...common, kind, bins: family.cells, ordered: false, reference: counts, cellOf }];
    }
    if (kind !== 'feature' || family.cellOfBin === null) return [];
    const index = layout.numbers.findIndex((number) => number.name === name);
    const bins = binCount(layout.numbers[index].edges);
    const counts = Float64Array.from(reference.numberBins[index].flat());
    const { cellOfBin } = family;
    const cellOf = Uint8Array.from({ length: groups * bins }, (_, i) => cellOfBin[i % bins]);
    return [{ ...common, kind, bins, ordered: true, reference: counts, cellOf }];
  });
}

/** Bins of every row of a log in each class column. */
export function codesOf(coded: CodedTable, reference: BehaviourReference): Uint8Array[] {
  const { layout } = reference;
  const features = layout.numbers.flatMap(({ role }, index) =>
    role === 'feature' ? [coded.numbers[index]] : [],
  );
  return [...(coded.confidence === null ? [] : [coded.confidence]), ...coded.categories, ...features];
}

/** What requests of some hours look like in a column, and what their classes and hours make one expect. */
export interface BinTally {
  /** (groups, bins) */
  readonly x: Float64Array;
  /** (groups, bins); for each group it adds up to the group's requests. */
  readonly mean: Float64Array;
  /** Requests by group. */
  readonly n: Float64Array;
}

/** @throws whatever `check` throws */
export function tallyBins(
  column: ClassColumn,
  codes: Uint8Array,
  coded: CodedTable,
  counts: HourCounts,
  spans: readonly HourSpan[],
  check: () => void,
): BinTally {
  const groups = column.rows.length;
  const { bins } = column;
  const x = new Float64Array(groups * bins);
  const mean = new Float64Array(groups * bins);
  const n = new Float64Array(groups);
  const hourly = new Float64Array(groups);
  for (const { from, to } of spans)
    for (let h = from; h < to; h++) {
      check();
      hourly.fill(0);
      for (let row = counts.rowFrom[h]; row < counts.rowFrom[h + 1]; row++) {
        const group = coded.groupOf[row];
        hourly[group]++;
        x[group * bins + codes[row]]++;
      }
      addExpectedBins(column, counts.hours[h], hourly, mean);
      for (let g = 0; g < groups; g++) n[g] += hourly[g];
    }
  return { x, mean, n };
}

/** A bin's share in its group, moved by the season of its cell. */
function addExpectedBins(column: ClassColumn, hour: number, n: Float64Array, mean: Float64Array): void {
  const { bins, cellOf, reference, rows, shares, cellShares } = column;
  const base = shares.at(hour);
  for (let g = 0; g < n.length; g++) {
    if (n[g] === 0 || rows[g] === 0) continue;
    for (let b = 0; b < bins; b++) {
      const i = g * bins + b;
      const cell = g * shares.cells + cellOf[i];
      if (reference[i] > 0)
        mean[i] += (n[g] * reference[i] * shares.shares[base + cell]) / (rows[g] * cellShares[cell]);
    }
  }
}
