import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import type { Params, Result } from '../../contract/calls.ts';
import type { Verdict } from '../../contract/samples.ts';
import type { CaseFile } from '../case/case-file.ts';
import { connect } from '../case/connection.ts';
import { createCaseFile, openCaseFile } from '../case/open-case-file.ts';
import { createEngine, type EngineInstance } from '../create-engine.ts';
import { invoke } from '../dispatch.ts';
import { grantFile } from '../grant-file.ts';
import { runImport, type SetPlan } from '../ingest/import-job.ts';

const ROWS = 60;
const options = { proposedActor: 'B. Nalyst' };
let folder = '';
let engine: EngineInstance;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-comparison-'));
  engine = createEngine({
    userData: join(folder, 'user'),
    threads: 1,
    kernels: null,
    publish: () => undefined,
    onCase: () => undefined,
    log: () => undefined,
  });
  const target = grantFile(engine.grants, join(folder, 'Ours.bezoar'), 'write');
  await invoke(engine, 'case/create', { target });
  await invoke(engine, 'case/set-analyst', { name: 'A. Nalyst' });
  await runImport(engine.caseFile(), [smallEvidence(folder, ROWS)], unwatched());
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (): string => join(folder, 'Theirs.bezoar');

/** Another analyst's case of that evidence, closed again. */
async function theirs(
  decide: (caseFile: CaseFile, dataset: number) => void,
  plan: SetPlan = smallEvidence(folder, ROWS),
): Promise<void> {
  rmSync(path(), { force: true });
  const caseFile = createCaseFile(path(), options);
  await runImport(caseFile, [plan], unwatched());
  decide(caseFile, caseFile.datasets.active('investigated')?.id ?? 0);
  caseFile.close();
}

const ourSet = (): number => engine.caseFile().datasets.active('investigated')?.id ?? 0;
const bytes = (): Uint8Array => engine.caseFile().verdicts.bytes(ourSet());

async function compared(): Promise<Result<'comparison/get'>> {
  const file = grantFile(engine.grants, path(), 'read');
  const { job } = await invoke(engine, 'comparison/start', { file });
  const ended = await engine.jobs.ended(job);
  expect(ended.failure).toBeNull();
  return invoke(engine, 'comparison/get', { comparison: ended.result ?? 0 });
}

const everything: Omit<Params<'comparison/take-over'>, 'comparison'> = {
  kinds: ['poison', 'clean', 'unsure'],
  leftOut: [],
  conflicts: { theirs: [], ours: [], otherwise: null },
};

