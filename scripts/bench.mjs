import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { compare } from './bench/compare.mjs';
import { prepareData } from './bench/data-sets.mjs';
import { measureDetection } from './bench/detection/detection.mjs';
import { detectionPage } from './bench/detection/page.mjs';
import { pythonWithPeers, thisMachine } from './bench/machine.mjs';
import { judgeMaps } from './bench/map-quality.mjs';
import { measureIngest } from './bench/ingest/ingest.mjs';
import { millionRows, tooMuch } from './bench/million/million.mjs';
import { benchmarksPage, ingestSection, resultLine, scalingLine, withSection } from './bench/report.mjs';
import { rows } from './bench/rows.mjs';
import { measureScaling } from './bench/scaling.mjs';
import { setUpPeers } from './bench/setup.mjs';
import { startChild } from './setup/child-process.mjs';
import { environmentFor } from './setup/npm-command.mjs';
import { prepareEngine, ROOT } from './setup/prepare.mjs';
import { createSteps, PlainError, seconds, sentenceOf } from './setup/steps.mjs';

/** @typedef {import('./bench/report.mjs').Measured} Measured */

const steps = createSteps();
const KEPT = join(ROOT, '.cache', 'bench', 'results.json');
const PAGE = join(ROOT, 'docs', 'benchmarks.md');
const DETECTION_PAGE = join(ROOT, 'docs', 'detection.md');
const DRIFT_PAGE = join(ROOT, 'docs', 'drift-power.md');
const COMMANDS = ['kernels', 'detectors', 'drift', 'maps', 'million', 'ingest', 'detection', 'drift-power'];

const USAGE = `npm run bench -- setup              installs the Python peers
npm run bench -- maps [--only real,text,pixels] [--json]
                                    the trustworthiness of maps beside umap-learn's
npm run bench -- million [--json]   1,000,000 x 512 through the kernels: time and memory (9 GB of disk, some minutes)
npm run bench -- ingest [--runs N] [--json]
                                    a log of 1,000,000 requests into a case, beside pandas, and a matrix of 1 GB beside a plain read and SHA-256:
                                    time and memory (4 GB of disk, some minutes)
npm run bench -- kernels [options]  runs the kernels against their peers; results go to docs/benchmarks.md
npm run bench -- detectors [options] the same for whole detectors
npm run bench -- drift [options]    the same for the tests of drift
  --json           prints the results of this run as JSON
  --only A,B       these rows alone: ${namesOf('kernels').join(', ')}; of detectors: ${namesOf('detectors').join(', ')}; of drift: ${namesOf('drift').join(', ')}
  --runs N         alternating runs, 5 unless said; fewer make no claim
  --engine NAME    another engine than the best: native-avx2, native-baseline, wasm, typescript
  --blas CORE      makes the peers' OpenBLAS use this core type, such as Haswell or SkylakeX
  --fast-blas      the same as --blas SkylakeX
npm run bench -- drift-power [--json]
                                    the drift alarm's daily lane on 3,000 simulated years a regime; results go to docs/drift-power.md
npm run bench -- detection [options] scans every case whose truth is known; results go to docs/detection.md
  --json           prints the results as JSON
  --only A,B       these cases alone; the kept results of the others stay
  --cases DIR      own cases from this folder; .cache/attack-cases unless said (scripts/attack-cases.py makes them)
  --threads N      worker threads of a scan, all cores unless said`;

/** `npm run bench -- COMMAND`. */
async function bench() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      runs: { type: 'string', default: '5' },
      cases: { type: 'string' },
      threads: { type: 'string' },
      engine: { type: 'string' },
      blas: { type: 'string' },
      'fast-blas': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (positionals[0] === 'setup') {
    await setUpPeers(steps);
    return 0;
  }
  const [command = ''] = positionals;
  if (values.help || positionals.length !== 1 || !COMMANDS.includes(command)) {
    process.stdout.write(`${USAGE}\n`);
    return values.help || positionals.length === 0 ? 0 : 2;
  }
  const node = await prepareEngine(steps);
  if (node.path !== process.execPath) return handOver(node.path);
  const only = values.only === undefined ? null : values.only.split(',');
  if (command === 'detection')
    return detection({
      node: node.path,
      folder: values.cases === undefined ? null : resolve(process.env.INIT_CWD ?? '', values.cases),
      only,
      threads: values.threads === undefined ? null : wholeNumber(values.threads, 'threads'),
      json: values.json,
    });
  if (command === 'drift-power') return driftPower(values.json);
  if (command === 'million') return million(node.path, values.json);
  if (command === 'ingest') return ingest(node.path, wholeNumber(values.runs, 'runs'), values.json);
  const engine = engineNamed(values.engine ?? thisMachine().engines[0] ?? 'typescript');
  if (command === 'maps') return maps(engine, node.path, values.only?.split(',') ?? null, values.json);
  return kernels({
    of: command === 'detectors' || command === 'drift' ? command : 'kernels',
    only,
    runs: wholeNumber(values.runs, 'runs'),
    engine,
    blas: values['fast-blas'] ? 'SkylakeX' : (values.blas ?? null),
    json: values.json,
    node: node.path,
  });
}

