import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BezoarError } from '../../electron/contract/errors.ts';
import { connect } from '../../electron/engine/case/connection.ts';
import { createCaseFile, openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { readOtherCase } from '../../electron/engine/case/other-case.ts';
import { migrate, migrations } from '../../electron/engine/case/schema.ts';
import { readOtherCaseApart } from '../../electron/engine/compare/read-other-case.ts';
import { runImport } from '../../electron/engine/ingest/import-job.ts';
import { Cancelled } from '../../native-workers/task.ts';
import { failureLater, failureOf } from '../fixtures/failure-code.ts';
import { smallEvidence, unwatched } from '../fixtures/small-evidence.ts';

const options = { proposedActor: 'tester' };
let area = '';
/** A whole, closed case with verdicts and a note; only ever copied. */
let whole = '';
let folder = '';
let path = '';

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
const read = (file = path) => readOtherCase(file, () => undefined);

beforeAll(async () => {
  area = mkdtempSync(join(tmpdir(), 'bezoar-other-'));
  whole = join(area, 'whole.bezoar');
  const caseFile = createCaseFile(whole, options);
  await runImport(caseFile, [smallEvidence(area, 900)], unwatched());
  const dataset = caseFile.datasets.active('investigated')?.id ?? 0;
  caseFile.verdicts.set(dataset, [3, 4, 5], 'poison', 'patch');
  caseFile.verdicts.set(dataset, [9], 'clean', '');
  caseFile.datasets.setNote(dataset, 7, 'look again');
  caseFile.close();
});
afterAll(() => {
  rmSync(area, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(area, 'one-'));
  path = join(folder, 'other.bezoar');
  copyFileSync(whole, path);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What reading ends with, and that it left the file and its folder as they were. */
function refusal(): BezoarError {
  const [hash, files] = [sha256(path), readdirSync(folder)];
  const failure = failureOf(() => read());
  expect(sha256(path)).toBe(hash);
  expect(readdirSync(folder)).toEqual(files);
  return failure;
}

/** Changes the file with other tools. */
function alter(sql: string): void {
  const other = connect(path);
  other.script(sql);
  other.close();
}

describe("another analyst's case", () => {
  it('is read without a byte of it or its folder being written', () => {
    const hash = sha256(path);
    const other = read();
    expect(other).toMatchObject({ name: 'other', analyst: null, portable: null, audit: { ok: true } });
    expect(
      other.samples.map(({ fullRow, verdict, note }) => [fullRow, verdict?.verdict, note?.text]),
    ).toEqual([
      [3, 'poison', undefined],
      [4, 'poison', undefined],
      [5, 'poison', undefined],
      [7, undefined, 'look again'],
      [9, 'clean', undefined],
    ]);
    expect(sha256(path)).toBe(hash);
    expect(readdirSync(folder)).toEqual(['other.bezoar']);
  });

  it('is refused and left untouched when it is no case, a newer one or an older one', () => {
    alter('PRAGMA user_version = 990');
    expect(refusal()).toMatchObject({ code: 'case/newer-schema' });
    alter('PRAGMA user_version = 60');
    expect(refusal()).toMatchObject({ code: 'case/older-schema' });
    alter('PRAGMA application_id = 7');
    expect(refusal()).toMatchObject({ code: 'case/not-a-case' });
    writeFileSync(path, 'not a database, but long enough to have a header'.repeat(9));
    expect(refusal()).toMatchObject({ code: 'case/not-a-case' });
    rmSync(path);
    expect(failureOf(() => read()).code).toBe('case/missing');
  });

  it('is refused while it is open, or was not closed', () => {
    const open = openCaseFile(path, options);
    expect(failureOf(() => read())).toMatchObject({ code: 'case/in-use' });
    open.close();
    expect(read().audit.ok).toBe(true);
    writeFileSync(`${path}-journal`, 'hot');
    expect(refusal()).toMatchObject({ code: 'case/in-use' });
  });

  it.each([
    ['a view in place of verdicts', 'DROP VIEW verdict_now; CREATE VIEW verdict_now AS SELECT 1 AS dataset'],
    ['a foreign table', 'CREATE TABLE bookmark (url TEXT)'],
    [
      'a view that never ends',
      'CREATE VIEW x AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n',
    ],
    [
      'a verdict of no kind',
      "PRAGMA ignore_check_constraints = ON; INSERT INTO verdict (action, dataset, row, verdict) VALUES (1, 1, 600, 'x')",
    ],
    ['a count that no file could hold', 'UPDATE dataset SET rows = 1099511627776'],
  ])('is refused for %s', (_name, sql) => {
    alter(sql);
    expect(refusal()).toMatchObject({ code: 'case/corrupt' });
  });

  it('is cut off where its texts go on beyond what Bezoar writes', () => {
    alter(
      `INSERT INTO portable VALUES (1, 'x', '${'n'.repeat(100_000)}', 'h', 5, 'eve', 1, 1);
       INSERT INTO portable_set VALUES (1, 4000, 'c', '[]');
       UPDATE evidence SET name = '${'e'.repeat(100_000)}'`,
    );
    const other = read();
    expect(other.audit.ok).toBe(false);
    expect(other.portable?.caseName).toHaveLength(500);
    expect(other.files[0]?.name).toHaveLength(500);
    expect(other.samples).toEqual([]);
    alter('DROP TRIGGER portable_set_no_update; UPDATE portable_set SET rows = 1152921504606846976');
    expect(refusal()).toMatchObject({ code: 'case/corrupt' });
  });

  it('is refused when it says the present format but has earlier tables', () => {
    rmSync(path);
    const old = connect(path, true);
    old.pragma('page_size = 16384');
    old.pragma(`application_id = ${0x42455a52}`);
    migrate(old, migrations.slice(0, 3));
    old.pragma(`user_version = ${migrations.at(-1)?.version ?? 0}`);
    old.close();
    expect(refusal()).toMatchObject({ code: 'case/corrupt' });
  });

  it.each([
    ['a trigger', 'CREATE TRIGGER t AFTER INSERT ON verdict BEGIN DELETE FROM note; END', 'guards'],
    [
      'a verdict in',
      "INSERT INTO verdict (action, dataset, row, verdict) VALUES (1, 1, 600, 'poison')",
      'verdicts',
    ],
    [
      'an audit line',
      'DROP TRIGGER audit_no_update; UPDATE audit SET detail = \'{"datasets": 5}\'',
      'guards',
    ],
  ])('is read, and said not to hold, with %s that others put in', (_name, sql, said) => {
    alter(sql);
    const { audit } = read();
    expect(audit.ok).toBe(false);
    expect(audit.sentence).toContain(said);
  });

  it('with damaged bytes anywhere is refused, said not to hold, or as it was', () => {
    const bytes = readFileSync(whole);
    const sound = JSON.stringify(read().samples);
    const outcomes = { refused: 0, said: 0, harmless: 0 };
    for (let at = 0; at < 120; at += 1) {
      const offset = at < 7 ? at * 16 : (100 + at * Math.floor(bytes.length / 120) + at * 41) % bytes.length;
      const damaged = Buffer.from(bytes);
      damaged.set([(damaged[offset] ?? 0) ^ 0xff, (damaged[offset + 1] ?? 0) ^ 0x5a], offset);
      writeFileSync(path, damaged.subarray(0, bytes.length));
      try {
        const other = read();
        if (!other.audit.ok) outcomes.said += 1;
        else {
          expect(JSON.stringify(other.samples), `byte ${offset}`).toBe(sound);
          outcomes.harmless += 1;
        }
      } catch (error) {
        expect(error, `byte ${offset}: ${String(error)}`).toBeInstanceOf(BezoarError);
        expect((error as BezoarError).code).toMatch(/^case\//);
        outcomes.refused += 1;
      }
      expect(readdirSync(folder)).toEqual(['other.bezoar']);
    }
    expect(outcomes.refused).toBeGreaterThan(2);
    expect(outcomes.said).toBeGreaterThan(5);
    for (const part of [0.1, 0.5, 0.99]) {
      copyFileSync(whole, path);
      truncateSync(path, Math.floor(bytes.length * part));
      expect(refusal().code).toBe('case/corrupt');
    }
  });
});

describe('the thread that reads it', () => {
  it('hands on facts and refusals, and the hash of the file', async () => {
    const { file, other } = await readOtherCaseApart(path, unwatched());
    expect(file).toEqual({ name: 'other.bezoar', size: readFileSync(path).length, sha256: sha256(path) });
    expect(other.samples).toHaveLength(5);
    alter('PRAGMA application_id = 7');
    expect(await failureLater(() => readOtherCaseApart(path, unwatched()))).toMatchObject({
      code: 'case/not-a-case',
    });
    rmSync(path);
    expect(await failureLater(() => readOtherCaseApart(path, unwatched()))).toMatchObject({
      code: 'case/missing',
    });
  });

  it('is left at once when the comparison is cancelled', async () => {
    const ends: (() => void)[] = [];
    const reading = readOtherCaseApart(path, { ...unwatched(), onCancel: (end) => ends.push(end) });
    for (const end of ends) end();
    await expect(reading).rejects.toBeInstanceOf(Cancelled);
  });
});

describe('a process that is killed', () => {
  /** Runs until it stands still in the middle, and is killed there. */
  async function killedInTheMiddle(...argv: string[]): Promise<void> {
    const script = join(import.meta.dirname, '..', 'fixtures', 'stalled-child.ts');
    const child = spawn(process.execPath, [script, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  it('in the middle of taking over leaves the case as it was', async () => {
    const before = read();
    await killedInTheMiddle('take-over', path);
    const caseFile = openCaseFile(path, options);
    expect(caseFile.audit.verify().ok).toBe(true);
    expect(caseFile.audit.head().hash).toBe(before.auditHead);
    caseFile.close();
    expect(read().samples).toEqual(before.samples);
  });

  it('in the middle of a portable case leaves what stood in its place, and the case as it was', async () => {
    const own = openCaseFile(path, options);
    const dataset = own.datasets.active('investigated')?.id ?? 0;
    for (let row = 100; row < 400; row += 1) own.verdicts.set(dataset, [row], 'clean', '');
    own.close();
    const target = join(folder, 'part.bezoar');
    writeFileSync(target, 'mine');
    const before = read();
    await killedInTheMiddle('portable', path, target);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    const caseFile = openCaseFile(path, options);
    expect(caseFile.audit.head().hash).toBe(before.auditHead);
    caseFile.close();
    expect(read().samples).toEqual(before.samples);
  });
});
