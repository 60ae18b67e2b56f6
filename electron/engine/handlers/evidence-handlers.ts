import type { FileToken } from '../../contract/case.ts';
import type { DatasetPlan } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Engine, Handlers } from '../engine.ts';
import { pathsOf, runImport, type SetPlan } from '../ingest/import-job.ts';
import { buildFeatures, featureSets } from '../features/build-features.ts';
import { grantFile } from '../grant-file.ts';
import { findLinkedFile } from '../ingest/find-linked-file.ts';
import { lookAtFiles } from '../ingest/look-at-files.ts';
import { proposeFiles } from '../ingest/propose.ts';
import { openSourceMemory } from '../ingest/source-memory.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';

const setPlan = ({ records, tables, arrays, ...plan }: DatasetPlan, { grants }: Engine): SetPlan => {
  const pathOf = <T extends { token: FileToken }>({ token, ...rest }: T) => ({
    ...rest,
    path: grants.path(token, 'read'),
  });
  const all = (tokens: readonly FileToken[] | undefined) =>
    tokens?.map((token) => grants.path(token, 'read'));
  return {
    ...plan,
    records:
      records === null ? null : { ...pathOf(records), parts: all(records.parts), more: all(records.more) },
    tables: tables?.map(pathOf),
    arrays: arrays.map((array) => ({ ...pathOf(array), parts: all(array.parts), more: all(array.more) })),
  };
};

export const evidenceHandlers = {
  'evidence/propose': ({ files, given = [] }, engine) =>
    proposeFiles(
      files.map((token) => ({
        token,
        path: engine.grants.path(token, 'read'),
        known: given.find((one) => one.token === token) ?? {},
      })),
      engine.caseOrNull()?.datasets.list() ?? [],
      (path) => grantFile(engine.grants, path, 'read'),
      ({ id, rows }) => engine.caseFile().datasets.samples(id, [0, 1, 2].slice(0, rows)),
      openSourceMemory(engine.userData),
    ),
  'evidence/import': ({ datasets, models = [], builtInFeatures = false, remember = [] }, engine) => {
    const modelPaths = models.map((token) => engine.grants.path(token, 'read'));
    const plan = datasets.map((dataset) => setPlan(dataset, engine));
    const files = new Set(plan.flatMap((set) => [...pathsOf(set)])).size + models.length;
    return addCaseJob(engine, {
      kind: 'import',
      title: files === 1 ? 'Import 1 file' : `Import ${files} files`,
      run: async (caseFile, context) => {
        await runImport(caseFile, plan, context, modelPaths, engine.startDecoder);
        openSourceMemory(engine.userData).remember(remember);
        publishCase(engine, ['evidence', 'scans', 'maps', 'audit']);
        if (!builtInFeatures) return null;
        await buildFeatures(engine, caseFile, context);
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
  'evidence/findings': (_params, engine) => engine.caseFile().findings.list(),
  'evidence/keep-findings': async ({ files }, engine) => {
    const caseFile = engine.caseFile();
    let kept = 0;
    for (const token of files) {
      const [looked] = await lookAtFiles([{ path: engine.grants.path(token, 'read') }], { hash: true });
      if (looked === undefined || looked.sha256 === null || looked.facts.findings.length === 0) continue;
      const { name, size, findings } = looked.facts;
      caseFile.findings.addRefused({ name, size, sha256: looked.sha256 }, findings);
      kept += findings.length;
    }
    if (kept > 0) publishCase(engine, ['evidence', 'audit']);
    return { kept };
  },
  'evidence/relink': async ({ evidence, files }, engine) => {
    const caseFile = engine.caseFile();
    const paths = files.map((token) => engine.grants.path(token, 'read'));
    const link = caseFile.links.of(evidence);
    if (link === null)
      throw new BezoarError(
        'evidence/link-not-found',
        'The values of this evidence are in the case and in no other file. Nothing was changed. Reload the view.',
      );
    const found = await findLinkedFile(link, paths);
    caseFile.links.relink({ ...link, ...found });
    publishCase(engine, ['evidence', 'audit']);
    return { path: found.path };
  },
  'evidence/bad-rows': ({ evidence }, engine) => engine.caseFile().evidence.badRows(evidence),
  'evidence/list': (_params, engine) => engine.caseFile().evidence.list(),
  'dataset/list': (_params, engine) => engine.caseFile().datasets.list(),
} satisfies Partial<Handlers>;
