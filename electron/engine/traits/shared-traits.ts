import type { ImageSums } from '../../../native-workers/traits/image-difference.ts';
import { imageDifference } from '../../../native-workers/traits/image-difference.ts';
import { numberShift } from '../../../native-workers/traits/number-shift.ts';
import { valueExcesses } from '../../../native-workers/traits/value-excess.ts';
import { sharedFloat64 } from '../../../native-workers/numeric/shared-arrays.ts';
import type { TaskRunner } from '../../../native-workers/runner.ts';
import type { Dataset } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Traits } from '../../contract/traits.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';
import { sharedMatrix } from '../scan/shared-matrix.ts';
import { traitsInWords } from './traits-in-words.ts';

/** Traits of each kind that are kept. */
const MOST = 12;
const MOST_IMAGES = 4000;
const MOST_PIXELS = 65_536;
const PIECE_BYTES = 4 * 2 ** 20;
/** ln of the level that a value or number must reach, corrected for those tested, to be listed. */
const LN_LEVEL = Math.log(0.01);
const unhurried = { check: () => undefined };

interface Sides {
  readonly inside: Int32Array;
  readonly outside: Int32Array;
}

/** At most `most` of the rows, evenly spaced. */
function spaced(rows: Int32Array, most: number): Int32Array {
  if (rows.length <= most) return rows;
  return Int32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]);
}

async function wordsOf(
  caseFile: CaseFile,
  dataset: Dataset,
  { inside, outside }: Sides,
  runner: TaskRunner,
): Promise<Traits['words']> {
  const column = dataset.columns.find(({ role }) => role === 'text')?.name;
  if (column === undefined) return null;
  const texts = caseFile.datasets.textColumn(dataset.id, column);
  const of = (rows: Int32Array) => Array.from(rows, (row) => texts[row] ?? '');
  const { found, tested } = await runner.run('wordExcesses', {
    inside: of(inside),
    outside: of(outside),
    most: MOST,
  });
  return { column, tested, found: found.filter(({ lnP }) => lnP + Math.log(tested) <= LN_LEVEL) };
}

async function imageSums(
  caseFile: CaseFile,
  info: Parameters<CaseFile['matrices']['imageRows']>[0],
  rows: Int32Array,
  runner: TaskRunner,
): Promise<ImageSums & { count: number }> {
  const size = info.shape.slice(1).reduce((product, side) => product * side, 1);
  const total = { sums: sharedFloat64(size), squares: sharedFloat64(size) };
  const step = Math.max(1, Math.floor(PIECE_BYTES / size));
  for (let from = 0; from < rows.length; from += step) {
    const bytes = caseFile.matrices.imageRows(info, [...rows.subarray(from, from + step)]).data;
    await runner.run('addImages', { bytes, ...total });
  }
  return { ...total, count: rows.length };
}

async function imageOf(
  caseFile: CaseFile,
  dataset: Dataset,
  { inside, outside }: Sides,
  runner: TaskRunner,
): Promise<Traits['image']> {
  const info = caseFile.matrices.find(dataset.id, 'images');
  const shape = info?.shape.slice(1) ?? [];
  if (!info || outside.length === 0 || shape[0] * shape[1] > MOST_PIXELS) return null;
  const read = { inside: spaced(inside, MOST_IMAGES), outside: spaced(outside, MOST_IMAGES) };
  const group = await imageSums(caseFile, info, read.inside, runner);
  const others = await imageSums(caseFile, info, read.outside, runner);
  const found = imageDifference(shape, group, others, MOST);
  const levels = (picture: Float64Array) => Array.from(picture, (level) => Math.round(10 * level) / 10);
  return {
    height: found.height,
    width: found.width,
    inside: levels(found.inside),
    outside: levels(found.outside),
    difference: levels(found.difference),
    patches: [...found.patches],
    read: { inside: read.inside.length, outside: read.outside.length },
  };
}

