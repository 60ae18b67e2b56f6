import type { CategoricalSummary } from './baseline-summary.ts';
import type { Reference } from './monitor.ts';
import { countedSample } from './quantile-sketch.ts';
import type { PreparedSample } from './tests/prepared-sample.ts';
import { prepareSample } from './tests/prepared-sample.ts';

/** Rows of named cells, and rows in none of them. */
export interface NamedCounts {
  readonly names: readonly string[];
  /** Shape (names,). */
  readonly counts: Float64Array;
  readonly missing: number;
}

/** Two counts over the same cells: all names of either, sorted by code unit, then the rows without one. */
export interface AlignedCounts {
  /** The last one stands for rows without a name. */
  readonly names: readonly string[];
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

/** Counts of codes `from` to `to - 1` into `names`; a negative code is missing. */
export function countCodes(
  codes: Int32Array,
  names: readonly string[],
  from: number,
  to: number,
): NamedCounts {
  const counts = new Float64Array(names.length);
  let missing = 0;
  for (let i = from; i < to; i++) {
    if (codes[i] >= 0) counts[codes[i]]++;
    else missing++;
  }
  return { names, counts, missing };
}

export function alignCounts(reference: NamedCounts, current: NamedCounts): AlignedCounts {
  const names = [...new Set([...reference.names, ...current.names])].sort();
  const place = new Map(names.map((name, k) => [name, k]));
  const spread = ({ names: own, counts, missing }: NamedCounts): Float64Array => {
    const out = new Float64Array(names.length + 1);
    own.forEach((name, k) => {
      out[place.get(name) ?? names.length] += counts[k];
    });
    out[names.length] = missing;
    return out;
  };
  return { names: [...names, ''], reference: spread(reference), current: spread(current) };
}

/** Predicted classes of the reference. */
export function referencePredictions(reference: Reference): NamedCounts {
  if (reference.kind === 'summary') {
    const { classes, ofClass, unpredicted } = reference.summary;
    return {
      names: classes,
      counts: Float64Array.from(ofClass, ({ predicted }) => predicted),
      missing: unpredicted,
    };
  }
  const { predicted, classes, rows } = reference.table;
  return countCodes(predicted, classes, 0, rows);
}

/** A numeric column of the reference, sorted once; null where it has none of that name. */
export function referenceSample(
  reference: Reference,
  name: string,
  check: () => void,
): PreparedSample | null {
  if (reference.kind === 'summary') {
    const column = reference.summary.numeric.find((one) => one.name === name);
    return column === undefined ? null : prepareSample(column.sketch);
  }
  const column = reference.table.numeric.find((one) => one.name === name);
  return column === undefined ? null : prepareSample(countedSample(column.values, check));
}

/** Levels of a categorical column of the reference; null where it has none of that name. */
export function referenceLevels(reference: Reference, name: string): NamedCounts | null {
  if (reference.kind === 'summary') {
    const column = reference.summary.categorical.find((one: CategoricalSummary) => one.name === name);
    return column === undefined
      ? null
      : { names: column.levels, counts: column.counts, missing: column.missing };
  }
  const column = reference.table.categorical.find((one) => one.name === name);
  return column === undefined ? null : countCodes(column.codes, column.levels, 0, column.codes.length);
}
