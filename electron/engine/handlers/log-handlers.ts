import type { CaseFile } from '../case/case-file.ts';
import type { Engine, Handlers } from '../engine.ts';
import { writeWhole } from '../export/atomic-file.ts';
import { importLog } from '../ingest/logs/log-import.ts';
import { mappingText, readMapping } from '../ingest/logs/mapping.ts';
import { logShape, openMappingMemory } from '../ingest/logs/mapping-memory.ts';
import { lookAtLog } from '../ingest/logs/look-at-log.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';

/** The rows that passed a filter last, of each case: its pages are asked for one after another. */
const lastFound = new WeakMap<CaseFile, { key: string; rows: Promise<Uint32Array> }>();

export const logHandlers = {
  'log/propose': ({ files, mapping, reading, map }, engine) => {
    const said = map === undefined ? null : readMapping(engine.grants.path(map, 'read'));
    return lookAtLog({ dropped: dropped(files, engine), mapping, reading, userData: engine.userData, said });
  },
  'log/import': ({ files, leaveOut, role, name, mapping, acceptBadLines }, engine) => {
    const paths = dropped(files, engine).map(({ path }) => path);
    return addCaseJob(engine, {
      kind: 'import-log',
      title: `Import ${name}`,
      run: async (caseFile, context) => {
        const plan = { paths, leaveOut, role, name, mapping, acceptBadLines };
        const log = await importLog(caseFile, plan, context, engine.pool.threads);
        openMappingMemory(engine.userData).remember(logShape(mapping.format, mapping.fields), mapping);
        publishCase(engine, ['evidence', 'logs', 'audit']);
        return log;
      },
    });
  },
  'log/write-mapping': async ({ mapping, target }, engine) => {
    const { bytes } = await writeWhole(engine.grants.path(target, 'write'), [mappingText(mapping)]);
    return { bytes };
  },
  'log/list': (_params, engine) => engine.caseFile().logs.list(),
  'log/rows': async ({ log, filter, sort, offset, limit }, engine) => {
    const caseFile = engine.caseFile();
    const key = JSON.stringify([log, filter, sort]);
    let found = lastFound.get(caseFile);
    if (found?.key !== key)
      lastFound.set(caseFile, (found = { key, rows: caseFile.logs.find(log, filter, sort) }));
    const rows = await found.rows;
    return {
      matched: rows.length,
      rows: caseFile.logs.rows(log, [...rows.subarray(offset, offset + limit)]),
    };
  },
  'log/rows-at': ({ log, rows }, engine) => engine.caseFile().logs.rows(log, rows),
  'log/bad-lines': ({ log }, engine) => engine.caseFile().logs.badLines(log),
} satisfies Partial<Handlers>;

const dropped = (files: Parameters<Engine['grants']['path']>[0][], engine: Engine) =>
  [...new Set(files)].map((token) => ({ token, path: engine.grants.path(token, 'read') }));
