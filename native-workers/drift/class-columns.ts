import type { HourSpan } from './episodes.ts';
import { expectedShares, type ExpectedShares } from './expected-shares.ts';
import { familiesOf } from './families.ts';
import type { CodedTable, HourCounts } from './hour-counts.ts';
import type { BehaviourReference } from './reference.ts';
import { CLASS_BINS } from './reference-layout.ts';
import { cellsOfBins } from './value-bins.ts';

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

/** Numbers within classes, then categories. Latency and resources are left out: they follow the load. */
export function classColumns(reference: BehaviourReference): ClassColumn[] {
  const { layout } = reference;
  return familiesOf(layout).flatMap((family, f): ClassColumn[] => {
    const fitted = reference.families[f];
    const { groups, kind, name, cells } = family;
    if (kind !== 'confidence' && kind !== 'feature' && kind !== 'category') return [];
    const common = {
      name,
      kind,
      rows: Float64Array.from(fitted.rows),
      shares: expectedShares(family, fitted),
      cellShares: Float64Array.from(
        fitted.counts,
        (count, i) => count / Math.max(1, fitted.rows[Math.floor(i / cells)]),
      ),
      phi: Math.max(1, ...fitted.dispersion.map((one) => one.phi ?? 1)),
    };
    if (kind === 'category')
      return [
        {
          ...common,
          bins: cells,
          ordered: false,
          reference: Float64Array.from(fitted.counts),
          cellOf: Uint8Array.from({ length: groups * cells }, (_, i) => i % cells),
        },
      ];
    const index = layout.classNumbers.findIndex((number) => number.name === name);
    const number = layout.classNumbers[index];
    const cellOf = new Uint8Array(groups * CLASS_BINS);
    number.bins.forEach((bins, g) => cellOf.set(cellsOfBins(bins, number.cells), g * CLASS_BINS));
    return [
      {
        ...common,
        bins: CLASS_BINS,
        ordered: true,
        reference: Float64Array.from(reference.classBins[index].flat()),
        cellOf,
      },
    ];
  });
}

/** Bins of every row of a log in each class column. */
export function codesOf(coded: CodedTable): Uint8Array[] {
  return [...coded.classNumbers, ...coded.categories];
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
