import { kolmogorovSmirnov } from '../../../native-workers/numeric/two-sample/kolmogorov-smirnov.ts';
import { answer } from '../answering.mjs';
import { readData } from '../data-files.mjs';
import { chosenEngine, neverCancelled } from './start.mjs';

const [folder = '', engine = '', ...names] = process.argv.slice(2);
const versions = chosenEngine(engine);
const [first, second] = names.map((name) => readData(folder, name).data);
if (!(first instanceof Float64Array) || !(second instanceof Float64Array))
  throw new Error('no samples of float64');

await answer({
  versions,
  run: () => kolmogorovSmirnov(first, second, neverCancelled),
  facts: ({ statistic, p }) => ({ D: statistic, p }),
});