/** Predictions and the text columns that are no running text. */
function valuesOf(caseFile: CaseFile, dataset: Dataset, { inside, outside }: Sides): Traits['values'] {
  const columns: { name: string; values: readonly (string | null)[] }[] = [];
  if (dataset.hasPredictions) {
    const predicted = cachedLabels(caseFile, dataset.id, 'predicted');
    columns.push({
      name: 'predicted',
      values: Array.from(predicted, (c) => (c < 0 ? null : dataset.classes[c])),
    });
  }
  for (const { name, role, type } of dataset.columns)
    if (role === 'feature' && type === 'text')
      columns.push({ name, values: caseFile.datasets.textColumn(dataset.id, name) });
  const tested = columns.map(({ name, values }) => {
    const of = (rows: Int32Array) =>
      Array.from(rows, (row) => {
        const value = values[row];
        return new Set(value === null ? [] : [value]);
      });
    return { name, ...valueExcesses(of(inside), of(outside), MOST, unhurried) };
  });
  const all = tested.reduce((sum, column) => sum + column.tested, 0);
  return tested
    .flatMap(({ name, found }) => found.map((one) => ({ ...one, column: name, tested: all })))
    .filter(({ lnP }) => lnP + Math.log(all) <= LN_LEVEL)
    .sort((a, b) => a.lnP - b.lnP)
    .slice(0, MOST);
}

function numbersOf(caseFile: CaseFile, dataset: Dataset, { inside, outside }: Sides): Traits['numbers'] {
  const names = dataset.columns.filter(({ type }) => type === 'number').map(({ name }) => name);
  const found = names.flatMap((column) => {
    const values = caseFile.datasets.numberColumn(dataset.id, column);
    const of = (rows: Int32Array) => Float64Array.from(rows, (row) => values[row]);
    const shift = numberShift(of(inside), of(outside));
    return shift === null ? [] : [{ column, ...shift }];
  });
  return found
    .filter(({ lnP }) => lnP + Math.log(names.length) <= LN_LEVEL)
    .sort((a, b) => Math.abs(b.area - 0.5) - Math.abs(a.area - 0.5))
    .slice(0, MOST);
}

async function unitsOf(
  caseFile: CaseFile,
  dataset: Dataset,
  { inside, outside }: Sides,
  runner: TaskRunner,
): Promise<Traits['units']> {
  const info = caseFile.matrices.find(dataset.id, 'activations');
  // Columns of built-in features are no units of anything.
  if (info?.builtIn !== null) return [];
  const matrix = sharedMatrix(caseFile, info);
  const found = await runner.run('unitShifts', { matrix, inside, outside, most: MOST });
  return found.map((one) => ({ ...one, effect: Number.isFinite(one.effect) ? one.effect : null }));
}

/**
 * What a group of rows shares that the other rows of its labels do not: words, a picture, values, numbers, units.
 *
 * @throws BezoarError sample/not-found; Cancelled
 */
export async function sharedTraits(
  caseFile: CaseFile,
  dataset: Dataset,
  rows: readonly number[] | Int32Array,
  runner: TaskRunner,
): Promise<Traits> {
  const members = new Uint8Array(dataset.rows);
  for (const row of rows) {
    if (row >= dataset.rows)
      throw new BezoarError('sample/not-found', `Row ${row + 1} is not in this set. Reload the view.`);
    members[row] = 1;
  }
  const labels = cachedLabels(caseFile, dataset.id, 'labels');
  const wanted = new Set<number>();
  labels.forEach((label, row) => members[row] === 1 && wanted.add(label));
  const all = Int32Array.from(labels.keys());
  const sides = {
    inside: all.filter((row) => members[row] === 1),
    outside: all.filter((row) => members[row] === 0 && wanted.has(labels[row])),
  };
  const traits = {
    inside: sides.inside.length,
    outside: sides.outside.length,
    labels: [...wanted].filter((label) => label >= 0).map((label) => dataset.classes[label]),
    words: await wordsOf(caseFile, dataset, sides, runner),
    image: await imageOf(caseFile, dataset, sides, runner),
    values: valuesOf(caseFile, dataset, sides),
    numbers: numbersOf(caseFile, dataset, sides),
    units: await unitsOf(caseFile, dataset, sides, runner),
  };
  return { ...traits, sentence: traitsInWords(traits) };
}
