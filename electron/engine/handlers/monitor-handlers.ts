import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { monitorRunDetail, monitorRunOf, requireMonitorRun } from '../monitor/monitor-run.ts';
import { runKpis } from '../monitor/run-kpis.ts';
import { checkMonitorRequest, runMonitorJob } from '../monitor/run-monitor.ts';
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
  'monitor/get': ({ run }, engine) => {
    const caseFile = engine.caseFile();
    return monitorRunDetail(caseFile, requireMonitorRun(caseFile, run));
  },
  'monitor/series': ({ run, lane, metrics }, engine) => runSeries(engine.caseFile(), run, lane, metrics),
  'monitor/heat-map': ({ run, lane }, engine) => runHeatMap(engine.caseFile(), run, lane),
  'monitor/kpis': ({ run, fromMs, toMs }, engine) =>
    runKpis(engine.caseFile(), run, { fromMs, toMs }, engine.pool.runner(null, 0)),
} satisfies Partial<Handlers>;
