import { quantile } from '../../../native-workers/numeric/order-statistics.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { LossCurve } from '../../contract/samples.ts';
import { cachedArray, cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';

const QUANTILES = [0.1, 0.5, 0.9];

/**
 * Quantiles of a column of losses in one class, shape (3,); NaN where no row of the class has one.
 */
function classQuantiles(caseFile: CaseFile, dataset: number, name: string, row: number): Float64Array {
  const labels = cachedLabels(caseFile, dataset, 'labels');
  const label = labels[row];
  const key = JSON.stringify([
    'loss quantiles',
    dataset,
    name,
    caseFile.datasets.samples(dataset, [row])[0].label,
  ]);
  return cachedArray(caseFile, key, () => {
    const known = caseFile.datasets
      .numberColumn(dataset, name)
      .filter((loss, row) => labels[row] === label && !Number.isNaN(loss));
    return Float64Array.from(QUANTILES, (q) => (known.length === 0 ? NaN : quantile(known, q)));
  });
}

/**
 * The losses of one sample beside those of its class; null for a set without columns of losses.
 *
 * @throws BezoarError sample/not-found
 */
export function lossCurve(caseFile: CaseFile, id: number, row: number): LossCurve | null {
  const dataset = caseFile.datasets.list().find((one) => one.id === id);
  if (!dataset || row >= dataset.rows)
    throw new BezoarError('sample/not-found', `Row ${row + 1} is not in this set. Reload the view.`);
  const names = dataset.columns.filter(({ role }) => role === 'loss').map(({ name }) => name);
  if (names.length === 0) return null;
  const label = cachedLabels(caseFile, id, 'labels')[row];
  const [sample] = caseFile.datasets.samples(id, [row]);
  const finite = (value: unknown): number | null =>
    typeof value === 'number' && Number.isFinite(value) ? value : null;
  const bands = names.map((name) => classQuantiles(caseFile, id, name, label));
  return {
    names,
    losses: names.map((name) => finite(sample.columns[name])),
    low: bands.map(([low]) => finite(low)),
    middle: bands.map(([, middle]) => finite(middle)),
    high: bands.map(([, , high]) => finite(high)),
  };
}
