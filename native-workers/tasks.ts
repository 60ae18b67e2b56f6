import { decideClass } from './decision/decide-class.ts';
import { flipScale } from './decision/flip-test.ts';
import {
  agreeingSums,
  agreeingSumsByFold,
  finishPreparation,
  fitHeads,
  headSumsByFold,
  judgeClass,
  predictByHead,
  prepareClass,
} from './decision/scan-tasks.ts';
import { dbscan } from './clustering/dbscan.ts';
import { hdbscan, hdbscanOnGraph } from './clustering/hdbscan.ts';
import { mapIslands } from './clustering/map-islands.ts';
import { kMeansRounds, kMeansShare } from './clustering/k-means-rounds.ts';
import { kMeansStart } from './clustering/k-means-start.ts';
import { referenceDbscan } from './clustering/reference-dbscan.ts';
import { corroborate } from './maps/corroborate.ts';
import { layoutSpan } from './maps/layout.ts';
import { lossRanks } from './maps/loss-ranks.ts';
import { referenceUmap } from './maps/reference-umap.ts';
import { trustworthiness } from './maps/trustworthiness.ts';
import { transformEdges, umapEdges } from './maps/umap.ts';
import { exactNeighbours } from './neighbours/exact-row.ts';
import {
  screenPairs,
  screenQueries,
  screenRows,
  searchExactly,
  settlePairs,
} from './neighbours/exact-tasks.ts';
import { assignLists, packLists, searchLists, trainCentres } from './neighbours/inverted-tasks.ts';
import { classSpectrum, leadingOfUpper, scoreRows } from './numeric/class-spectrum.ts';
import { columnMedians } from './numeric/column-medians.ts';
import { imageStatistics } from './numeric/image-statistics.ts';
import { orthonormalBasis, ritzDirections, ritzPairs } from './numeric/range-finder.ts';
import {
  addColumnSums,
  addGramRows,
  addGramRowsExact,
  addRangeProducts,
  addSquaredDistances,
  leadingEigen,
  projectRows,
  projectRowsExact,
  transposeCentred,
} from './numeric/row-tasks.ts';
import { cellEffects, numberEffects } from './drift/effect-map.ts';
import { drillOnce } from './drift/drill-once.ts';
import { compareBaselines } from './drift/compare-baselines.ts';
import { assembleFollowed, judgeFollowed, settleFollowed } from './drift/follow-tasks.ts';
import { fitBehaviour, judgeBehaviour, runRegistered } from './drift/monitor-tasks.ts';
import { summariseCounts, summariseNumbers, summariseTraffic } from './drift/summarise-log.ts';
import { accuracyMetrics, numberMetrics, shareMetrics } from './drift/window-metrics.ts';
import { pixelRows } from './features/pixel-rows.ts';
import { columnScales, tableRows } from './features/table-rows.ts';
import { countTexts, textRows } from './features/text-rows.ts';
import type { TaskContext } from './task.ts';
import { addImages } from './traits/image-difference.ts';
import { unitShifts } from './traits/unit-shift.ts';
import { wordExcesses } from './traits/value-excess.ts';

/**
 * Everything a worker can be asked to do, by name: one line a task. A task is a pure function of its arguments
 * and the context; it is given typed arrays over SharedArrayBuffers and returns typed arrays.
 */
export const tasks = {
  headSumsByFold,
  fitHeads,
  predictByHead,
  agreeingSums,
  agreeingSumsByFold,
  flipScale,
  prepareClass,
  finishPreparation,
  judgeClass,
  decideClass,
  addColumnSums,
  addSquaredDistances,
  addGramRows,
  addGramRowsExact,
  addRangeProducts,
  projectRows,
  projectRowsExact,
  transposeCentred,
  leadingEigen,
  columnMedians,
  imageStatistics,
  orthonormalBasis,
  ritzPairs,
  ritzDirections,
  classSpectrum,
  leadingOfUpper,
  scoreRows,
  lossRanks,
  referenceUmap,
  umapEdges,
  transformEdges,
  layoutSpan,
  trustworthiness,
  referenceDbscan,
  kMeansStart,
  kMeansRounds,
  kMeansShare,
  dbscan,
  mapIslands,
  hdbscan,
  hdbscanOnGraph,
  corroborate,
  exactNeighbours,
  screenRows,
  screenPairs,
  settlePairs,
  screenQueries,
  searchExactly,
  trainCentres,
  assignLists,
  packLists,
  searchLists,
  wordExcesses,
  addImages,
  unitShifts,
  summariseNumbers,
  summariseCounts,
  summariseTraffic,
  numberMetrics,
  shareMetrics,
  accuracyMetrics,
  numberEffects,
  cellEffects,
  compareBaselines,
  drillOnce,
  judgeFollowed,
  assembleFollowed,
  settleFollowed,
  fitBehaviour,
  judgeBehaviour,
  runRegistered,
  pixelRows,
  countTexts,
  textRows,
  columnScales,
  tableRows,
};

type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type TaskArgs<N extends TaskName> = Tasks[N] extends (args: infer A, ctx: TaskContext) => unknown
  ? A
  : never;
export type TaskResult<N extends TaskName> = Tasks[N] extends (args: never, ctx: TaskContext) => infer R
  ? R
  : never;
