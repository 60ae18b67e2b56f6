import { setPriority } from 'node:os';
import { invoke } from '../../../electron/engine/dispatch.ts';
import { runArray } from '../../../electron/engine/run-arrays.ts';
import { detectors } from '../../../native-workers/detectors/registry.ts';
import { ALPHA } from '../../../electron/engine/scan/scan-plan.ts';
import { countMarks, targetAuroc } from './judge.mjs';
import { ended, readTruth, withCase } from './open-case.mjs';

/** @typedef {import('./judge.mjs').Counts} Counts */

/**
 * @typedef {object} DetectorOnCase
 * @property {string} id
 * @property {string} title
 * @property {number} milliseconds
 * @property {Counts} marks
 * @property {number | null} auroc in the target classes
 * @property {string | null} leftOut why the whole detector did not run
 */

/**
 * @typedef {object} ClassOnCase
 * @property {string} name
 * @property {string} decision
 * @property {string[]} ways
 * @property {number} flagged
 * @property {number} poisoned rows, by the truth
 */

/**
 * One scan with the defaults, every detector, in a process of its own.
 * @typedef {object} Scanned
 * @property {number} rows
 * @property {number} columns of the activations
 * @property {number} seconds of the scan, import apart
 * @property {number} peak resident bytes of the process, import included
 * @property {boolean} withTrusted
 * @property {string} engine
 * @property {Counts} flagged
 * @property {ClassOnCase[]} classes
 * @property {DetectorOnCase[]} detectors
 */

const [folder = '', mode = '', threads = '1'] = process.argv.slice(2);
setPriority(10);

/** @type {Scanned} */
const scanned = await withCase(folder, Number(threads), async (engine) => {
  const begun = performance.now();
  const { job } = await invoke(engine, 'scan/start', {
    detectors: detectors.map(({ id }) => id),
    seed: 0,
    useTrusted: mode === 'with',
    alpha: ALPHA,
  });
  const scan = Number(await ended(engine, job));
  const seconds = (performance.now() - begun) / 1000;
  const peak = process.resourceUsage().maxRSS * 1024;

  const detail = await invoke(engine, 'scan/get', { scan });
  const caseFile = engine.caseFile();
  const dataset = caseFile.datasets.active('investigated');
  const flagged = runArray(caseFile, scan, 'flagged', 'uint8');
  const methods = runArray(caseFile, scan, 'methods', 'uint32');
  if (!dataset || flagged === null || methods === null) throw new Error('the scan left no arrays');
  const label = caseFile.datasets.labels(dataset.id);
  const poisoned = readTruth(folder, caseFile.datasets.keys(dataset.id));
  return {
    rows: dataset.rows,
    columns: caseFile.matrices.find(dataset.id, 'activations')?.shape[1] ?? 0,
    seconds,
    peak,
    withTrusted: detail.withTrusted,
    engine: engine.pool.engine(),
    flagged: countMarks(flagged, poisoned),
    classes: detail.classes.map(({ classIndex, decision, ways, flagged: count }) => ({
      name: detail.classNames[classIndex] ?? '',
      decision,
      ways,
      flagged: count,
      poisoned: poisoned.reduce((sum, one, row) => sum + (label[row] === classIndex ? one : 0), 0),
    })),
    detectors: detail.detectorRuns.map(({ id, title, milliseconds, skipped }) => {
      const bit = detail.methodIds.indexOf(id);
      const score = runArray(caseFile, scan, `score:${id}`, 'float64');
      return {
        id,
        title,
        milliseconds,
        marks: countMarks(
          methods.map((bits) => (bits >>> bit) & 1),
          poisoned,
        ),
        auroc: score === null ? null : targetAuroc(score, label, poisoned),
        leftOut: score === null ? (skipped[0]?.reason ?? 'No row was judged.') : null,
      };
    }),
  };
});
process.stdout.write(`${JSON.stringify(scanned)}\n`);
