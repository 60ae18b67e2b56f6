import { nearestNeighbours } from '../../../native-workers/neighbours/exact.ts';
import { answer } from '../answering.mjs';
import { readMatrix } from '../data-files.mjs';
import { chosenEngine, context, oneThread } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const matrix = readMatrix(folder, name);
const few = { ...matrix, rows: 2000, data: matrix.data.subarray(0, 2000 * matrix.cols) };
const options = /** @type {const} */ ({ k: 15, metric: 'euclidean' });

await answer({
  versions,
  warm: async () => {
    await nearestNeighbours(few, options, oneThread, context);
  },
  run: () => nearestNeighbours(matrix, options, oneThread, context),
  facts: ({ ids, distances, certified }) => {
    const chosen = Array.from({ length: 200 }, (_, i) => i * Math.floor(matrix.rows / 200));
    return {
      ids: chosen.flatMap((row) => Array.from(ids.subarray(15 * row, 15 * row + 15))),
      meanDistance: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
      certified: certified / matrix.rows,
    };
  },
});
