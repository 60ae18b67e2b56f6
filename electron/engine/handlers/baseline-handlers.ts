import type { Baseline, BaselineDetail } from '../../contract/baselines.ts';
import type { CaseFile } from '../case/case-file.ts';
import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { summaryOf } from '../monitor/baseline-profile.ts';
import { createBaseline } from '../monitor/create-baseline.ts';
import { readBaselineFile } from '../monitor/import-baseline.ts';
import { requireBaseline } from '../monitor/stored-baseline.ts';
import { publishCase } from './case-handlers.ts';

function detailOf(caseFile: CaseFile, id: number): BaselineDetail {
  const facts = requireBaseline(caseFile, id);
  const profile = caseFile.baselines.profile(id);
  if (profile === null) throw new Error(`baseline ${id} has no profile`);
  return { ...facts, profile };
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const label = ({ name, version }: Baseline): string => `${name} ${version}`;

export const baselineHandlers = {
  'baseline/list': (_params, engine) => engine.caseFile().baselines.list(),
  'baseline/get': ({ baseline }, engine) => detailOf(engine.caseFile(), baseline),
  'baseline/create': (params, engine) => {
    const caseFile = engine.caseFile();
    if (params.source.kind === 'logs') for (const log of params.source.logs) caseFile.logs.get(log);
    return addCaseJob(engine, {
      kind: 'baseline',
      title: `Baseline ${params.name}`,
      run: async (present, job) => {
        const id = await createBaseline(engine, present, params, job);
        publishCase(engine, ['baselines', 'audit']);
        return id;
      },
    });
  },
  'baseline/import': async ({ file }, engine) => {
    const { name, baseline } = readBaselineFile(engine.grants.path(file, 'read'));
    const caseFile = engine.caseFile();
    await caseFile.writable();
    const id = caseFile.baselines.add('import', name, baseline);
    publishCase(engine, ['baselines', 'audit']);
    return requireBaseline(caseFile, id);
  },
  'baseline/compare': async ({ a, b }, engine) => {
    const caseFile = engine.caseFile();
    const [one, other] = [detailOf(caseFile, a), detailOf(caseFile, b)];
    const lines = await engine.pool.runner(null, 0).run('compareBaselines', {
      a: summaryOf(one.profile, one),
      b: summaryOf(other.profile, other),
    });
    return {
      lines: lines.map((line) => ({ ...line, a: orNull(line.a), b: orNull(line.b) })),
      notes: [one, other].flatMap((each) =>
        each.profile.numbers.some(({ sketch }) => sketch.rankError > 0)
          ? [
              `Quantiles and distances of ${label(each)} come from sketches of its requests: off by at most the rank error of each line.`,
            ]
          : [],
      ),
    };
  },
} satisfies Partial<Handlers>;
