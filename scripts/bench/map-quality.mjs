import { join } from 'node:path';
import { runToEnd } from '../setup/child-process.mjs';
import { PlainError } from '../setup/steps.mjs';
import { mapDataSets, prepareData } from './data-sets.mjs';
import { median } from './verdict.mjs';

/**
 * Trustworthiness (15 neighbours) of maps on one data set, one value a seed.
 * @typedef {object} MapQuality
 * @property {string} title of the data set
 * @property {string} engine
 * @property {number[]} ours
 * @property {number[]} peer
 * @property {'met' | 'failed'} verdict
 * @property {string} date
 */

const SEEDS = ['1', '2', '3', '4', '5'];
/** Ours may lie so far below umap-learn's, in the median. */
const TOLERANCE = 0.005;
const HERE = import.meta.dirname;

/**
 * Maps of the same data by us and by umap-learn, five seeds each, with the epochs that each takes by itself.
 * @param {{ node: string, python: string, engine: string, only: string[] | null, say: (line: string) => void }} setting
 * @returns {Promise<MapQuality[]>}
 */
export async function judgeMaps({ node, python, engine, only, say }) {
  const sets = mapDataSets().filter(({ name }) => only?.includes(name) ?? true);
  const folder = prepareData(sets.map(({ name }) => name));
  /** @type {MapQuality[]} */
  const found = [];
  for (const { name, title } of sets) {
    /** @type {string[]} */
    const ours = await printed(node, [join(HERE, 'ours', 'umap-maps.mjs'), folder, engine, name, ...SEEDS]);
    /** @type {string[]} */
    const peer = await printed(python, [join(HERE, 'peers', 'umap_maps.py'), folder, name, ...SEEDS]);
    const judge = join(HERE, 'peers', 'trustworthiness.py');
    /** @type {number[]} */
    const values = await printed(python, [judge, folder, name, ...ours, ...peer]);
    const [mine, theirs] = [values.slice(0, SEEDS.length), values.slice(SEEDS.length)];
    const verdict = median(mine) >= median(theirs) - TOLERANCE ? 'met' : 'failed';
    say(`${title}: ${median(mine).toFixed(4)}, umap-learn ${median(theirs).toFixed(4)}: ${verdict}`);
    const date = new Date().toISOString().slice(0, 10);
    found.push({ title, engine, ours: mine, peer: theirs, verdict, date });
  }
  return found;
}

/**
 * What a program printed on its last line, as JSON.
 * @param {string} program
 * @param {string[]} args
 */
async function printed(program, args) {
  const { code, stdout, tail } = await runToEnd(program, args);
  if (code !== 0) throw new PlainError(`${args[0]} failed (${code}):\n${tail}`);
  return JSON.parse(stdout.trimEnd().split('\n').pop() ?? '');
}