describe('comparing', () => {
  it('tells shared evidence by its hash, and what was decided where', async () => {
    engine.caseFile().verdicts.set(ourSet(), [1, 2, 3], 'poison', 'patch');
    engine.caseFile().verdicts.set(ourSet(), [40], 'unsure', '');
    await theirs((other, dataset) => {
      other.setAnalyst('B. Nalyst');
      other.verdicts.set(dataset, [2, 5, 6], 'poison', 'a corner');
      other.verdicts.set(dataset, [3, 7], 'clean', '');
      other.datasets.setNote(dataset, 9, 'look again');
    });
    const comparison = await compared();
    expect(comparison).toMatchObject({
      other: { name: 'Theirs', analyst: 'B. Nalyst', auditHolds: true, portable: null },
      sameCase: false,
      matching: { by: 'row' },
      verdicts: {
        theirs: 5,
        fresh: { poison: 2, clean: 1, unsure: 0 },
        agree: 1,
        conflicts: 1,
        onlyOurs: 2,
        unmatched: 0,
        relabelled: 0,
      },
      notes: 1,
    });
    expect(comparison.file.sha256).toBe(createHash('sha256').update(readFileSync(path())).digest('hex'));
    expect(comparison.evidence.map(({ name, where }) => [name, where])).toEqual([
      ['k-records.csv', 'both'],
      ['k-activations.npy', 'both'],
      ['k-images.npy', 'both'],
    ]);
    const samples = (which: 'conflicts' | 'notes') =>
      invoke(engine, 'comparison/samples', { comparison: comparison.id, which, from: 0, limit: 10 });
    expect(await samples('conflicts')).toMatchObject([
      {
        row: 3,
        key: 'k-3',
        ours: { verdict: 'poison', who: 'A. Nalyst', reason: 'patch' },
        theirs: { verdict: 'clean', who: 'B. Nalyst' },
      },
    ]);
    expect(await samples('notes')).toMatchObject([
      { row: 9, ours: null, theirs: null, note: { text: 'look again', who: 'B. Nalyst' } },
    ]);
  });

  it('finds samples by their key where a file is shared and the records are others', async () => {
    const plan = smallEvidence(folder, ROWS);
    const fewer = smallEvidence(join(folder), ROWS - 10, 'few');
    // The same samples from row 10 on: other records and rows, one shared file of images beside them.
    rmSync(path(), { force: true });
    const other = createCaseFile(path(), options);
    await runImport(other, [plan], unwatched());
    other.verdicts.set(other.datasets.active('investigated')?.id ?? 0, [12, 30], 'poison', '');
    other.close();
    expect(fewer.role).toBe('investigated');
    const changed = connect(path());
    changed.script(
      `UPDATE evidence SET sha256 = 'aa' WHERE role = 'records'; UPDATE dataset SET content_sha256 = 'bb';
       UPDATE matrix SET sha256 = id; UPDATE sample SET label = 'class-9' WHERE row = 30`,
    );
    changed.close();
    const comparison = await compared();
    // Altered outside Bezoar, and said so.
    expect(comparison.other.auditHolds).toBe(false);
    expect(comparison.matching.by).toBe('key');
    expect(comparison.verdicts).toMatchObject({ fresh: { poison: 1 }, relabelled: 1, unmatched: 0 });
  });

  it('matches nothing without a common file, and says so', async () => {
    await theirs(
      (other, dataset) => {
        other.verdicts.set(dataset, [1], 'poison', '');
      },
      smallEvidence(folder, ROWS - 1, 'k2'),
    );
    const comparison = await compared();
    expect(comparison.matching.by).toBeNull();
    expect(comparison.verdicts).toMatchObject({ theirs: 1, unmatched: 1, fresh: { poison: 0 } });
    const failure = await failureLater(() =>
      invoke(engine, 'comparison/take-over', { comparison: comparison.id, ...everything }),
    );
    expect(failure.code).toBe('comparison/nothing');
  });

  it('refuses the open case itself, and a comparison that is no longer kept', async () => {
    const file = grantFile(engine.grants, join(folder, 'Ours.bezoar'), 'read');
    expect(await failureLater(() => invoke(engine, 'comparison/start', { file }))).toMatchObject({
      code: 'comparison/nothing',
    });
    expect(await failureLater(() => invoke(engine, 'comparison/get', { comparison: 77 }))).toMatchObject({
      code: 'comparison/not-found',
    });
  });
});

