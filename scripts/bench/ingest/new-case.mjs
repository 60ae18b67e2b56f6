import { rmSync } from 'node:fs';
import { createCaseFile } from '../../../electron/engine/case/open-case-file.ts';

/** A job that nobody watches or cancels. */
export const context = {
  id: '',
  phase: () => undefined,
  progress: () => undefined,
  cancelFlag: new Int32Array(new SharedArrayBuffer(4)),
  cancelled: () => false,
  onCancel: () => undefined,
};

/**
 * Imports into a new case and prints what that took and what it then holds; nothing is left behind.
 * @template Imported
 * @param {string} target
 * @param {(caseFile: ReturnType<typeof createCaseFile>) => Promise<Imported>} run what is timed
 * @param {(caseFile: ReturnType<typeof createCaseFile>, imported: Imported) => Promise<object> | object} facts
 */
export async function importIntoNewCase(target, run, facts) {
  rmSync(target, { force: true });
  const caseFile = createCaseFile(target, { proposedActor: 'bench' });
  try {
    const begun = performance.now();
    const cpu = process.cpuUsage();
    const imported = await run(caseFile);
    const wall = (performance.now() - begun) / 1000;
    const used = process.cpuUsage(cpu);
    const peak = process.resourceUsage().maxRSS * 1024;
    process.stdout.write(
      JSON.stringify({
        wall,
        cpu: (used.user + used.system) / 1e6,
        peak,
        facts: await facts(caseFile, imported),
      }),
    );
  } finally {
    caseFile.close();
    rmSync(target, { force: true });
  }
}
