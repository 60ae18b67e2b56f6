import { createRequire } from 'node:module';
import { UMAP } from 'umap-js';
import { answer } from '../answering.mjs';
import { nestedRows, readMatrix, writeFloats } from '../data-files.mjs';
import { uniformDraws } from '../seeded-draws.mjs';

const [folder = '', name = ''] = process.argv.slice(2);
const data = nestedRows(readMatrix(folder, name));
/** @param {number[][]} rows */
const map = (rows) => new UMAP({ nNeighbors: 15, nEpochs: 200, random: uniformDraws(1) }).fit(rows);

await answer({
  versions: { 'umap-js': createRequire(import.meta.url)('umap-js/package.json').version },
  warm: () => void map(data.slice(0, 500)),
  run: () => map(data),
  facts: (points) => ({ map: writeFloats(folder, 'map-of-umap-js.bin', Float32Array.from(points.flat())) }),
});
