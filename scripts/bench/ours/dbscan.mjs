import { createHash } from 'node:crypto';
import { dbscan } from '../../../native-workers/clustering/dbscan.ts';
import { answer } from '../answering.mjs';
import { readData } from '../data-files.mjs';
import { chosenEngine, context } from './start.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const { data: points } = readData(folder, name);
if (points instanceof Int32Array) throw new Error(`${name} holds no coordinates`);

await answer({
  versions,
  run: () => dbscan({ points, dims: 2, eps: 0.5, minPoints: 20 }, context),
  facts: ({ clusters, count, noise }) => ({
    labels: createHash('sha256').update(new Uint8Array(clusters.buffer)).digest('hex'),
    clusters: count,
    noise,
  }),
});
