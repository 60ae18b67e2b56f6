import { CELL_EFFECTS, SHARE_EFFECTS } from './e-sr.ts';
import { addExpected, expectedShares, type ExpectedShares } from './expected-shares.ts';
import { familiesOf, type Family } from './families.ts';
import type { HourCounts } from './hour-counts.ts';
import type { FittedFamily } from './fit-family.ts';
import type { BehaviourReference } from './reference.ts';

/** Parts of the alarm that share its budget evenly. */
type Budget =
  | 'class'
  | 'class x confidence'
  | 'class x category'
  | 'class x feature'
  | 'inputs'
  | 'performance'
  | 'accuracy'
  | 'missing values';

/** What a cell's alarm is about. */
export interface WatchedSubject {
  readonly key: string;
  readonly aspect: 'class' | 'inputs' | 'performance' | 'accuracy' | 'quality';
  /** The class or the column. */
  readonly name: string;
}

/** A family's counts either by group or over all groups. */
export interface View {
  readonly family: Family;
  readonly fitted: FittedFamily;
  readonly shares: ExpectedShares;
  readonly byGroup: boolean;
}

export interface WatchedCell {
  /** Index into the views. */
  readonly view: number;
  /** Of the group's requests; 0 over all groups. */
  readonly group: number;
  readonly cell: number;
  readonly subject: WatchedSubject;
  readonly budget: Budget;
  /** Rows of the reference behind the share. */
  readonly referenceRows: number;
  readonly phi: number;
  readonly fall: boolean;
  readonly weight: number;
  readonly effects: readonly number[];
}

export interface WatchedCells {
  readonly views: readonly View[];
  readonly cells: readonly WatchedCell[];
}

/**
 * Every cell of a reference with its part of the budget: the parts that the reference has share it evenly, then a part's columns, then
 * a column's cells.
 *
 * @param falls watch falls of the class shares too, at half weight
 */
export function watchedCells(reference: BehaviourReference, falls: boolean): WatchedCells {
  const families = familiesOf(reference.layout);
  const views: View[] = [];
  const cells: Omit<WatchedCell, 'weight'>[] = [];
  families.forEach((family, f) => {
    const fitted = reference.families[f];
    const view = (byGroup: boolean): number =>
      views.push({ family, fitted, shares: expectedShares(family, fitted), byGroup }) - 1;
    const index = view(true);
    for (let group = 0; group < family.groups; group++)
      for (let cell = 0; cell < family.cells; cell++) {
        if (fitted.rows[group] === 0 || watchedElsewhere(family, cell)) continue;
        cells.push({
          view: index,
          group,
          cell,
          subject: subjectOf(family, group, cell, true),
          budget: budgetWithin(family),
          referenceRows: fitted.rows[group],
          phi: fitted.phi[cell],
          fall: false,
          effects: family.kind === 'class' ? SHARE_EFFECTS : CELL_EFFECTS,
        });
        if (falls && family.kind === 'class')
          cells.push({
            ...cells[cells.length - 1],
            fall: true,
            effects: SHARE_EFFECTS.map((effect) => -effect),
          });
      }
    if (family.pooled !== null) {
      const over = view(false);
      const rows = fitted.rows.reduce((sum, one) => sum + one, 0);
      for (let cell = 0; cell < family.cells; cell++) {
        if (rows === 0 || watchedElsewhere(family, cell)) continue;
        cells.push({
          view: over,
          group: 0,
          cell,
          subject: subjectOf(family, 0, cell, false),
          budget: 'inputs',
          referenceRows: rows,
          phi: fitted.pooledPhi[cell],
          fall: false,
          effects: CELL_EFFECTS,
        });
      }
    }
  });
  return { views, cells: weigh(cells) };
}

/**
 * A partition's last cell is its missing values: they are watched once, by column. The last of the classes is all that the reference has
 * too few requests of: those are watched one by one (`new-classes.ts`).
 */
function watchedElsewhere({ partition, cells }: Family, cell: number): boolean {
  return partition && cell === cells - 1;
}

function budgetWithin({ kind }: Family): Budget {
  switch (kind) {
    case 'class':
      return 'class';
    case 'confidence':
      return 'class x confidence';
    case 'category':
      return 'class x category';
    case 'feature':
      return 'class x feature';
    case 'tail':
      return 'performance';
    case 'precision':
    case 'recall':
      return 'accuracy';
    case 'missing':
      return 'missing values';
  }
}

function subjectOf(
  { kind, name, groupNames, cellNames }: Family,
  group: number,
  cell: number,
  byGroup: boolean,
): WatchedSubject {
  const subject = (aspect: WatchedSubject['aspect'], of: string): WatchedSubject => ({
    key: `${aspect} ${of}`,
    aspect,
    name: of,
  });
  switch (kind) {
    case 'class':
      return subject('class', cellNames[cell]);
    case 'confidence':
    case 'category':
    case 'feature':
      return byGroup ? subject('class', groupNames[group]) : subject('inputs', name);
    case 'tail':
      return subject('performance', name);
    case 'precision':
    case 'recall':
      return subject('accuracy', groupNames[group]);
    case 'missing':
      return subject('quality', cellNames[cell]);
  }
}

/** Even shares of the budget by part, then by column and view, then by cell; a fall weighs half a rise. */
function weigh(cells: readonly Omit<WatchedCell, 'weight'>[]): WatchedCell[] {
  const parts = new Map<Budget, Map<number, number>>();
  const worth = ({ fall }: Omit<WatchedCell, 'weight'>): number => (fall ? 0.5 : 1);
  for (const one of cells) {
    const views = parts.get(one.budget) ?? new Map<number, number>();
    views.set(one.view, (views.get(one.view) ?? 0) + worth(one));
    parts.set(one.budget, views);
  }
  return cells.map((one) => {
    const views = parts.get(one.budget) ?? new Map<number, number>();
    return { ...one, weight: worth(one) / ((views.get(one.view) ?? 1) * views.size * parts.size) };
  });
}

/** A view's counts in a window with what the reference makes one expect. */
export interface WindowSums {
  /** (groups, cells) by group, (cells,) over all groups. */
  readonly x: Float64Array;
  readonly mean: Float64Array;
  /** Requests by group; one number over all groups. */
  readonly n: Float64Array;
}

/** @param skip entries of the hour counts to leave out, 1 each; null leaves out none */
export function sumWindow(
  { family, shares, byGroup }: View,
  counts: HourCounts,
  from: number,
  to: number,
  skip: Uint8Array | null,
): WindowSums {
  const { groups, cells } = family;
  const x = new Float64Array(byGroup ? groups * cells : cells);
  const n = new Float64Array(groups);
  const mean = new Float64Array(groups * cells);
  const hourly = new Float64Array(groups);
  for (let h = from; h < to; h++) {
    if (skip !== null && skip[h] === 1) continue;
    hourly.fill(0);
    family.requests(counts, h, hourly);
    addExpected(shares, counts.hours[h], hourly, mean);
    for (let g = 0; g < groups; g++) n[g] += hourly[g];
    (byGroup ? family.within : family.pooled)?.(counts, h, x);
  }
  if (byGroup) return { x, n, mean };
  const pooledMean = new Float64Array(cells);
  for (let i = 0; i < mean.length; i++) pooledMean[i % cells] += mean[i];
  return { x, mean: pooledMean, n: Float64Array.of(n.reduce((sum, one) => sum + one, 0)) };
}
