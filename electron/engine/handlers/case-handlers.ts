import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { CaseState } from '../../contract/case.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Subject } from '../../contract/events.ts';
import type { CaseFile } from '../case/case-file.ts';
import { fileIdentity } from '../case/file-identity.ts';
import { createCaseFile, openCaseFile } from '../case/open-case-file.ts';
import { recentCases, recentPath, rememberCase } from '../case/recent-cases.ts';
import { sqliteVersion } from '../case/sqlite-library.ts';
import type { Engine, Handlers } from '../engine.ts';

/** The system account's name: what the analyst's name is proposed as. */
function proposedAnalyst(): string {
  try {
    return userInfo().username;
  } catch {
    return 'analyst';
  }
}

export const caseState = (caseFile: CaseFile): CaseState => ({
  ...caseFile.state(),
  proposedAnalyst: proposedAnalyst(),
});

/** Tells the window what changed in the case, and the case's state with it. */
export function publishCase(engine: Engine, subjects: Subject[]): void {
  const caseFile = engine.caseOrNull();
  if (subjects.length > 0) engine.publish('changed', { subjects });
  engine.publish('case', caseFile === null ? null : caseState(caseFile));
}

/** Opens another case in place of the present one; the present one stays when the other cannot be opened. */
function enter(
  engine: Engine,
  path: string,
  make: (path: string, options: { proposedActor: string }) => CaseFile,
): CaseState {
  const full = resolve(path);
  const present = engine.caseOrNull();
  if (present !== null && make === openCaseFile && fileIdentity(present.path) === fileIdentity(full))
    return caseState(present);
  const next = make(full, { proposedActor: proposedAnalyst() });
  engine.replaceCase(next);
  rememberCase(engine.userData, next.path, next.name);
  return caseState(next);
}

export const caseHandlers = {
  'case/state': (_params, engine) => {
    const caseFile = engine.caseOrNull();
    return caseFile === null ? null : caseState(caseFile);
  },
  'case/create': ({ target }, engine) => enter(engine, engine.grants.path(target, 'write'), createCaseFile),
  'case/open': ({ file }, engine) => enter(engine, engine.grants.path(file, 'read'), openCaseFile),
  'case/open-recent': ({ id }, engine) => {
    const path = recentPath(engine.userData, id);
    if (path === null)
      throw new BezoarError(
        'case/missing',
        'This case is no longer in the list of recent cases. Nothing was changed. Open it with the file dialog.',
      );
    return enter(engine, path, openCaseFile);
  },
  'case/recent': (_params, engine) => recentCases(engine.userData),
  'case/close': (_params, engine) => {
    engine.replaceCase(null);
    return {};
  },
  'case/set-analyst': async ({ name }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    caseFile.setAnalyst(name);
    publishCase(engine, ['audit']);
    return caseState(caseFile);
  },
  'case/set-question': async ({ question }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    caseFile.setQuestion(question);
    publishCase(engine, ['audit']);
    return caseState(caseFile);
  },
  'view/load': (_params, engine) => ({ state: engine.caseFile().loadView() }),
  'view/save': async ({ state }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    caseFile.saveView(state);
    return {};
  },
  'engine/info': (_params, engine) => ({
    version: engine.version,
    node: process.version,
    sqlite: sqliteVersion(),
    threads: engine.pool.threads,
    pid: process.pid,
  }),
} satisfies Partial<Handlers>;
