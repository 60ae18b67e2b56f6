import { UMAP_MIN_ROWS } from '../../../native-workers/maps/sample-rows.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { Subject } from '../../contract/events.ts';
import type { CaseFile, NewRun } from '../case/case-file.ts';
import type { Engine, Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import type { JobContext } from '../jobs/job-queue.ts';
import { publishCase } from './case-handlers.ts';
import { clusteringInfo, clusterMap, requireMap } from '../maps/cluster-map.ts';
import { CORROBORATE_MIN_ROWS, corroborateScope, corroborationOf } from '../maps/corroborate-scope.ts';
import { drawLossMap } from '../maps/draw-loss-map.ts';
import { drawPcaMap, drawReferenceUmap, PCA_MIN_ROWS } from '../maps/draw-map.ts';
import { drawUmap, USUAL_UMAP } from '../maps/draw-umap.ts';
import { mapInfo, mapRun } from '../maps/map-run.ts';
import { scopeRows } from '../maps/scope-rows.ts';
import { investigatedSet } from '../scan/scan-input.ts';
import { requireScan } from '../scan/stored-scan.ts';

/** Stores what a job made, unless it was cancelled meanwhile, and tells the window. */
function store(engine: Engine, caseFile: CaseFile, job: JobContext, run: NewRun, subject: Subject): number {
  if (job.cancelled()) throw new Cancelled();
  const id = caseFile.runs.add(run);
  publishCase(engine, [subject, 'audit']);
  return id;
}

const titles = { pca: 'PCA map', umap: 'UMAP map', losses: 'Map of the losses' } as const;

export const mapHandlers = {
  'map/start': (params, engine) => {
    const { kind, scope, seed, scan, umap: choice = USUAL_UMAP } = params;
    const present = engine.caseFile();
    const dataset = investigatedSet(present);
    const { name } = scopeRows(present, dataset, scope, kind === 'umap' ? UMAP_MIN_ROWS : PCA_MIN_ROWS);
    if (scan !== null) requireScan(present, scan);
    return addCaseJob(engine, {
      kind: 'map',
      title: `${titles[kind]}: ${name}`,
      run: async (caseFile, job) => {
        job.phase('Drawing');
        const active = investigatedSet(caseFile);
        const runner = engine.pool.runner(job, seed, (fraction) => {
          job.progress(fraction);
        });
        const draw = {
          pca: () => drawPcaMap(caseFile, active, scope, seed, runner),
          losses: () => drawLossMap(caseFile, active, scope, seed, runner),
          umap: () =>
            choice.reference
              ? drawReferenceUmap(caseFile, active, params, engine.pool, job)
              : drawUmap(caseFile, active, params, choice, engine, job),
        };
        const drawn = await draw[kind]();
        return store(engine, caseFile, job, mapRun(caseFile, active.id, drawn), 'maps');
      },
    });
  },
  'map/list': (_params, engine) => {
    const caseFile = engine.caseFile();
    return caseFile.runs.list('map').map((run) => mapInfo(caseFile, run));
  },
  'cluster/start': (params, engine) => {
    const present = engine.caseFile();
    const { scopeName } = mapInfo(present, requireMap(present, params.map));
    return addCaseJob(engine, {
      kind: 'cluster',
      title: `${params.method === 'hdbscan' ? 'HDBSCAN' : 'DBSCAN'} of the map: ${scopeName}`,
      run: async (caseFile, job) => {
        job.phase('Clustering');
        return store(
          engine,
          caseFile,
          job,
          await clusterMap(caseFile, params, engine.pool, job),
          'clusterings',
        );
      },
    });
  },
  'cluster/list': ({ map }, engine) =>
    engine
      .caseFile()
      .runs.list('clustering')
      .map(clusteringInfo)
      .filter((clustering) => clustering.map === map),
  'corroborate/start': (params, engine) => {
    const present = engine.caseFile();
    requireScan(present, params.scan);
    const { name } = scopeRows(present, investigatedSet(present), params.scope, CORROBORATE_MIN_ROWS);
    return addCaseJob(engine, {
      kind: 'corroborate',
      title: `Second opinion: ${name}`,
      run: async (caseFile, job) => {
        job.phase('Comparing');
        const run = await corroborateScope(caseFile, params, engine.pool, job);
        return store(engine, caseFile, job, run, 'corroborations');
      },
    });
  },
  'corroborate/list': (_params, engine) => engine.caseFile().runs.list('corroboration').map(corroborationOf),
} satisfies Partial<Handlers>;
