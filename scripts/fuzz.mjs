import { fork, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pythonWith } from './bench/machine.mjs';
import { ROOT } from './setup/prepare.mjs';
import { entries } from '../test/fuzz/entries.ts';
import { inputOf } from '../test/fuzz/judge.ts';

/**
 * @typedef {import('../test/fuzz/fuzz-child.ts').FuzzReport} FuzzReport
 * @typedef {import('../test/fuzz/fuzz-child.ts').Claim} Claim
 * @typedef {{ number: number, what: string }} Fault
 * @typedef {{ same: number, refused: number, left: number, faults: Fault[] }} Compared
 */

const USAGE = `npm run fuzz -- [options]
  --reader NAME    these entries alone, with commas: ${entries.map(({ name }) => name).join(', ')}
  --count N        inputs of each, 20000 unless said
  --seed S         1 unless said; the same seed gives the same inputs
  --from N         begins with input N, to see a fault again
  --python PATH    a Python with the formats' own libraries (numpy, torch, h5py, PIL, onnx, pyarrow)`;

/** What each peer of test/fuzz/peers.py imports. @type {Record<string, string>} */
const MODULES = {
  npy: 'numpy',
  npz: 'numpy',
  zip: 'numpy, torch',
  torch: 'numpy, torch',
  pickle: 'numpy',
  safetensors: 'numpy',
  hdf5: 'h5py',
  idx: 'numpy',
  gzip: 'zlib',
  parquet: 'pyarrow.parquet',
  arrow: 'pyarrow.ipc',
  onnx: 'onnx',
  image: 'PIL.Image, numpy',
};
/** Other work on the machine slows an input; past this it hangs. */
const HANGS_MS = 20_000;
const LOOK_MS = 500;
const FOUND = join(ROOT, '.cache', 'fuzz');

/** @param {string} line */
const say = (line) => process.stdout.write(`${line}\n`);

/**
 * The library that reads the same bytes, in a process that may die of them.
 * @param {string} python
 * @param {string} peer
 */
