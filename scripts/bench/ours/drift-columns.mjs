import { countedSample } from '../../../native-workers/drift/quantile-sketch.ts';
import { kolmogorovSmirnovTest } from '../../../native-workers/drift/tests/kolmogorov-smirnov.ts';
import { prepareSample } from '../../../native-workers/drift/tests/prepared-sample.ts';
import { countCells, psiTest, referenceBins } from '../../../native-workers/drift/tests/psi.ts';
import { answer } from '../answering.mjs';
import { readData } from '../data-files.mjs';
import { chosenEngine, neverCancelled } from './start.mjs';

const [folder = '', engine = '', ...names] = process.argv.slice(2);
const versions = chosenEngine(engine);
const [before, now] = names.map((name) => readData(folder, name));
const draws = { seed: 1, purpose: 1, most: 999, stopAfter: 20 };

/**
 * @param {import('../data-files.mjs').About & { data: import('../data-files.mjs').Elements }} table
 * @param {number} column
 */
function sampleOf({ data, cols }, column) {
  if (!(data instanceof Float64Array)) throw new Error('no columns of float64');
  const values = data.subarray(column * cols, (column + 1) * cols);
  return prepareSample(countedSample(values, neverCancelled));
}

await answer({
  versions,
  run: () =>
    Array.from({ length: before.rows }, (_, column) => {
      const [reference, current] = [sampleOf(before, column), sampleOf(now, column)];
      const { statistic } = kolmogorovSmirnovTest({ reference, current, draws }, neverCancelled);
      const bins = referenceBins(reference);
      const psi = psiTest(countCells(reference, bins), countCells(current, bins));
      return { statistic, psi: psi?.statistic ?? NaN };
    }),
  facts: (columns) => ({
    distances: columns.map(({ statistic }) => statistic),
    largest: Math.max(...columns.map(({ statistic }) => statistic)),
    psi: Math.max(...columns.map(({ psi }) => psi)),
  }),
});
