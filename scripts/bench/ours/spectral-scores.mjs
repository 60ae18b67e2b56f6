import { topSingularVectors } from '../../../native-workers/numeric/top-singular-vectors.ts';
import { answer } from '../answering.mjs';
import { readData, readMatrix } from '../data-files.mjs';
import { chosenEngine, oneThread } from './start.mjs';

const [folder = '', engine = '', name = '', labelName = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const matrix = readMatrix(folder, name);
const { data: labels } = readData(folder, labelName);
if (!(labels instanceof Int32Array)) throw new Error(`${labelName} holds no labels`);
const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0);

await answer({
  versions,
  run: () => topSingularVectors(matrix, labels, classes, 1, oneThread),
  facts: ({ scores }) => {
    const [sums, counts] = [new Float64Array(classes), new Float64Array(classes)];
    labels.forEach((label, i) => {
      sums[label] += scores[i];
      counts[label] += 1;
    });
    return {
      largest: Math.sqrt(scores.reduce((most, score) => Math.max(most, score), 0)),
      rms: Array.from(sums, (sum, label) => Math.sqrt(sum / counts[label])),
    };
  },
});
