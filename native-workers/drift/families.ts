import type { HourCounts } from './hour-counts.ts';
import { TAIL_CELLS, type ReferenceLayout } from './reference-layout.ts';
import { binCount, tailStart } from './value-bins.ts';

/**
 * What a family's cells count: `class` the predictions; `confidence` and `feature` bins and `category` levels within a class; `tail`
 * requests slower or dearer than most; `precision` and `recall` errors by predicted and by true class; `missing` values by column.
 */
export type FamilyKind =
  'class' | 'confidence' | 'category' | 'feature' | 'tail' | 'precision' | 'recall' | 'missing';

/**
 * Cells that count requests of the same denominators. A count of cell c in group g is expected to be the group's requests times the
 * cell's share in the group, times factors of the hour and the weekday that all groups have in common.
 */
export interface Family {
  readonly kind: FamilyKind;
  /** The column; empty for classes and errors. */
  readonly name: string;
  readonly groups: number;
  readonly cells: number;
  /** Classes of the groups; empty for families of one group. */
  readonly groupNames: readonly string[];
  readonly cellNames: readonly string[];
  /** First bin of each cell of a tail; absent elsewhere. */
  readonly firstBin?: readonly number[];
  /** A group's cells add up to its requests. */
  readonly partition: boolean;
  /** Shares may follow the hour and the weekday. */
  readonly seasonal: boolean;
  /** Adds an hour's counts, shape (groups, cells). */
  readonly within: (counts: HourCounts, hour: number, x: Float64Array) => void;
  /** Adds an hour's counts over all groups, shape (cells,); null for families of one group. */
  readonly pooled: ((counts: HourCounts, hour: number, x: Float64Array) => void) | null;
  /** Adds an hour's requests by group, shape (groups,). */
  readonly requests: (counts: HourCounts, hour: number, n: Float64Array) => void;
}

/** The families of a layout, always in the same order. */
export function familiesOf(layout: ReferenceLayout): Family[] {
  return [
    classFamily(layout),
    ...layout.classNumbers.map((_, index) => numberFamily(layout, index)),
    ...layout.categories.map((_, index) => categoryFamily(layout, index)),
    ...layout.loads.map((_, index) => tailFamily(layout, index)),
    errorFamily(layout, 'precision'),
    errorFamily(layout, 'recall'),
    missingFamily(layout),
  ];
}

/** Stands for the class that a request was answered with, where it is told among the columns. */
export const PREDICTION = 'prediction';

/** The classes that the reference has too few requests of, new ones, and requests without a prediction. */
const REST = 'rare or no prediction';

/** Class of each group; the group of smaller classes and the rest has none of its own. */
function groupNames({ classes, groupOfClass, groups }: ReferenceLayout): string[] {
  return Array.from({ length: groups }, (_, group) => classes[groupOfClass.indexOf(group)] ?? REST).map(
    (name, group) => (group === groups - 1 ? REST : name),
  );
}

function classFamily(layout: ReferenceLayout): Family {
  const cells = layout.classes.length + 1;
  return {
    kind: 'class',
    name: '',
    groups: 1,
    cells,
    groupNames: [],
    cellNames: [...layout.classes, REST],
    partition: true,
    seasonal: true,
    within: ({ classes }, hour, x) => addRange(classes, hour * cells, x),
    pooled: null,
    requests: ({ requests }, hour, n) => (n[0] += requests[hour]),
  };
}

/** Names of the cells between quantiles, such as '10 to 25 %'. */
function quantileNames(shares: readonly number[]): string[] {
  const percent = (share: number): string => `${Number((100 * share).toFixed(1))}`;
  return [
    `lowest ${percent(shares[0])} %`,
    ...shares.slice(1).map((share, i) => `${percent(shares[i])} to ${percent(share)} %`),
    `highest ${percent(1 - shares[shares.length - 1])} %`,
    'missing',
  ];
}

function numberFamily(layout: ReferenceLayout, index: number): Family {
  const { name, kind, cells: shares } = layout.classNumbers[index];
  const cells = shares.length + 2;
  return {
    kind,
    name,
    groups: layout.groups,
    cells,
    groupNames: groupNames(layout),
    cellNames: quantileNames(shares),
    partition: true,
    seasonal: true,
    ...byGroup(layout.groups, cells, ({ classNumbers }) => classNumbers[index]),
  };
}

function categoryFamily(layout: ReferenceLayout, index: number): Family {
  const { name, levels } = layout.categories[index];
  const cells = levels.length + 2;
  return {
    kind: 'category',
    name,
    groups: layout.groups,
    cells,
    groupNames: groupNames(layout),
    cellNames: [...levels, 'other values', 'missing'],
    partition: true,
    seasonal: true,
    ...byGroup(layout.groups, cells, ({ categories }) => categories[index]),
  };
}