function openPeer(python, peer) {
  /** @type {import('node:child_process').ChildProcessByStdio<import('node:stream').Writable, import('node:stream').Readable, null> | null} */
  let child = null;
  /** @type {((line: string | null) => void) | null} */
  let waiting = null;
  const start = () => {
    const started = spawn(python, [join(ROOT, 'test', 'fuzz', 'peers.py'), peer], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    createInterface({ input: started.stdout }).on('line', (line) => waiting?.(line));
    started.stdin.on('error', () => undefined);
    started.on('exit', () => {
      if (child === started) child = null;
      waiting?.(null);
    });
    return started;
  };
  /** @param {Claim} claim @returns {Promise<string | null>} */
  const ask = (claim) => {
    const held = child ?? start();
    child = held;
    return new Promise((resolve) => {
      const timer = setTimeout(() => held.kill('SIGKILL'), HANGS_MS);
      waiting = (line) => {
        clearTimeout(timer);
        waiting = null;
        resolve(line);
      };
      held.stdin.write(`${JSON.stringify(claim)}\n`);
    });
  };
  return {
    /** @param {readonly Claim[]} claims @param {Compared} into */
    compare: async (claims, into) => {
      for (const claim of claims) {
        const line = await ask(claim);
        /** @type {{ verdict: string, what: string }} */
        const { verdict, what } =
          line === null ? { verdict: 'left', what: 'the peer ended' } : JSON.parse(line);
        if (verdict === 'same') into.same += 1;
        else if (verdict === 'refused') into.refused += 1;
        else if (verdict === 'left') into.left += 1;
        else
          into.faults.push({ number: claim.number, what: `is read otherwise by its own library: ${what}` });
      }
    },
    close: () => child?.kill('SIGKILL'),
  };
}

/**
 * Inputs in a process that may die of them; one that does is told of, and the next goes on in a new one.
 * @param {string} entry
 * @param {{ seed: number, from: number, to: number }} range
 * @param {string} folder
 * @param {boolean} claims
 * @param {(report: Extract<FuzzReport, { kind: 'batch' }>) => Promise<void>} take
 * @returns {Promise<Fault[]>} inputs that ended the process
 */
async function inChildren(entry, { seed, from, to }, folder, claims, take) {
  const progress = join(folder, 'progress');
  /** @type {Fault[]} */
  const deaths = [];
  const reached = () => {
    const bytes = readFileSync(progress);
    return bytes.length < 8 ? -1 : bytes.readDoubleLE(0);
  };
  for (let next = from; next < to;) {
    writeFileSync(progress, '');
    const child = fork(join(ROOT, 'test', 'fuzz', 'fuzz-child.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let last = '';
    child.stderr?.on('data', (/** @type {Buffer} */ chunk) => {
      last = (last + chunk.toString()).slice(-2000);
    });
    let [done, hangs, ended, busy] = [next, false, false, false];
    let seen = { number: -1, at: Date.now() };
    const timer = setInterval(() => {
      const number = reached();
      if (number !== seen.number || busy) seen = { number, at: Date.now() };
      else if (Date.now() - seen.at > HANGS_MS) {
        hangs = true;
        child.kill('SIGKILL');
      }
    }, LOOK_MS);
    child.on('message', async (/** @type {FuzzReport} */ report) => {
      if (report.kind === 'end') {
        ended = true;
        return;
      }
      busy = true;
      await take(report);
      busy = false;
      done = report.done;
      if (child.connected) child.send('taken');
    });
    child.send({ entry, seed, from: next, to, progress, claims });
    const how = await new Promise((resolve) => {
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    clearInterval(timer);
    if (ended) break;
    const number = Math.max(done, reached());
    deaths.push({
      number,
      what: hangs ? `was not read within ${HANGS_MS / 1000} s` : `ended the process (${how}) ${last}`,
    });
    next = number + 1;
  }
  return deaths;
}

async function fuzz() {
  const { values } = parseArgs({
    options: {
      reader: { type: 'string' },
      count: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      python: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const wanted = values.reader?.split(',') ?? entries.map(({ name }) => name);
  const unknown = wanted.find((name) => !entries.some((entry) => entry.name === name));
  const [count, seed, from] = [values.count, values.seed, values.from].map(Number);
  if (
    unknown !== undefined ||
    ![count, seed, from].every((value) => Number.isSafeInteger(value) && value >= 0)
  ) {
    say(unknown === undefined ? USAGE : `There is no entry ${unknown}.\n${USAGE}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bezoar-fuzz-'));
  let faulty = 0;
  try {
    for (const name of wanted) {
      const entry = entries.find((one) => one.name === name);
      if (entry === undefined) continue;
      const begun = Date.now();
      const modules = MODULES[entry.peer ?? ''];
      const python = modules === undefined ? null : await pythonWith(modules, values.python);
      const peer = python === null || entry.peer === null ? null : openPeer(python, entry.peer);
      /** @type {Compared} */
      const compared = { same: 0, refused: 0, left: 0, faults: [] };
      /** @type {Fault[]} */
      const faults = [];
      let [read, refused] = [0, 0];
      const deaths = await inChildren(
        name,
        { seed, from, to: from + count },
        folder,
        peer !== null,
        async (report) => {
          read += report.read;
          refused += report.refused;
          faults.push(...report.faults);
          await peer?.compare(report.claims, compared);
        },
      );
      peer?.close();
      const all = [...deaths, ...faults, ...compared.faults].sort((a, b) => a.number - b.number);
      faulty += all.length;
      const beside =
        peer !== null
          ? `, of those read ${compared.same} the same by ${modules}, ${compared.refused} refused by it, ${compared.left} left out`
          : modules === undefined
            ? ''
            : `, not compared: no Python with ${modules}`;
      const seconds = Math.round((Date.now() - begun) / 1000);
      say(
        `${name}: ${count} inputs, seed ${seed}: ${read} read, ${refused} refused, ${all.length} faults${beside} (${seconds} s)`,
      );
      const seeds = entry.seeds();
      for (const { number, what } of all.slice(0, 20)) {
        const input = inputOf(entry, seeds, seed, number);
        mkdirSync(FOUND, { recursive: true });
        const kept = join(FOUND, `${name}-${seed}-${number}-${input.name}`);
        writeFileSync(kept, input.bytes);
        say(`  input ${number} (${kept}) ${what}`);
      }
      if (all.length > 20) say(`  and ${all.length - 20} more`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return faulty === 0 ? 0 : 1;
}

fuzz().then(
  (code) => process.exit(code),
  (error) => {
    process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
