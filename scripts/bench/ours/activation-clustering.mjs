import { activationClustering } from '../../../native-workers/detectors/activation-clustering.ts';
import { runDetector } from '../../../native-workers/detectors/run-detector.ts';
import { answer } from '../answering.mjs';
import { detectorInput } from '../detector-input.mjs';
import { chosenEngine, context } from './start.mjs';

const [folder = '', engine = '', name = '', labelName = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const { input, label, count, activations } = detectorInput(folder, name, labelName);

await answer({
  versions,
  run: () => runDetector(activationClustering, input, {}, context),
  facts: ({ cluster }) => {
    if (cluster === null) throw new Error('the detector left no clusters');
    return { within: within(cluster), smaller: cluster.reduce((sum, one) => sum + one, 0) };
  },
});

/**
 * Mean squared distance of the rows to the mean of their cluster, over all columns.
 * @param {Int32Array} cluster 0 or 1 inside the row's class
 */
function within(cluster) {
  const { data, rows, cols } = activations;
  const sums = new Float64Array(2 * count * cols);
  const sizes = new Float64Array(2 * count);
  const groups = Int32Array.from(cluster, (one, row) => 2 * label[row] + one);
  for (let i = 0; i < rows; i++) {
    sizes[groups[i]] += 1;
    for (let j = 0; j < cols; j++) sums[groups[i] * cols + j] += data[i * cols + j];
  }
  let squares = 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++)
      squares += (data[i * cols + j] - sums[groups[i] * cols + j] / sizes[groups[i]]) ** 2;
  return squares / rows;
}
