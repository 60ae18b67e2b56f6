import { createInterface } from 'node:readline';
import { PlainError } from '../setup/steps.mjs';
import { endChild, lastLines, startChild } from '../setup/child-process.mjs';

/** @typedef {Record<string, string | number | boolean | null | number[]>} Facts what a run found, for comparison */
/** @typedef {{ cpu: number, wall: number, peak: number }} Cost CPU and wall seconds of one run, peak memory of the process so far in bytes */
/** @typedef {{ versions: Record<string, string>, blas: string | null, resting: number }} Ready memory in bytes before the first run */

/**
 * One side of a comparison: a process that has its data and waits to be asked for a run.
 * @typedef {object} Contestant
 * @property {Ready} ready
 * @property {() => Promise<Cost>} run
 * @property {() => Promise<Facts>} facts of the last run; not part of its cost
 * @property {() => Promise<void>} end
 */

/**
 * Starts a contestant and waits until it is warm. It speaks JSON lines: one when ready, then one answer a question; what else it
 * prints goes to its standard error.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Contestant>}
 */
export async function startContestant(command, args, env) {
  const { child, exit } = startChild(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints = lastLines(30);
  child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => complaints.add(text));
  if (child.stdout === null || child.stdin === null) throw new Error('the contestant has no pipes');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const stdin = child.stdin;
  // A contestant that died is told by the missing answer.
  stdin.on('error', () => undefined);

  /** @returns {Promise<any>} */
  const answer = async () => {
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value);
    const { code, signal } = await exit;
    throw new PlainError(
      `${args.slice(0, 2).join(' ')} ended before it answered (${code ?? signal}):\n${complaints.text()}`,
    );
  };
  /** @param {string} question */
  const ask = (question) => {
    stdin.write(`${question}\n`);
    return answer();
  };
  return {
    ready: await answer(),
    run: () => ask('run'),
    facts: () => ask('facts'),
    end: async () => {
      stdin.end();
      await endChild(child);
    },
  };
}
