import { useEngine } from '../../../native-workers/engine.ts';
import { inlineRunner } from '../../../native-workers/inline-runner.ts';
import { uncancelled } from '../../../native-workers/task.ts';

/**
 * Chooses the engine of this process.
 * @param {string} name an engine's name
 * @returns {Record<string, string>} versions
 */
export function chosenEngine(name) {
  const { engine } = useEngine(
    /** @type {import('../../../native-workers/engines/kernels.ts').EngineName} */ (name),
  );
  return { node: process.version, engine };
}

export const neverCancelled = () => undefined;

/** Runs all tasks in this thread. */
export const context = uncancelled(1);
export const oneThread = inlineRunner(context);
