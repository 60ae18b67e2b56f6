import { scatterOf } from '../../../native-workers/numeric/pca.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, oneThread } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const source = { matrix: readMatrix(folder, name), rows: null };

await answer({
  versions,
  run: () => scatterOf(source, oneThread),
  facts: ({ upper }) => ({ first: upper[0], last: upper[upper.length - 1] }),
});
