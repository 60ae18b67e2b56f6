import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import { runImport } from '../ingest/import-job.ts';
import { needsThread } from './background-checkpoint.ts';
import { createCaseFile, openCaseFile } from './open-case-file.ts';

const options = { proposedActor: 'tester' };
const ROWS = 150_000;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-checkpoint-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});
const cases = (): string[] => readdirSync(folder).filter((name) => name.startsWith('a.'));

describe('a large import', () => {
  it('is moved into the case file of itself, while the case is read and written', async () => {
    const path = join(folder, 'a.bezoar');
    const caseFile = createCaseFile(path, options);
    await runImport(caseFile, [smallEvidence(folder, ROWS)], unwatched());
    expect(needsThread(path)).toBe(true);
    caseFile.setQuestion('Written while it is moved');
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
    await vi.waitFor(
      () => {
        expect(statSync(path).size).toBeGreaterThan(16 * 1024 * 1024);
      },
      { timeout: 30_000 },
    );
    expect(caseFile.state()).toMatchObject({
      question: 'Written while it is moved',
      counts: { evidence: 3, investigated: ROWS },
    });
    caseFile.close();
    expect(cases()).toEqual(['a.bezoar']);
  });

  it('is one whole file where the case is closed at once', async () => {
    const path = join(folder, 'a.bezoar');
    const caseFile = createCaseFile(path, options);
    await runImport(caseFile, [smallEvidence(folder, ROWS)], unwatched());
    caseFile.close();
    expect(cases()).toEqual(['a.bezoar']);
    const again = openCaseFile(path, options);
    expect(again.audit.verify()).toMatchObject({ ok: true });
    expect(again.datasets.active('investigated')?.rows).toBe(ROWS);
    again.close();
  });
});