/**
 * Our sources run under the Node that Bezoar ships with.
 * @param {string} node
 */
async function handOver(node) {
  const { exit } = startChild(node, process.argv.slice(1), { env: environmentFor(node), stdio: 'inherit' });
  const { code } = await exit;
  return code ?? 1;
}

/**
 * @param {string} text
 * @param {string} of what there is a number of
 */
function wholeNumber(text, of) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new PlainError(`'${text}' is not a number of ${of}.`);
  return value;
}

/** @param {'kernels' | 'detectors' | 'drift'} of */
function rowsOf(of) {
  return rows.filter((row) => (row.of ?? 'kernels') === of);
}

/** @param {'kernels' | 'detectors' | 'drift'} of */
function namesOf(of) {
  return [...rowsOf(of).map(({ name }) => name), ...(of === 'kernels' ? ['threads'] : [])];
}

/**
 * @param {object} choice
 * @param {'kernels' | 'detectors' | 'drift'} choice.of
 * @param {string[] | null} choice.only
 * @param {number} choice.runs
 * @param {import('../native-workers/engines/kernels.ts').EngineName} choice.engine
 * @param {string | null} choice.blas
 * @param {boolean} choice.json
 * @param {string} choice.node
 */
async function kernels({ of, only, runs, engine, blas, json, node }) {
  const names = namesOf(of);
  const unknown = only?.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new PlainError(`There is no row '${unknown}'. The rows: ${names.join(', ')}.`);
  const chosen = rowsOf(of).filter(({ name }) => only?.includes(name) ?? true);
  const python = await pythonWithPeers();
  if (python === null)
    steps.say(
      'the Python peers are not installed (`npm run bench -- setup`): their rows show our times alone',
    );

  const folder = await steps.run('data', async () => prepareData(chosen.flatMap(({ data }) => data)));
  const results = [];
  for (const row of chosen) {
    const begun = performance.now();
    const result = await compare(row, { node, python, engine, blas, runs, folder });
    steps.say(`${resultLine(result)} (${seconds(performance.now() - begun)})`);
    results.push(result);
    keep({ results: [result] });
  }
  const scales = of === 'kernels' && (only?.includes('threads') ?? true);
  const scaling = scales ? await measureScaling(engine, runs) : [];
  keep({ scaling });
  for (const one of scaling) steps.say(scalingLine(one));
  await writePage();
  if (json)
    process.stdout.write(`${JSON.stringify({ machine: thisMachine(), results, scaling }, null, 2)}\n`);
  return results.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

/**
 * @param {string} name
 * @returns {import('../native-workers/engines/kernels.ts').EngineName}
 */
function engineNamed(name) {
  const found = thisMachine().engines.find((engine) => engine === name);
  if (found === undefined)
    throw new PlainError(
      `There is no engine '${name}' here. The engines: ${thisMachine().engines.join(', ')}.`,
    );
  return found;
}

/**
 * @param {import('../native-workers/engines/kernels.ts').EngineName} engine
 * @param {string} node
 * @param {string[] | null} only names of data sets
 * @param {boolean} json
 */
async function maps(engine, node, only, json) {
  const python = await pythonWithPeers();
  if (python === null)
    throw new PlainError(
      "umap-learn is not installed, and the maps are judged beside its. Run 'npm run bench -- setup'.",
    );
  const found = await judgeMaps({ node, python, engine, only, say: steps.say });
  keep({ maps: found });
  await writePage();
  if (json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), maps: found }, null, 2)}\n`);
  return found.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

/**
 * @param {string} node
 * @param {boolean} json
 */
async function million(node, json) {
  const found = await millionRows(node, steps);
  keep({ million: found });
  await writePage();
  if (json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), million: found }, null, 2)}\n`);
  return found.some(tooMuch) ? 1 : 0;
}