function byGroup(
  groups: number,
  cells: number,
  of: (counts: HourCounts) => Int32Array,
): Pick<Family, 'within' | 'pooled' | 'requests'> {
  return {
    within: (counts, hour, x) => addRange(of(counts), hour * groups * cells, x),
    pooled: (counts, hour, x) => {
      const from = of(counts);
      const base = hour * groups * cells;
      for (let i = 0; i < groups * cells; i++) x[i % cells] += from[base + i];
    },
    requests: ({ groups: counts }, hour, n) => addRange(counts, hour * groups, n),
  };
}

function tailFamily(layout: ReferenceLayout, index: number): Family {
  const load = layout.loads[index];
  const bins = binCount(load.edges);
  const starts = TAIL_CELLS.map((share) => ({ share, start: tailStart(load, share) ?? bins })).filter(
    ({ start }, i, all) => start < bins && all.findIndex((one) => one.start === start) === i,
  );
  return {
    kind: 'tail',
    name: load.name,
    groups: 1,
    cells: starts.length,
    groupNames: [],
    cellNames: starts.map(({ share }) => `above the ${Number((100 * share).toFixed(1))} % quantile`),
    firstBin: starts.map(({ start }) => start),
    partition: false,
    seasonal: true,
    within: ({ loads }, hour, x) => {
      const base = hour * bins;
      starts.forEach(({ start }, cell) => {
        for (let bin = start; bin < bins - 1; bin++) x[cell] += loads[index][base + bin];
      });
    },
    pooled: null,
    requests: ({ loads, requests }, hour, n) =>
      (n[0] += requests[hour] - loads[index][hour * bins + bins - 1]),
  };
}

function errorFamily(layout: ReferenceLayout, kind: 'precision' | 'recall'): Family {
  const groups = layout.classes.length + 1;
  const part = kind === 'precision' ? 0 : 2;
  return {
    kind,
    name: '',
    groups,
    cells: 1,
    groupNames: [...layout.classes, REST],
    cellNames: ['wrong'],
    partition: false,
    seasonal: false,
    within: ({ errors }, hour, x) => {
      if (errors !== null) addRange(errors, (hour * 4 + part + 1) * groups, x);
    },
    pooled: null,
    requests: ({ errors }, hour, n) => {
      if (errors !== null) addRange(errors, (hour * 4 + part) * groups, n);
    },
  };
}

function missingFamily(layout: ReferenceLayout): Family {
  const { groups, categories, classNumbers, loads } = layout;
  const columns = [...classNumbers, ...categories, ...loads];
  return {
    kind: 'missing',
    name: '',
    groups: 1,
    cells: columns.length + 1,
    groupNames: [],
    cellNames: [...columns.map(({ name }) => name), PREDICTION],
    partition: false,
    seasonal: true,
    within: (counts, hour, x) => {
      let cell = 0;
      const addLast = (from: Int32Array, size: number): void => {
        for (let g = 1; g <= groups; g++) x[cell] += from[(hour * groups + g) * size - 1];
        cell++;
      };
      classNumbers.forEach(({ cells }, k) => addLast(counts.classNumbers[k], cells.length + 2));
      categories.forEach(({ levels }, k) => addLast(counts.categories[k], levels.length + 2));
      loads.forEach(({ edges }, k) => {
        const bins = binCount(edges);
        x[cell++] += counts.loads[k][(hour + 1) * bins - 1];
      });
      x[cell] += counts.unpredicted[hour];
    },
    pooled: null,
    requests: ({ requests }, hour, n) => (n[0] += requests[hour]),
  };
}

function addRange(from: Int32Array, base: number, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[base + i];
}

/** What a cell counts, in words. @param group null over all groups */
export function cellInWords(
  { kind, name, cellNames, groupNames }: Family,
  group: number | null,
  cell: number,
): string {
  const of = group === null ? '' : ` among ${groupNames[group]}`;
  switch (kind) {
    case 'class':
      return `the share of class ${cellNames[cell]}`;
    case 'category':
      return `the share of ${name} ${cellNames[cell]}${of}`;
    case 'confidence':
    case 'feature':
      return `the share of the ${cellNames[cell]} of ${name}${of}`;
    case 'tail':
      return `the share of ${name} ${cellNames[cell]}`;
    case 'precision':
      return `the error rate of predicted class ${groupNames[group ?? 0]}`;
    case 'recall':
      return `the error rate of true class ${groupNames[group ?? 0]}`;
    case 'missing':
      return `the share of missing values of ${cellNames[cell]}`;
  }
}
