import { BezoarError } from '../../contract/errors.ts';
import type { SampleScore } from '../../contract/samples.ts';
import { cachedLabels } from '../array-cache.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Handlers } from '../engine.ts';
import { refusePortable } from '../jobs/case-job.ts';
import { runArray } from '../run-arrays.ts';
import { placeInWords } from '../scan/findings-in-words.ts';
import { lossCurve } from '../scan/loss-curve.ts';
import { sharedMatrix } from '../scan/shared-matrix.ts';
import { requireScan, type StoredScan } from '../scan/stored-scan.ts';

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);

/** The place of a row among the rows of its class, by one detector. */
function detectorScore(
  caseFile: CaseFile,
  scan: number,
  detector: StoredScan['detectorRuns'][number],
  row: number,
  sameClass: Int32Array,
  className: string,
): SampleScore {
  const { id, title } = detector;
  const scores = runArray(caseFile, scan, `score:${id}`, 'float64');
  const score = finite(scores?.[row]);
  const shared = { detector: id, title, classRows: sameClass.length };
  if (!scores || score === null) {
    const reason = detector.skipped.find((one) => one.classIndex === null)?.reason;
    return {
      ...shared,
      score: null,
      pValue: null,
      rankInClass: null,
      sentence: reason ?? 'Not judged by this method.',
    };
  }
  let below = 0;
  let above = 0;
  let others = -1;
  for (const other of sameClass) {
    if (Number.isNaN(scores[other])) continue;
    others += 1;
    if (scores[other] < score) below += 1;
    else if (scores[other] > score) above += 1;
  }
  return {
    ...shared,
    score,
    pValue: finite(runArray(caseFile, scan, `p:${id}`, 'float64')?.[row]),
    rankInClass: above + 1,
    sentence: placeInWords(id, className, below, others),
  };
}

export const scoreHandlers = {
  'samples/scores': ({ dataset, row, scan: id }, engine) => {
    const caseFile = engine.caseFile();
    const { run, scan } = requireScan(caseFile, id);
    const rank = runArray(caseFile, id, 'rank', 'int32');
    const methods = runArray(caseFile, id, 'methods', 'uint32');
    const flagged = runArray(caseFile, id, 'flagged', 'uint8');
    if (run.dataset !== dataset || !rank || !methods || !flagged || row >= rank.length)
      throw new BezoarError(
        'sample/not-found',
        `Scan ${id} did not judge row ${row + 1} of this set. Choose a sample that it judged, or scan again.`,
      );
    const labels = cachedLabels(caseFile, dataset, 'labels');
    const rows = Int32Array.from(labels.keys()).filter((other) => labels[other] === labels[row]);
    const name = caseFile.datasets.samples(dataset, [row])[0]?.label ?? '';
    return {
      scores: scan.detectorRuns.map((detector) => detectorScore(caseFile, id, detector, row, rows, name)),
      methods: scan.methodIds.filter((_, bit) => ((methods[row] >>> bit) & 1) === 1),
      rank: rank[row],
      flagged: flagged[row] === 1,
    };
  },
  'samples/losses': ({ dataset, row }, engine) => lossCurve(engine.caseFile(), dataset, row),
  'samples/neighbours': async ({ dataset, row, k }, engine) => {
    const caseFile = engine.caseFile();
    refusePortable(caseFile, 'Finding nearest samples');
    const info = caseFile.matrices.find(dataset, 'activations');
    if (!info || row >= info.shape[0])
      throw new BezoarError(
        'sample/not-found',
        'This sample has no activations, so it has no neighbours. Drop activations (.npy) for this set.',
      );
    const matrix = sharedMatrix(caseFile, info);
    const { rows, distances } = await engine.pool.runner(null, 0).run('exactNeighbours', { matrix, row, k });
    return Array.from(rows, (neighbour, i) => ({ row: neighbour, distance: distances[i] }));
  },
} satisfies Partial<Handlers>;
