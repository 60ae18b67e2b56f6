import { decideClass } from './decision/decide-class.ts';
import {
  agreeingSums,
  finishPreparation,
  fitHeads,
  headSumsByFold,
  judgeClass,
  predictByHead,
  prepareClass,
} from './decision/scan-tasks.ts';
import { referenceDbscan } from './clustering/reference-dbscan.ts';
import { corroborate } from './maps/corroborate.ts';
import { pcaMap } from './maps/pca-map.ts';
import { referenceUmap } from './maps/reference-umap.ts';
import { exactNeighbours } from './neighbours/exact.ts';
import type { TaskContext } from './task.ts';

/**
 * Everything a worker can be asked to do, by name: one line a task. A task is a pure function of its arguments
 * and the context; it is given typed arrays over SharedArrayBuffers and returns typed arrays.
 */
export const tasks = {
  headSumsByFold,
  fitHeads,
  predictByHead,
  agreeingSums,
  prepareClass,
  finishPreparation,
  judgeClass,
  decideClass,
  pcaMap,
  referenceUmap,
  referenceDbscan,
  corroborate,
  exactNeighbours,
};

type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type TaskArgs<N extends TaskName> = Tasks[N] extends (args: infer A, ctx: TaskContext) => unknown
  ? A
  : never;
export type TaskResult<N extends TaskName> = Tasks[N] extends (args: never, ctx: TaskContext) => infer R
  ? R
  : never;
