import { createRequire } from 'node:module';
// @ts-expect-error the package ships no types
import densityClustering from 'density-clustering';
import { answer } from '../answering.mjs';
import { nestedRows, readData } from '../data-files.mjs';

const [folder = '', name = ''] = process.argv.slice(2);
const points = nestedRows(readData(folder, name));
/** @param {number[][]} rows */
const clusters = (rows) => {
  const dbscan = new densityClustering.DBSCAN();
  return { clusters: dbscan.run(rows, 0.5, 20), noise: dbscan.noise };
};

await answer({
  versions: {
    'density-clustering': createRequire(import.meta.url)('density-clustering/package.json').version,
  },
  run: () => clusters(points),
  facts: (found) => ({ clusters: found.clusters.length, noise: found.noise.length }),
});
