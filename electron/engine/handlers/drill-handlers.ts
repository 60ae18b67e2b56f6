import { BezoarError } from '../../contract/errors.ts';
import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { drillOf, runDrill } from '../monitor/run-drill.ts';
import { requireBaseline } from '../monitor/stored-baseline.ts';
import { publishCase } from './case-handlers.ts';

export const drillHandlers = {
  'drill/start': (params, engine) => {
    const caseFile = engine.caseFile();
    const { name } = requireBaseline(caseFile, params.baseline);
    for (const log of params.logs) caseFile.logs.get(log);
    return addCaseJob(engine, {
      kind: 'drill',
      title: `Drill of ${params.attacks.length} ${params.attacks.length === 1 ? 'attack' : 'attacks'} against ${name}`,
      run: async (present, job) => {
        const id = await runDrill(engine, present, params, job);
        publishCase(engine, ['monitors', 'audit']);
        return id;
      },
    });
  },
  'drill/list': (_params, engine) => engine.caseFile().monitorRuns.list('drill').map(drillOf),
  'drill/get': ({ drill }, engine) => {
    const run = engine.caseFile().monitorRuns.get(drill);
    if (run?.kind !== 'drill')
      throw new BezoarError(
        'monitor/not-found',
        `The case knows no drill number ${drill}. Nothing was changed. Choose one from the list.`,
      );
    return drillOf(run);
  },
} satisfies Partial<Handlers>;
