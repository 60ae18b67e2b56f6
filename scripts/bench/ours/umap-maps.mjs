import { readMatrix, writeFloats } from '../data-files.mjs';
import { chosenEngine } from './start.mjs';
import { mapBeginning, mapFrom } from './whole-map.mjs';

/** Prints the files of the maps of a data set, one a seed: FOLDER ENGINE DATA SEED... */
const [folder = '', engine = '', name = '', ...seeds] = process.argv.slice(2);
chosenEngine(engine);
const matrix = readMatrix(folder, name);
const beginning = await mapBeginning(matrix);
const files = [];
for (const seed of seeds) {
  const map = await mapFrom(beginning, null, Number(seed));
  files.push(writeFloats(folder, `map-${name}-ours-${seed}.bin`, map));
}
process.stdout.write(`${JSON.stringify(files)}\n`);
