import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { monitorRunDetail, monitorRunOf } from '../monitor/monitor-run.ts';
import { runKpis } from '../monitor/run-kpis.ts';
import { checkMonitorRequest, runMonitorJob } from '../monitor/run-monitor.ts';
import { runView } from '../monitor/run-view.ts';
import { runHeatMap, runSeries } from '../monitor/run-series.ts';
import { requireBaseline } from '../monitor/stored-baseline.ts';
import { publishCase } from './case-handlers.ts';

export const monitorHandlers = {
  'monitor/start': (params, engine) => {
    const caseFile = engine.caseFile();
    checkMonitorRequest(caseFile, params);
    const { name, version } = requireBaseline(caseFile, params.baseline);
    const logs = params.logs.map((log) => caseFile.logs.get(log).name);
    return addCaseJob(engine, {
      kind: 'monitor',
      title: `${logs.join(', ')} against ${name} ${version}`,
      run: async (present, job) => {
        const id = await runMonitorJob(engine, present, params, job);
        publishCase(engine, ['monitors', 'alerts', 'audit']);
        return id;
      },
    });
  },
  'monitor/list': (_params, engine) => {
    const caseFile = engine.caseFile();
    return caseFile.monitorRuns.list('monitor').map((run) => monitorRunOf(caseFile, run));
  },
  'monitor/get': async ({ run: id }, engine) => {
    const { caseFile, run, result } = await runView(engine, id);
    return monitorRunDetail(caseFile, run, result);
  },
  'monitor/series': async ({ run, lane, metrics }, engine) =>
    runSeries(await runView(engine, run), lane, metrics),
  'monitor/heat-map': async ({ run, lane }, engine) => runHeatMap(await runView(engine, run), lane),
  'monitor/kpis': async ({ run, fromMs, toMs }, engine) =>
    runKpis(await runView(engine, run), { fromMs, toMs }, engine.pool.runner(null, 0)),
} satisfies Partial<Handlers>;
