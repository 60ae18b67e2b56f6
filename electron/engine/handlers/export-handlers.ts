import { basename } from 'node:path';
import type { Handlers } from '../engine.ts';
import { previewExport, writeExport, writeMonitoringExport } from '../export/write-export.ts';
import { exportPortableCase } from '../export/portable-case.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';

export const exportHandlers = {
  'export/preview': ({ scan }, engine) => previewExport(engine.caseFile(), scan),
  'export/write': async ({ kind, scan, target }, engine) => {
    const record = await writeExport(engine.caseFile(), {
      kind,
      scan,
      target: engine.grants.path(target, 'write'),
      version: engine.version,
    });
    publishCase(engine, ['exports', 'audit']);
    return record;
  },
  'export/portable': ({ target }, engine) => {
    const path = engine.grants.path(target, 'write');
    return addCaseJob(engine, {
      kind: 'export',
      title: `Portable case ${basename(path)}`,
      run: async (caseFile, context) => {
        const samples = await exportPortableCase(caseFile, path, context);
        publishCase(engine, ['exports', 'audit']);
        return samples;
      },
    });
  },
  'export/monitoring': async ({ kind, of, target }, engine) => {
    const record = await writeMonitoringExport(engine.caseFile(), {
      kind,
      of,
      target: engine.grants.path(target, 'write'),
      version: engine.version,
    });
    publishCase(engine, ['exports', 'audit']);
    return record;
  },
  'export/list': (_params, engine) => engine.caseFile().exports.list(),
} satisfies Partial<Handlers>;
