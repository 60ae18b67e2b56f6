import type { Handlers } from '../engine.ts';
import { judgeNatural } from '../scan/judge-natural.ts';
import { publishCase } from './case-handlers.ts';

export const structureHandlers = {
  'structure/judge-natural': async ({ scan, classIndex, reason }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    const id = judgeNatural(caseFile, scan, classIndex, reason);
    publishCase(engine, ['scans', 'audit']);
    return { id };
  },
  'structure/withdraw': async ({ id }, engine) => {
    const caseFile = engine.caseFile();
    await caseFile.writable();
    caseFile.structures.withdraw(id);
    publishCase(engine, ['scans', 'audit']);
    return {};
  },
  'structure/list': (_params, engine) => engine.caseFile().structures.list(),
} satisfies Partial<Handlers>;
