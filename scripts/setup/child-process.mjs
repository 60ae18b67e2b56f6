import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Exit */

/** @type {Set<ChildProcess>} */
const running = new Set();
/** @type {Set<() => void>} */
const atEnd = new Set();
/** @type {Map<NodeJS.Signals, () => void>} */
const answers = new Map();
let ending = false;
let interruptIsAnswer = false;

/** How long a child may take to end by itself once it was asked to. */
const GRACE_MS = 3000;

/**
 * Work that must happen when Ctrl+C ends this process, after the children are gone.
 * @param {() => void} work
 */
export function atInterrupt(work) {
  watchSignals();
  atEnd.add(work);
}

/** From here on Ctrl+C is the ordinary way to end: exit code 0. */
export function endsByInterrupt() {
  interruptIsAnswer = true;
}

/**
 * Starts a child that ends with this process.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {{ child: ChildProcess, exit: Promise<Exit> }} `exit` rejects when the program cannot be started
 */
export function startChild(command, args, options = {}) {
  watchSignals();
  const child = spawn(command, [...args], options);
  running.add(child);
  /** @type {Promise<Exit>} */
  const exit = new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      // While a signal ends us, a child's end is no news to anyone.
      if (!ending) resolve({ code, signal });
    });
  });
  // Whoever never waits for this child must not be ended by its failed start.
  exit.catch(() => undefined);
  return { child, exit };
}

/**
 * Runs a program to its end and keeps the end of what it printed.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @param {(pid: number) => void} [started]
 * @returns {Promise<Exit & { stdout: string, tail: string }>} tail: the last lines of both streams
 */
export async function runToEnd(command, args, options = {}, started = undefined) {
  const { child, exit } = startChild(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) started?.(child.pid);
  const log = lastLines(40);
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    stdout += text;
    log.add(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => log.add(text));
  const { code, signal } = await exit;
  return { code, signal, stdout, tail: log.text() };
}

/**
 * The last `count` lines of a stream of text.
 * @param {number} count
 */
export function lastLines(count) {
  let kept = '';
  return {
    /** @param {string} text */
    add(text) {
      kept = (kept + text)
        .split('\n')
        .slice(-(count + 1))
        .join('\n');
    },
    text: () => stripVTControlCharacters(kept).trimEnd(),
  };
}

/**
 * Asks a child to end and makes sure that it does.
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} [signal]
 */
export async function endChild(child, signal = 'SIGTERM') {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await gone;
  clearTimeout(force);
}

/** Leaves the signals to whoever comes next, once the children are through. */
export function releaseSignals() {
  for (const [signal, answer] of answers) process.removeListener(signal, answer);
  answers.clear();
}

function watchSignals() {
  if (answers.size > 0) return;
  for (const [signal, code] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    const answer = () => {
      ending = true;
      void Promise.all([...running].map((child) => endChild(child))).then(() => {
        for (const work of atEnd) work();
        process.exit(signal === 'SIGINT' && interruptIsAnswer ? 0 : code);
      });
    };
    answers.set(signal, answer);
    process.once(signal, answer);
  }
}
