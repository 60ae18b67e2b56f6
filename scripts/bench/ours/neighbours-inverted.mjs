import { nearestNeighbours } from '../../../native-workers/neighbours/exact.ts';
import { invertedNeighbours } from '../../../native-workers/neighbours/inverted.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, context, oneThread } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const matrix = readMatrix(folder, name);
const options = /** @type {const} */ ({ k: 15, metric: 'euclidean' });

await answer({
  versions,
  run: () => invertedNeighbours(matrix, { ...options, recall: 0.97 }, oneThread, context),
  facts: async ({ ids, recall, lists, probed }) => {
    // The same 500 rows as the peer's, not those that our own measurement drew.
    const rows = Int32Array.from({ length: 500 }, (_, i) => i * Math.floor(matrix.rows / 500));
    const exact = await nearestNeighbours(matrix, { ...options, rows }, oneThread, context);
    let found = 0;
    rows.forEach((row, q) => {
      const near = new Set(ids.subarray(15 * row, 15 * row + 15));
      for (const id of exact.ids.subarray(15 * q, 15 * q + 15)) if (near.has(id)) found += 1;
    });
    return { recall: found / (15 * rows.length), recallSaid: recall, lists, probed };
  },
});
