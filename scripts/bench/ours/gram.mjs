import { columnMeansOf, gramOf } from '../../../native-workers/numeric/pca.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, oneThread } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const source = { matrix: readMatrix(folder, name), rows: null };
const mean = await columnMeansOf(source, oneThread);

await answer({
  versions,
  run: () => gramOf(source, mean, oneThread),
  facts: (gram) => ({ first: gram[0], last: gram[gram.length - 1] }),
});