/**
 * @param {string} node
 * @param {number} runs
 * @param {boolean} json
 */
async function ingest(node, runs, json) {
  const found = await measureIngest(node, runs, steps);
  keep({ ingest: found });
  // The other sections are of other runs, whose results may lie on another machine.
  await writeFormatted(PAGE, withSection(readFileSync(PAGE, 'utf8'), ingestSection(found)));
  if (json) process.stdout.write(`${JSON.stringify({ machine: thisMachine(), ingest: found }, null, 2)}\n`);
  return found.some(({ verdict }) => verdict === 'failed') ? 1 : 0;
}

/**
 * @param {object} choice
 * @param {string} choice.node
 * @param {string | null} choice.folder of own cases
 * @param {string[] | null} choice.only
 * @param {number | null} choice.threads
 * @param {boolean} choice.json
 */
async function detection({ json, ...choice }) {
  const found = await measureDetection({ ...choice, say: steps.say });
  await writeFormatted(DETECTION_PAGE, detectionPage(found));
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  return [...found.scans, ...found.halves].some(({ failure }) => failure !== null) ? 1 : 0;
}

/** @param {boolean} json */
async function driftPower(json) {
  const { measureRegime } = await import('./bench/drift-power/measure.ts');
  const { driftPowerPage } = await import('./bench/drift-power/page.ts');
  /** @type {import('./bench/drift-power/measure.ts').RegimePower[]} */
  const measured = [];
  for (const regime of /** @type {const} */ (['A', 'B', 'C']))
    measured.push(await steps.run(`regime ${regime}`, async () => measureRegime(regime, 3000, 400, 3650)));
  await writeFormatted(DRIFT_PAGE, driftPowerPage(measured));
  if (json) process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`);
  return 0;
}

/** @returns {Measured | null} */
function kept() {
  return existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, 'utf8')) : null;
}

/**
 * Puts new results in the place of older ones of the same row and setting; those of another machine stay on the page alone.
 * @param {Partial<Omit<Measured, 'machine'>>} fresh
 */
function keep({
  results: ran = [],
  scaling: scaled = [],
  maps: drawn = [],
  million: counted = [],
  ingest: read = [],
}) {
  const before = kept();
  const machine = thisMachine();
  const same = before !== null && before.machine.processor === machine.processor;
  /** @param {import('./bench/compare.mjs').Result} result */
  const key = ({ row, engine, forcedBlas }) => `${row} ${engine} ${forcedBlas}`;
  const newKeys = ran.map(key);
  /** @param {import('./bench/scaling.mjs').Scaling} scaling */
  const scalingKey = ({ kernel, engine }) => `${kernel} ${engine}`;
  const newKernels = scaled.map(scalingKey);
  const results = same ? before.results.filter((result) => !newKeys.includes(key(result))) : [];
  const scaling = same ? before.scaling.filter((one) => !newKernels.includes(scalingKey(one))) : [];
  const newMaps = drawn.map(({ title, engine }) => `${title} ${engine}`);
  const maps = same ? before.maps.filter(({ title, engine }) => !newMaps.includes(`${title} ${engine}`)) : [];
  mkdirSync(join(KEPT, '..'), { recursive: true });
  const all = {
    machine,
    results: [...results, ...ran],
    scaling: [...scaling, ...scaled],
    maps: [...maps, ...drawn],
    million: counted.length > 0 || !same ? counted : (before.million ?? []),
    ingest: read.length > 0 || !same ? read : (before.ingest ?? []),
  };
  writeFileSync(KEPT, JSON.stringify(all, null, 1));
}

async function writePage() {
  const measured = kept();
  if (measured === null) return;
  await writeFormatted(PAGE, benchmarksPage(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : null, measured));
}

/**
 * @param {string} path
 * @param {string} text
 */
async function writeFormatted(path, text) {
  const style = await resolveConfig(path);
  writeFileSync(path, await format(text, { ...style, parser: 'markdown' }));
}

bench().then(
  (code) => process.exit(code),
  (error) => {
    const misused = String(error.code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`bezoar: ${misused ? `${error.message}\n\n${USAGE}` : sentenceOf(error)}\n`);
    process.exit(misused ? 2 : 1);
  },
);
