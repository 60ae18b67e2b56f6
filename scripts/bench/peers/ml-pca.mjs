import { createRequire } from 'node:module';
import { PCA } from 'ml-pca';
import { answer } from '../answering.mjs';
import { nestedRows, readMatrix } from '../data-files.mjs';

const [folder = '', name = ''] = process.argv.slice(2);
const data = nestedRows(readMatrix(folder, name));
/** @param {number[][]} rows */
const components = (rows) => {
  const pca = new PCA(rows, { method: 'SVD' });
  return { values: pca.getEigenvalues(), coordinates: pca.predict(rows, { nComponents: 50 }) };
};

await answer({
  versions: { 'ml-pca': createRequire(import.meta.url)('ml-pca/package.json').version },
  warm: () => void components(data.slice(0, 500)),
  run: () => components(data),
  facts: ({ values }) => ({ first: values[0], last: values[49], captured: sum(values.slice(0, 50)) }),
});

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