describe('taking over', () => {
  it('keeps whose verdicts they were, holds in the check, and is undone and redone in one step', async () => {
    engine.caseFile().verdicts.set(ourSet(), [3], 'poison', 'patch');
    await theirs((other, dataset) => {
      other.verdicts.set(dataset, [2, 5], 'poison', 'a corner');
      other.verdicts.set(dataset, [3], 'clean', '');
    });
    const comparison = await compared();
    const before = bytes();
    const take = (conflicts: (typeof everything)['conflicts']) =>
      invoke(engine, 'comparison/take-over', { comparison: comparison.id, ...everything, conflicts });
    expect(await failureLater(() => take(everything.conflicts))).toMatchObject({
      code: 'comparison/undecided',
    });
    expect(bytes()).toEqual(before);
    const taken = await take({ theirs: [3], ours: [], otherwise: null });
    expect(taken).toMatchObject({ taken: 3, keptOurs: 0, meanwhile: 0 });
    expect([...bytes()].slice(0, 6)).toEqual([0, 0, 1, 2, 0, 1]);
    const caseFile = engine.caseFile();
    expect(caseFile.verdicts.decided(ourSet(), 'poison')[0]).toMatchObject({
      row: 2,
      entry: {
        verdict: 'poison',
        who: 'A. Nalyst',
        reason: 'a corner (taken over from Theirs, decided there by B. Nalyst)',
        origin: { caseId: comparison.other.id, sha256: comparison.file.sha256, who: 'B. Nalyst' },
      },
    });
    const [line] = caseFile.audit.page(null, 1);
    expect(line.action).toBe('verdict/take-over');
    expect(JSON.parse(line.detail)).toMatchObject({
      count: 3,
      keptOurs: 0,
      from: { caseId: comparison.other.id, sha256: comparison.file.sha256, auditHolds: true },
    });
    expect(caseFile.audit.verify().ok).toBe(true);
    expect(caseFile.verdicts.undo()).toMatchObject({ changed: 3 });
    expect(bytes()).toEqual(before);
    caseFile.verdicts.redo();
    expect(caseFile.verdicts.decided(ourSet(), 'clean')[0]?.entry.origin?.who).toBe('B. Nalyst');
    expect(caseFile.audit.verify().ok).toBe(true);
  });

  it('leaves what was decided here meanwhile', async () => {
    await theirs((other, dataset) => {
      other.verdicts.set(dataset, [1, 2], 'poison', '');
    });
    const comparison = await compared();
    engine.caseFile().verdicts.set(ourSet(), [2], 'clean', 'seen since');
    const taken = await invoke(engine, 'comparison/take-over', { comparison: comparison.id, ...everything });
    expect(taken).toMatchObject({ taken: 1, meanwhile: 1 });
    expect([...bytes()].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('is found by the check when others alter where verdicts came from', async () => {
    await theirs((other, dataset) => {
      other.verdicts.set(dataset, [1, 2], 'poison', '');
    });
    const comparison = await compared();
    await invoke(engine, 'comparison/take-over', { comparison: comparison.id, ...everything });
    await invoke(engine, 'case/close', {});
    const ours = join(folder, 'Ours.bezoar');
    const other = connect(ours);
    const guard = other.column<string>(
      "SELECT sql FROM sqlite_schema WHERE name = 'verdict_origin_no_update'",
    )[0];
    other.script(`DROP TRIGGER verdict_origin_no_update; UPDATE verdict_origin SET who = 'eve'; ${guard}`);
    other.close();
    const caseFile = openCaseFile(ours, options);
    expect(caseFile.audit.verify().sentence).toContain('where verdicts came from');
    caseFile.close();
  });

  it('gives each sample the verdict that was chosen, whatever either case had decided', async () => {
    const verdict = fc.constantFrom<Verdict | null>('poison', 'clean', 'unsure', null);
    const column = fc.array(verdict, { minLength: ROWS, maxLength: ROWS });
    const decide = (caseFile: CaseFile, dataset: number, to: readonly (Verdict | null)[]): void => {
      for (const one of ['poison', 'clean', 'unsure', null] as const) {
        const rows = to.flatMap((other, row) => (other === one ? [row] : []));
        if (rows.length > 0) caseFile.verdicts.set(dataset, rows, one, '');
      }
    };
    const code = { poison: 1, clean: 2, unsure: 3 };
    const kinds = fc.subarray<Verdict>(['poison', 'clean', 'unsure']);
    await fc.assert(
      fc.asyncProperty(
        column,
        column,
        kinds,
        fc.constantFrom('ours', 'theirs'),
        async (ours, other, taken, otherwise) => {
          decide(engine.caseFile(), ourSet(), ours);
          await theirs((caseFile, dataset) => {
            decide(caseFile, dataset, other);
          });
          const comparison = await compared();
          const conflicts = { theirs: [], ours: [], otherwise } as const;
          const order = { comparison: comparison.id, kinds: taken, leftOut: [], conflicts };
          const expected = ours.map((own, row) => {
            const there = other[row] ?? null;
            if (there === null) return own;
            if (own === null) return taken.includes(there) ? there : null;
            return otherwise === 'theirs' ? there : own;
          });
          const changes = expected.some((one, row) => one !== ours[row]);
          const taking = invoke(engine, 'comparison/take-over', {
            ...order,
            conflicts: { ...conflicts, theirs: [], ours: [] },
          });
          if (changes) await taking;
          else expect(await failureLater(() => taking)).toMatchObject({ code: 'comparison/nothing' });
          expect([...bytes()]).toEqual(expected.map((one) => (one === null ? 0 : code[one])));
        },
      ),
      { numRuns: 12, seed: 7 },
    );
    expect(engine.caseFile().audit.verify().ok).toBe(true);
  });
});
