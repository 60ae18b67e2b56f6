import { setImmediate as nextTurn } from 'node:timers/promises';
import { sharedFloat32 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { Dataset } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { BuiltFeatures, FeatureBuilder } from './built-features.ts';

/** A column of more values than this names things rather than kinds of things. */
const MOST_LEVELS = 32;
/** Of more columns of features the first are taken. */
const MOST_WIDTH = 1024;

interface Category {
  readonly name: string;
  readonly levels: readonly string[];
  /** Of each set. */
  readonly codes: readonly Int32Array[];
}

/** The features that every set has, by name and type. */
export function featureColumnsOf(sets: readonly Dataset[]): { name: string; type: 'text' | 'number' }[] {
  const [first, ...others] = sets;
  return first.columns
    .filter(({ role }) => role === 'feature')
    .filter(({ name, type }) =>
      others.every((set) => set.columns.some((one) => one.name === name && one.type === type)),
    )
    .map(({ name, type }) => ({ name, type }));
}

/** A column of text as codes of its values in the order of code units; null when it has too many, or only one. */
function categoryOf(caseFile: CaseFile, sets: readonly Dataset[], name: string): Category | null {
  const values = sets.map((set) => caseFile.datasets.textColumn(set.id, name));
  const seen = new Set<string>();
  for (const column of values)
    for (const value of column) {
      if (value !== null) seen.add(value);
      if (seen.size > MOST_LEVELS) return null;
    }
  if (seen.size < 2) return null;
  const levels = [...seen].sort((a, b) => (a < b ? -1 : 1));
  const code = new Map(levels.map((level, at) => [level, at]));
  return {
    name,
    levels,
    codes: values.map((column) =>
      Int32Array.from(column, (value) => (value === null ? -1 : (code.get(value) ?? -1))),
    ),
  };
}

function nothingToBuild(): BezoarError {
  return new BezoarError(
    'evidence/no-features',
    'No column of the records varies in a way that features can be made of: numbers, or text of at most ' +
      `${MOST_LEVELS} different values. Nothing was computed. Drop activations of the model (.npy, one row a sample).`,
  );
}

/** Columns of numbers standardised over all sets, and one column for each value of a column of categories. */
export const tableFeatures: FeatureBuilder = async (
  caseFile,
  sets,
  runner,
  _seed,
  progress,
): Promise<BuiltFeatures> => {
  const columns = featureColumnsOf(sets);
  const categories: Category[] = [];
  const numbers: { name: string; parts: Float64Array[] }[] = [];
  for (const { name, type } of columns) {
    // Columns are read on this thread: others get their turn between them.
    await nextTurn();
    if (type === 'text') {
      const category = categoryOf(caseFile, sets, name);
      if (category !== null) categories.push(category);
    } else numbers.push({ name, parts: sets.map((set) => caseFile.datasets.numberColumn(set.id, name)) });
  }
  progress(0.4);
  const scales = await runner.run('columnScales', { columns: numbers.map(({ parts }) => parts) });
  const varying = numbers
    .map((column, at) => ({ ...column, scale: scales[at] }))
    .filter(({ scale }) => scale.deviation > 0 && Number.isFinite(scale.deviation))
    .slice(0, MOST_WIDTH);
  let room = MOST_WIDTH - varying.length;
  const kept = categories.filter(({ levels }) => {
    const fits = levels.length <= room;
    if (fits) room -= levels.length;
    return fits;
  });
  const width = MOST_WIDTH - room;
  if (width === 0) throw nothingToBuild();
  progress(0.6);
  const rows = sets.map((set) => sharedFloat32(set.rows * width));
  for (const [at, set] of sets.entries())
    await runner.run('tableRows', {
      numbers: varying.map(({ parts }) => parts[at]),
      scales: varying.map(({ scale }) => scale),
      categories: kept.map(({ codes, levels }) => ({ codes: codes[at], levels: levels.length })),
      from: 0,
      to: set.rows,
      out: rows[at],
    });
  const used = [...varying.map(({ name }) => name), ...kept.map(({ name }) => name)];
  const left = columns.map(({ name }) => name).filter((name) => !used.includes(name));
  progress(1);
  return {
    width,
    what:
      `${varying.length} standardised columns of numbers and ${kept.length} of categories of the records, ${width} columns together` +
      (left.length > 0 ? `; ${left.length} left out, of one value or of too many` : ''),
    facts: {
      method: 'standardised-one-hot',
      numbers: varying.map(({ name }) => name),
      categories: kept.map(({ name }) => name),
      left,
    },
    rows,
  };
};
