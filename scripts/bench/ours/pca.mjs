import { pca, projectOnComponents } from '../../../native-workers/numeric/pca.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, oneThread } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const source = { matrix: readMatrix(folder, name), rows: null };

await answer({
  versions,
  run: async () => {
    const found = await pca(source, 50, oneThread, { seed: 1 });
    return { found, coordinates: await projectOnComponents(source, found, oneThread) };
  },
  facts: ({ found, coordinates }) => {
    // Divided by n - 1, as the peers do.
    const sample = found.n / (found.n - 1);
    const total = coordinates.reduce((sum, value) => sum + value * value, 0);
    return {
      first: found.variances[0] * sample,
      last: found.variances[49] * sample,
      captured: total / (found.n - 1),
    };
  },
});
