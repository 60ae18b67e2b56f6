import { answer } from '../answering.mjs';
import { readMatrix, writeFloats } from '../data-files.mjs';
import { chosenEngine } from './start.mjs';
import { mapBeginning, mapFrom } from './whole-map.mjs';

const [folder = '', engine = '', name = ''] = process.argv.slice(2);
const versions = chosenEngine(engine);
const matrix = readMatrix(folder, name);

await answer({
  versions,
  run: async () => mapFrom(await mapBeginning(matrix), 200, 1),
  facts: (map) => ({ map: writeFloats(folder, 'map-of-ours.bin', map) }),
});
