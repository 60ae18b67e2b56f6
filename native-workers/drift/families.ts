import { CONFIDENCE_BINS, type HourCounts } from './hour-counts.ts';
import { CONFIDENCE_CELLS, FEATURE_CELLS, TAIL_CELLS, type ReferenceLayout } from './reference-layout.ts';
import { binCount, cellsOfBins, tailStart } from './value-bins.ts';

/**
 * What a family's cells count: `class` the predictions; `confidence` bins and `category` levels within a class; `feature` bins of a
 * number; `tail` requests slower or dearer than most; `precision` and `recall` errors by predicted and by true class; `missing`
 * values by column.
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
  /** A group's cells add up to its requests. */
  readonly partition: boolean;
  /** Shares may follow the hour and the weekday. */
  readonly seasonal: boolean;
  /** Cell of each fine bin of a feature; null for the other kinds. */
  readonly cellOfBin: readonly number[] | null;
  /** Adds an hour's counts, shape (groups, cells); null where only the sums over groups are counted. */
  readonly within: ((counts: HourCounts, hour: number, x: Float64Array) => void) | null;
  /** Adds an hour's counts over all groups, shape (cells,); null for families of one group. */
  readonly pooled: ((counts: HourCounts, hour: number, x: Float64Array) => void) | null;
  /** Adds an hour's requests by group, shape (groups,). */
  readonly requests: (counts: HourCounts, hour: number, n: Float64Array) => void;
}

/** The families of a layout, always in the same order. */
export function familiesOf(layout: ReferenceLayout): Family[] {
  return [
    classFamily(layout),
    ...(layout.confidence === null ? [] : [confidenceFamily(layout, layout.confidence)]),
    ...layout.categories.map((column, index) => categoryFamily(layout, column, index)),
    ...layout.numbers.map((number, index) =>
      number.role === 'feature' ? featureFamily(layout, index) : tailFamily(layout, index),
    ),
    errorFamily(layout, 'precision'),
    errorFamily(layout, 'recall'),
    missingFamily(layout),
  ];
}

/** The classes that the reference has too few requests of, new ones, and requests without a prediction. */
export const REST = 'rare or no prediction';

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
    cellOfBin: null,
    within: ({ classes }, hour, x) => addRange(classes, hour * cells, x),
    pooled: null,
    requests: ({ requests }, hour, n) => (n[0] += requests[hour]),
  };
}

const groupRequests: Family['requests'] = ({ groups }, hour, n) => addRange(groups, hour * n.length, n);

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

function confidenceFamily(
  layout: ReferenceLayout,
  { name, bins }: NonNullable<ReferenceLayout['confidence']>,
): Family {
  const { groups } = layout;
  const cells = CONFIDENCE_CELLS.length + 2;
  const cellOf = bins.map((one) => cellsOfBins(one, CONFIDENCE_CELLS));
  const add = (
    counts: HourCounts,
    hour: number,
    to: (group: number, cell: number, count: number) => void,
  ) => {
    const { confidence } = counts;
    if (confidence === null) return;
    for (let g = 0; g < groups; g++)
      for (let bin = 0; bin < cellOf[g].length; bin++)
        to(g, cellOf[g][bin], confidence[(hour * groups + g) * CONFIDENCE_BINS + bin]);
  };
  return {
    kind: 'confidence',
    name,
    groups,
    cells,
    groupNames: groupNames(layout),
    cellNames: quantileNames(CONFIDENCE_CELLS),
    partition: true,
    seasonal: true,
    cellOfBin: null,
    within: (counts, hour, x) => add(counts, hour, (g, cell, count) => (x[g * cells + cell] += count)),
    pooled: (counts, hour, x) => add(counts, hour, (_, cell, count) => (x[cell] += count)),
    requests: groupRequests,
  };
}

