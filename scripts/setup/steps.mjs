/**
 * @typedef {object} Steps
 * @property {<T>(title: string, work: () => Promise<T>, outcome?: (result: T) => string) => Promise<T>} run a step that does something: said when it ends, with its time
 * @property {(line: string) => void} say a plain line that a person must see
 * @property {(line: string) => void} note a line that quiet mode leaves out
 */

/** A failure whose sentence is all that a person needs: no stack is shown. */
export class PlainError extends Error {}

/** @param {unknown} error */
export function sentenceOf(error) {
  if (error instanceof PlainError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/**
 * Prints on stderr what set-up does and how long each step took.
 * @param {{ quiet?: boolean }} [options] quiet: only steps that do something, nothing about what is in place
 * @returns {Steps}
 */
export function createSteps({ quiet = false } = {}) {
  /** @param {string} line */
  const write = (line) => process.stderr.write(`bezoar: ${line}\n`);
  return {
    async run(title, work, outcome = () => 'done') {
      const begun = performance.now();
      write(`${title} ...`);
      try {
        const result = await work();
        write(`${title}: ${outcome(result)}, ${seconds(performance.now() - begun)}`);
        return result;
      } catch (error) {
        write(`${title}: failed, ${seconds(performance.now() - begun)}`);
        throw error;
      }
    },
    say: write,
    note(line) {
      if (!quiet) write(line);
    },
  };
}
