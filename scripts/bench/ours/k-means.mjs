import { kMeans } from '../../../native-workers/clustering/k-means.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, context, oneThread } from './start.mjs';

const [folder = '', engine = '', name = '', centres = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const matrix = readMatrix(folder, name);
const { data, rows: k } = readMatrix(folder, centres);
const start = Float64Array.from(data);

await answer({
  versions,
  run: () => kMeans({ matrix, k, seed: 1, start }, oneThread, context),
  facts: ({ inertia, rounds }) => ({ inertia, rounds }),
});
