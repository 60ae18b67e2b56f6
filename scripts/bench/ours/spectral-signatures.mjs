import { runDetector } from '../../../native-workers/detectors/run-detector.ts';
import { spectralSignatures } from '../../../native-workers/detectors/spectral-signatures.ts';
import { answer } from '../answering.mjs';
import { detectorInput } from '../detector-input.mjs';
import { chosenEngine, context } from './start.mjs';

const [folder = '', engine = '', name = '', labelName = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const { input, label, count } = detectorInput(folder, name, labelName);

await answer({
  versions,
  run: () => runDetector(spectralSignatures, input, {}, context),
  facts: ({ score }) => {
    const [sums, counts] = [new Float64Array(count), new Float64Array(count)];
    label.forEach((one, i) => {
      sums[one] += score[i];
      counts[one] += 1;
    });
    return {
      largest: Math.sqrt(score.reduce((most, one) => Math.max(most, one), 0)),
      rms: Array.from(sums, (sum, one) => Math.sqrt(sum / counts[one])),
    };
  },
});