function categoryFamily(
  layout: ReferenceLayout,
  { name, levels }: ReferenceLayout['categories'][number],
  index: number,
): Family {
  const { groups } = layout;
  const cells = levels.length + 2;
  return {
    kind: 'category',
    name,
    groups,
    cells,
    groupNames: groupNames(layout),
    cellNames: [...levels, 'other values', 'missing'],
    partition: true,
    seasonal: true,
    cellOfBin: null,
    within: ({ categories }, hour, x) => addRange(categories[index], hour * groups * cells, x),
    pooled: ({ categories }, hour, x) => {
      const base = hour * groups * cells;
      for (let i = 0; i < groups * cells; i++) x[i % cells] += categories[index][base + i];
    },
    requests: groupRequests,
  };
}

function featureFamily(layout: ReferenceLayout, index: number): Family {
  const number = layout.numbers[index];
  const cellOf = cellsOfBins(number, FEATURE_CELLS);
  return {
    kind: 'feature',
    name: number.name,
    groups: layout.groups,
    cells: FEATURE_CELLS.length + 2,
    groupNames: groupNames(layout),
    cellNames: quantileNames(FEATURE_CELLS),
    partition: true,
    seasonal: true,
    cellOfBin: cellOf,
    within: null,
    pooled: ({ numbers }, hour, x) => {
      const base = hour * cellOf.length;
      for (let bin = 0; bin < cellOf.length; bin++) x[cellOf[bin]] += numbers[index][base + bin];
    },
    requests: groupRequests,
  };
}

function tailFamily(layout: ReferenceLayout, index: number): Family {
  const number = layout.numbers[index];
  const bins = binCount(number.edges);
  const starts = TAIL_CELLS.map((share) => ({ share, start: tailStart(number, share) })).filter(
    ({ start }, i, all): boolean => start !== null && all.findIndex((one) => one.start === start) === i,
  );
  return {
    kind: 'tail',
    name: number.name,
    groups: 1,
    cells: starts.length,
    groupNames: [],
    cellNames: starts.map(({ share }) => `above the ${Number((100 * share).toFixed(1))} % quantile`),
    partition: false,
    seasonal: true,
    cellOfBin: null,
    within: ({ numbers }, hour, x) => {
      const base = hour * bins;
      starts.forEach(({ start }, cell) => {
        for (let bin = start ?? bins; bin < bins - 1; bin++) x[cell] += numbers[index][base + bin];
      });
    },
    pooled: null,
    requests: ({ numbers, requests }, hour, n) =>
      (n[0] += requests[hour] - numbers[index][hour * bins + bins - 1]),
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
    cellOfBin: null,
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
  const { groups, categories, numbers, confidence } = layout;
  return {
    kind: 'missing',
    name: '',
    groups: 1,
    cells: categories.length + numbers.length + (confidence === null ? 0 : 1),
    groupNames: [],
    cellNames: [
      ...categories.map(({ name }) => name),
      ...numbers.map(({ name }) => name),
      ...(confidence === null ? [] : [confidence.name]),
    ],
    partition: false,
    seasonal: true,
    cellOfBin: null,
    within: (counts, hour, x) => {
      let cell = 0;
      for (let k = 0; k < categories.length; k++, cell++) {
        const columns = categories[k].levels.length + 2;
        for (let g = 1; g <= groups; g++) x[cell] += counts.categories[k][(hour * groups + g) * columns - 1];
      }
      for (let k = 0; k < numbers.length; k++, cell++) {
        const bins = binCount(numbers[k].edges);
        x[cell] += counts.numbers[k][(hour + 1) * bins - 1];
      }
      if (confidence === null || counts.confidence === null) return;
      for (let g = 0; g < groups; g++)
        x[cell] +=
          counts.confidence[(hour * groups + g) * CONFIDENCE_BINS + confidence.bins[g].edges.length + 1];
    },
    pooled: null,
    requests: ({ requests }, hour, n) => (n[0] += requests[hour]),
  };
}

function addRange(from: Int32Array, base: number, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += from[base + i];
}
