import type { Engine, Handlers } from '../engine.ts';
import type { CaseFile } from '../case/case-file.ts';
import { publishCase } from './case-handlers.ts';

/** The open case once it may be written; changes wait for an import that is being written. */
async function writableCase(engine: Engine): Promise<CaseFile> {
  const caseFile = engine.caseFile();
  await caseFile.writable();
  return caseFile;
}

const MOST_FOUND = 1000;

export const sampleHandlers = {
  'samples/page': ({ dataset, rows }, engine) => engine.caseFile().datasets.samples(dataset, rows),
  'samples/find': ({ dataset, query }, engine) => {
    const rows = engine.caseFile().datasets.find(dataset, query, MOST_FOUND + 1);
    return { rows: rows.slice(0, MOST_FOUND), more: rows.length > MOST_FOUND };
  },
  'verdict/history': ({ dataset, row }, engine) => engine.caseFile().verdicts.history(dataset, row),
  'verdict/set': async ({ dataset, rows, verdict, reason }, engine) => {
    const changed = (await writableCase(engine)).verdicts.set(dataset, rows, verdict, reason);
    if (changed > 0) publishCase(engine, ['verdicts', 'audit']);
    return { changed };
  },
  'verdict/undo': async (_params, engine) => {
    const undone = (await writableCase(engine)).verdicts.undo();
    publishCase(engine, ['verdicts', 'audit']);
    return undone;
  },
  'verdict/redo': async (_params, engine) => {
    const redone = (await writableCase(engine)).verdicts.redo();
    publishCase(engine, ['verdicts', 'audit']);
    return redone;
  },
  'seen/mark': async ({ dataset, rows }, engine) => {
    (await writableCase(engine)).datasets.markSeen(dataset, rows);
    publishCase(engine, ['seen', 'audit']);
    return {};
  },
  'note/set': async ({ dataset, row, text }, engine) => {
    (await writableCase(engine)).datasets.setNote(dataset, row, text);
    publishCase(engine, ['notes', 'audit']);
    return {};
  },
} satisfies Partial<Handlers>;
