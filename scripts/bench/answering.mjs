import { createInterface } from 'node:readline';

/** @typedef {import('./conversation.mjs').Facts} Facts */

/** Compilers of both worlds need some runs before code is as fast as it gets. */
const WARMING_MS = 1000;

/**
 * The other end of a conversation, in Node: says that it is ready, then runs or tells facts as it is asked.
 * @template Result
 * @param {object} kernel
 * @param {Record<string, string>} kernel.versions
 * @param {() => Promise<void> | void} [kernel.warm] before the first run; otherwise runs of a second are thrown away
 * @param {() => Promise<Result> | Result} kernel.run
 * @param {(result: Result) => Promise<Facts> | Facts} kernel.facts
 */
export async function answer({ versions, warm, run, facts }) {
  const resting = process.memoryUsage.rss();
  // A cold process tells what one run takes: many leave garbage that is only collected later.
  const cold = process.env.BEZOAR_BENCH_COLD === '1';
  if (warm && !cold) await warm();
  else for (const begun = performance.now(); !cold && performance.now() - begun < WARMING_MS;) await run();
  say({ versions, blas: null, resting });
  /** @type {Result | undefined} */
  let result;
  for await (const question of createInterface({ input: process.stdin })) {
    if (question === 'run') {
      result = undefined;
      const wall = performance.now();
      const cpu = process.cpuUsage();
      result = await run();
      const used = process.cpuUsage(cpu);
      say({
        cpu: (used.user + used.system) / 1e6,
        wall: (performance.now() - wall) / 1000,
        peak: process.resourceUsage().maxRSS * 1024,
      });
    } else if (question === 'facts' && result !== undefined) {
      say(await facts(result));
    }
  }
}

/** @param {object} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
