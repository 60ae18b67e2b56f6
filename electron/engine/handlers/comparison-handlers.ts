import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import type { CaseFile } from '../case/case-file.ts';
import { fileIdentity } from '../case/file-identity.ts';
import {
  compareCases,
  comparedSamples,
  comparisonFacts,
  sorted,
  type KeptComparison,
} from '../compare/compare-cases.ts';
import { readOtherCaseApart } from '../compare/read-other-case.ts';
import { takeOver } from '../compare/take-over.ts';
import type { Handlers } from '../engine.ts';
import { addCaseJob } from '../jobs/case-job.ts';
import { publishCase } from './case-handlers.ts';

interface LastComparison {
  readonly id: number;
  readonly kept: KeptComparison;
  /** Conflicts that the window was told of: one that came up since was decided here meanwhile. */
  conflicts: ReadonlySet<number>;
}

/** The last comparison of each open case; nothing of it is on disk. */
const last = new WeakMap<CaseFile, LastComparison>();
let counter = 0;

function comparisonOf(caseFile: CaseFile, id: number): LastComparison {
  const found = last.get(caseFile);
  if (found?.id !== id)
    throw new BezoarError(
      'comparison/not-found',
      'This comparison is no longer kept. Nothing was changed. Drop the other case again to compare anew.',
    );
  return found;
}

const conflictRows = (caseFile: CaseFile, kept: KeptComparison): ReadonlySet<number> =>
  new Set(sorted(caseFile, kept).conflicts.map(({ row }) => row));

export const comparisonHandlers = {
  'comparison/start': ({ file }, engine) => {
    const path = engine.grants.path(file, 'read');
    const { path: own } = engine.caseFile();
    if (fileIdentity(path) !== null && fileIdentity(path) === fileIdentity(own))
      throw new BezoarError(
        'comparison/nothing',
        `${basename(path)} is the open case itself, so there is nothing to compare. Nothing was changed.`,
      );
    return addCaseJob(engine, {
      kind: 'compare',
      title: `Compare with ${basename(path)}`,
      run: async (caseFile, context) => {
        const read = await readOtherCaseApart(path, context);
        context.phase('comparing');
        const kept = await compareCases(caseFile, read, context);
        counter += 1;
        last.set(caseFile, { id: counter, kept, conflicts: conflictRows(caseFile, kept) });
        return counter;
      },
    });
  },
  'comparison/get': ({ comparison }, engine) => {
    const caseFile = engine.caseFile();
    const found = comparisonOf(caseFile, comparison);
    found.conflicts = conflictRows(caseFile, found.kept);
    return comparisonFacts(caseFile, comparison, found.kept);
  },
  'comparison/samples': ({ comparison, which, from, limit }, engine) => {
    const caseFile = engine.caseFile();
    const { kept } = comparisonOf(caseFile, comparison);
    if (kept.dataset === null) return [];
    const samples = sorted(caseFile, kept)[which].slice(from, from + limit);
    return comparedSamples(caseFile, kept.dataset, samples);
  },
  'comparison/take-over': async ({ comparison, ...choice }, engine) => {
    const caseFile = engine.caseFile();
    const { kept, conflicts } = comparisonOf(caseFile, comparison);
    await caseFile.writable();
    const taken = takeOver(caseFile, kept, conflicts, choice);
    publishCase(engine, ['verdicts', 'audit']);
    return taken;
  },
} satisfies Partial<Handlers>;
