import type { DatasetPlan } from '../../contract/evidence.ts';
import type { Engine, Handlers } from '../engine.ts';
import { buildFeatures, featureSets } from '../features/build-features.ts';
import { runImport, type SetPlan } from '../ingest/import-job.ts';
import { proposeFiles } from '../ingest/propose.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';

const setPlan = ({ role, records, arrays }: DatasetPlan, { grants }: Engine): SetPlan => ({
  role,
  records: records === null ? null : { path: grants.path(records.token, 'read'), columns: records.columns },
  arrays: arrays.map((array) => ({ path: grants.path(array.token, 'read'), role: array.role })),
});

export const evidenceHandlers = {
  'evidence/propose': ({ files }, engine) =>
    proposeFiles(
      files.map((token) => ({ token, path: engine.grants.path(token, 'read') })),
      engine.caseOrNull()?.datasets.list() ?? [],
    ),
  'evidence/import': ({ datasets }, engine) => {
    const plan = datasets.map((dataset) => setPlan(dataset, engine));
    const files = plan.reduce(
      (sum, { records, arrays }) => sum + arrays.length + (records === null ? 0 : 1),
      0,
    );
    return addCaseJob(engine, {
      kind: 'import',
      title: files === 1 ? 'Import 1 file' : `Import ${files} files`,
      run: async (caseFile, context) => {
        await runImport(caseFile, plan, context);
        publishCase(engine, ['evidence', 'scans', 'maps', 'audit']);
        return null;
      },
    });
  },
  'evidence/build-features': (_params, engine) => {
    featureSets(engine.caseFile());
    return addCaseJob(engine, {
      kind: 'features',
      title: 'Built-in features',
      run: async (caseFile, context) => {
        await buildFeatures(engine, caseFile, context);
        publishCase(engine, ['evidence', 'scans', 'maps', 'audit']);
        return null;
      },
    });
  },
  'model/list': (_params, engine) => engine.caseFile().evidence.models(),
  'evidence/list': (_params, engine) => engine.caseFile().evidence.list(),
  'dataset/list': (_params, engine) => engine.caseFile().datasets.list(),
} satisfies Partial<Handlers>;
