import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BezoarError } from '../../electron/contract/errors.ts';
import type { CaseFile } from '../../electron/engine/case/case-file.ts';
import { connect } from '../../electron/engine/case/connection.ts';
import { createCaseFile, openCaseFile } from '../../electron/engine/case/open-case-file.ts';
import { importLog } from '../../electron/engine/ingest/logs/log-import.ts';
import { runImport } from '../../electron/engine/ingest/import-job.ts';
import { failureOf } from '../fixtures/failure-code.ts';
import { logLines } from '../fixtures/log-lines.ts';
import { logMapping, usualFields } from '../fixtures/log-mapping.ts';
import { smallEvidence, unwatched } from '../fixtures/small-evidence.ts';
import { addStoredScan } from '../fixtures/stored-scan.ts';

const ROWS = 2500;
const options = { proposedActor: 'tester' };
let area = '';
/** A whole case with evidence, verdicts, a note, a scan and known structures, one of them withdrawn; never opened again, only copied. */
let whole = '';
let folder = '';

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

async function makeCase(path: string): Promise<CaseFile> {
  const caseFile = createCaseFile(path, options);
  await runImport(caseFile, [smallEvidence(area, ROWS)], unwatched());
  const dataset = caseFile.datasets.active('investigated')?.id ?? 0;
  caseFile.verdicts.set(dataset, [3, 4, 5], 'poison', 'patch');
  caseFile.datasets.setNote(dataset, 7, 'look again');
  return caseFile;
}

beforeAll(async () => {
  area = mkdtempSync(join(tmpdir(), 'bezoar-faults-'));
  whole = join(area, 'whole.bezoar');
  const caseFile = await makeCase(whole);
  const scan = addStoredScan(caseFile, [1, 4, 7], 'structure');
  const structure = { scan, className: 'class-1', keys: ['k-1', 'k-4', 'k-7'], reason: 'sleeves' };
  caseFile.structures.withdraw(caseFile.structures.add(structure));
  caseFile.structures.add(structure);
  const log = join(area, 'log.jsonl');
  writeFileSync(log, `no line\n${logLines(0, 2000)}`);
  const mapping = logMapping(usualFields);
  await importLog(
    caseFile,
    { paths: [log], role: 'log', name: 'log', mapping, acceptBadLines: true },
    unwatched(),
    1,
  );
  caseFile.close();
});
afterAll(() => {
  rmSync(area, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(area, 'one-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What opening ends with, and that it left the file and its folder as they were. */
function refusal(path: string): BezoarError {
  const [hash, files] = [sha256(path), readdirSync(folder)];
  const failure = failureOf(() => openCaseFile(path, options));
  expect(sha256(path)).toBe(hash);
  expect(readdirSync(folder)).toEqual(files);
  return failure;
}

describe('a file that is no case', () => {
  it('is refused and left untouched: text, nothing, another program, a newer format', () => {
    const path = join(folder, 'a.bezoar');
    writeFileSync(path, 'not a database, but long enough to have a header'.repeat(9));
    expect(refusal(path).code).toBe('case/not-a-case');
    writeFileSync(path, '');
    expect(refusal(path).code).toBe('case/not-a-case');
    rmSync(path);
    const foreign = connect(path, true);
    foreign.script('CREATE TABLE bookmark (url TEXT); PRAGMA user_version = 3');
    foreign.close();
    expect(refusal(path)).toMatchObject({ code: 'case/not-a-case' });
    expect(refusal(path).message).toContain('another program');
    copyFileSync(whole, path);
    const newer = connect(path);
    newer.pragma('user_version = 990');
    newer.close();
    expect(refusal(path)).toMatchObject({ code: 'case/newer-schema' });
    expect(refusal(path).message).toContain('format 990');
    expect(failureOf(() => openCaseFile(folder, options)).code).toBe('case/not-a-case');
    expect(failureOf(() => openCaseFile(join(folder, 'gone.bezoar'), options)).code).toBe('case/missing');
  });
});

describe('making a case', () => {
  it('never replaces a file, and leaves none where it cannot be made', () => {
    const path = join(folder, 'a.bezoar');
    writeFileSync(path, 'mine');
    expect(failureOf(() => createCaseFile(path, options)).code).toBe('case/exists');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    // A path through a file: nobody can write there, root neither.
    expect(failureOf(() => createCaseFile(join(path, 'b.bezoar'), options)).code).toBe('case/read-only');
    expect(failureOf(() => createCaseFile(join(folder, 'none', 'b.bezoar'), options)).code).toBe(
      'case/missing',
    );
    expect(readdirSync(folder)).toEqual(['a.bezoar']);
  });
});

/** Runs the command as it may be run here; false where the system does not allow it. */
const allowed = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

describe('what cannot be written', () => {
  it('is told: a read-only file and a read-only folder', ({ skip }) => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    // Permission bits do not hold root back; the immutable flag and a read-only mount do.
    const root = process.getuid?.() === 0;
    const [lock, free]: [string[], string[]] = root
      ? [
          ['chattr', '+i'],
          ['chattr', '-i'],
        ]
      : [
          ['chmod', 'a-w'],
          ['chmod', 'u+w'],
        ];
    const change = ([command = '', flag = '']: string[], target: string): boolean =>
      allowed(command, flag, target);
    if (!change(lock, path)) {
      skip('neither permissions nor the immutable flag can be set here');
      return;
    }
    try {
      expect(refusal(path).code).toBe('case/read-only');
    } finally {
      change(free, path);
    }
    change(lock, folder);
    try {
      expect(refusal(path).code).toBe('case/read-only');
      expect(failureOf(() => createCaseFile(join(folder, 'b.bezoar'), options)).code).toBe('case/read-only');
    } finally {
      change(free, folder);
    }
    openCaseFile(path, options).close();
  });

  it('on a full disk is told, the case stays as it was, and goes on when there is room', async ({ skip }) => {
    if (!allowed('mount', '-t', 'tmpfs', '-o', 'size=1500k', 'tmpfs', folder)) {
      skip('no small file system can be mounted here');
      return;
    }
    try {
      const path = join(folder, 'a.bezoar');
      const caseFile = createCaseFile(path, options);
      const plan = smallEvidence(area, 8000, 'big');
      await expect(runImport(caseFile, [plan], unwatched())).rejects.toMatchObject({
        code: 'case/disk-full',
      });
      expect(caseFile.state()).toMatchObject({ counts: { evidence: 0 }, auditCount: 1 });
      const filler = join(folder, 'filler');
      let failure: BezoarError | null = null;
      for (let size = 1; failure === null && size < 400; size += 1) {
        try {
          writeFileSync(filler, Buffer.alloc(size * 4096));
        } catch {
          failure = failureOf(() => caseFile.setQuestion('x'.repeat(3_000_000)));
        }
      }
      expect(failure?.code).toBe('case/disk-full');
      expect(caseFile.state()).toMatchObject({ question: '', auditCount: 1 });
      rmSync(filler);
      caseFile.setQuestion('room again');
      caseFile.close();
      const again = openCaseFile(path, options);
      expect(again.state().question).toBe('room again');
      expect(again.audit.verify().ok).toBe(true);
      again.close();
    } finally {
      allowed('umount', folder);
    }
  });

  it('over the limit of a file is told by a process of its own, and nothing is kept', async () => {
    const path = join(folder, 'a.bezoar');
    const child = importChild(path, 'trap "" XFSZ; ulimit -f 1500;');
    const lines = await linesUntil(child, (line) => 'evidence' in line);
    child.kill('SIGKILL');
    await exited(child);
    expect(lines.find((line) => 'end' in line)?.end).toBe('case/disk-full');
    expect(lines.at(-1)).toEqual({ evidence: 0, verified: true });
    const caseFile = openCaseFile(path, options);
    expect(caseFile.datasets.list()).toEqual([]);
    caseFile.close();
  });
});

type Line = Record<string, unknown>;

function importChild(path: string, before = ''): ChildProcess {
  const plan = JSON.stringify([smallEvidence(area, 120_000, 'big')]);
  const script = join(import.meta.dirname, '..', 'fixtures', 'import-child.ts');
  return spawn('bash', ['-c', `${before} exec "$@"`, 'bash', process.execPath, script, path, plan], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function linesUntil(child: ChildProcess, done: (line: Line) => boolean): Promise<Line[]> {
  const lines: Line[] = [];
  if (child.stdout === null) return lines;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (done(line)) break;
  }
  return lines;
}

const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else
      child.once('exit', () => {
        resolve();
      });
  });

describe('a process that is killed', () => {
  it('right after a large import, before it is moved into the case file, has imported', async () => {
    const path = join(folder, 'a.bezoar');
    const child = importChild(path);
    const lines = await linesUntil(child, (line) => 'end' in line);
    child.kill('SIGKILL');
    await exited(child);
    expect(lines.at(-1)).toEqual({ end: 'imported' });
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(16 * 1024 * 1024);
    const caseFile = openCaseFile(path, options);
    expect(caseFile.state()).toMatchObject({ counts: { evidence: 3, investigated: 120_000 } });
    expect(caseFile.audit.verify().ok).toBe(true);
    caseFile.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('a.'))).toEqual(['a.bezoar']);
  });

  it('in the middle of an import keeps others out while it lives and leaves an empty, whole case', async () => {
    const path = join(folder, 'a.bezoar');
    const child = importChild(path);
    // Rows of the import stand in the log of the transaction, and nothing of it is committed.
    await linesUntil(child, (line) => Number(line.fraction) < 1 && statSync(`${path}-wal`).size > 0);
    expect(failureOf(() => openCaseFile(path, options)).code).toBe('case/in-use');
    child.kill('SIGKILL');
    await exited(child);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const caseFile = openCaseFile(path, options);
    expect(caseFile.state()).toMatchObject({ counts: { evidence: 0, investigated: 0 }, auditCount: 1 });
    expect(caseFile.audit.verify().ok).toBe(true);
    await runImport(caseFile, [smallEvidence(area, ROWS)], unwatched());
    caseFile.close();
    expect(readdirSync(folder)).toEqual(['a.bezoar']);
  });

  it('and one that lives: the second opening in one process is refused as well', () => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const caseFile = openCaseFile(path, options);
    expect(failureOf(() => openCaseFile(path, options)).code).toBe('case/in-use');
    caseFile.setQuestion('still mine');
    caseFile.close();
    openCaseFile(path, options).close();
  });
});

/** Everything that a case can be asked, as one text; it throws what reading throws. */
function everything(caseFile: CaseFile): string {
  const told: unknown[] = [
    caseFile.state().counts,
    caseFile.evidence.list(),
    caseFile.datasets.list(),
    caseFile.loadView(),
    caseFile.audit.page(null, 100),
  ];
  for (const { id, rows, matrices } of caseFile.datasets.list()) {
    told.push(
      caseFile.datasets.samples(
        id,
        Array.from({ length: rows }, (_, row) => row),
      ),
    );
    told.push([...caseFile.verdicts.bytes(id)], caseFile.verdicts.decided(id, 'poison'));
    told.push(caseFile.structures.list(), caseFile.structures.inForce(id));
    for (const matrix of matrices) told.push(caseFile.matrices.hash(matrix));
  }
  for (const { id, rows } of caseFile.logs.list()) {
    const all = Array.from({ length: rows }, (_, row) => row);
    told.push(caseFile.logs.get(id), caseFile.logs.rows(id, all), caseFile.logs.badLines(id));
  }
  return JSON.stringify(told);
}

describe('damaged bytes', () => {
  it('anywhere in the file are refused on opening, found by the check, or change nothing', () => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const sound = openCaseFile(path, options);
    const expected = everything(sound);
    sound.close();
    const bytes = readFileSync(whole);
    const outcomes = { refused: 0, found: 0, harmless: 0 };
    // Every 16th byte of the header, then steps that come by every page at changing places.
    const offsets = [
      ...Array.from({ length: 7 }, (_, at) => at * 16),
      ...Array.from(
        { length: 160 },
        (_, at) => (100 + at * Math.floor(bytes.length / 160) + at * 37) % bytes.length,
      ),
    ];
    for (const offset of offsets) {
      const damaged = Buffer.from(bytes);
      damaged.set([(damaged[offset] ?? 0) ^ 0xff, (damaged[offset + 1] ?? 0) ^ 0x5a], offset);
      writeFileSync(path, damaged.subarray(0, bytes.length));
      let caseFile: CaseFile | null = null;
      try {
        caseFile = openCaseFile(path, options);
        if (!caseFile.audit.verify().ok) outcomes.found += 1;
        else {
          expect(everything(caseFile), `byte ${offset}`).toBe(expected);
          outcomes.harmless += 1;
        }
      } catch (error) {
        expect(error, `byte ${offset}: ${String(error)}`).toBeInstanceOf(BezoarError);
        expect((error as BezoarError).code).toMatch(/^case\//);
        if (caseFile === null) outcomes.refused += 1;
        else outcomes.found += 1;
      } finally {
        caseFile?.close();
      }
    }
    expect(outcomes.refused).toBeGreaterThan(5);
    expect(outcomes.found).toBeGreaterThan(20);
    expect(outcomes.refused + outcomes.found + outcomes.harmless).toBe(offsets.length);
  });

  it('and a file cut off anywhere is refused, untouched', () => {
    const path = join(folder, 'a.bezoar');
    const size = statSync(whole).size;
    for (const part of [0.02, 0.1, 0.33, 0.5, 0.77, 0.99]) {
      copyFileSync(whole, path);
      truncateSync(path, Math.floor(size * part));
      expect(refusal(path).code).toMatch(/^case\/(corrupt|not-a-case)$/);
    }
  });
});

describe('someone who alters a case with other tools', () => {
  const guards = (table: string): string =>
    `DROP TRIGGER ${table}_no_update; DROP TRIGGER ${table}_no_delete`;
  const tampering: [string, string, string][] = [
    ['an audit line', `${guards('audit')}; UPDATE audit SET actor = 'eve' WHERE seq = 2`, 'guards'],
    [
      'the last audit line away',
      `PRAGMA foreign_keys = OFF; ${guards('audit')}; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)`,
      'guards',
    ],
    ['a label', "UPDATE sample SET label = 'class-9' WHERE row = 5", 'samples'],
    ['a loss', 'UPDATE record_1 SET c0 = 99 WHERE row = 5', 'samples'],
    ['a sample away', 'PRAGMA foreign_keys = OFF; DELETE FROM sample WHERE row = 899', 'samples'],
    ['the hash of the evidence', "UPDATE evidence SET sha256 = 'aa' WHERE id = 1", 'evidence'],
    [
      'the activations',
      'UPDATE matrix_chunk SET bytes = zeroblob(length(bytes)) WHERE matrix = 1',
      'activations',
    ],
    [
      'a verdict in',
      "INSERT INTO verdict (action, dataset, row, verdict) VALUES (1, 1, 600, 'poison')",
      'verdicts',
    ],
    [
      'an action in',
      "INSERT INTO verdict_action (kind, dataset, reason, who, at_ms, audit_seq) VALUES ('set', 1, '', 'eve', 1, 2)",
      'verdict_action',
    ],
    [
      'a known structure in',
      `INSERT INTO known_structure (scan, class_name, rows, keys, reason, who, at_ms, audit_seq)
         VALUES (1, 'class-1', 1, '["k-1"]', '', 'eve', 1, 2)`,
      'known_structure',
    ],
    [
      'a withdrawal in',
      "INSERT INTO structure_withdrawal (structure, who, at_ms, audit_seq) VALUES (2, 'eve', 1, 2)",
      'structure_withdrawal',
    ],
  ];

  it.each(tampering)('%s: the check says so', (_name, sql, said) => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const other = connect(path);
    other.script(sql);
    other.close();
    const caseFile = openCaseFile(path, options);
    const verdict = caseFile.audit.verify();
    caseFile.close();
    expect(verdict.ok).toBe(false);
    expect(verdict.sentence).toContain(said);
  });

  it.each([
    ['a count that no file could hold', 'UPDATE dataset SET rows = 1099511627776 WHERE id = 1', 'set 1'],
    ['a negative count', 'UPDATE dataset SET rows = -1 WHERE id = 1', 'set 1'],
    [
      'a view in place of records',
      'DROP TABLE record_1; CREATE VIEW record_1 AS SELECT 1 AS row',
      'record_1',
    ],
    ['a table that counts along', 'CREATE TABLE record_9 (row INTEGER PRIMARY KEY, c0 TEXT)', 'record_9'],
  ])('%s: it is refused', (_name, sql, said) => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const other = connect(path);
    other.script(sql);
    other.close();
    expect(refusal(path)).toMatchObject({
      code: 'case/corrupt',
      message: expect.stringContaining(said) as string,
    });
  });

  it('a trigger under the name of a record table: the check says so', () => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const other = connect(path);
    other.script(
      "CREATE TRIGGER record_2 BEFORE INSERT ON verdict BEGIN SELECT RAISE(IGNORE) WHERE NEW.verdict = 'poison'; END",
    );
    other.close();
    const caseFile = openCaseFile(path, options);
    expect(caseFile.audit.verify()).toMatchObject({ ok: false });
    caseFile.close();
  });

  it.each([
    ['known_structure', `keys = '["k-1"]' WHERE id = 2`, 'known structure 2'],
    ['structure_withdrawal', "who = 'eve'", 'known structure 1'],
  ])('%s, with the guards put back: the check says which', (table, change, said) => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const other = connect(path);
    const name = `${table}_no_update`;
    const guard = other.column<string>('SELECT sql FROM sqlite_schema WHERE name = ?', name)[0] ?? '';
    other.script(`DROP TRIGGER ${name}; UPDATE ${table} SET ${change}; ${guard}`);
    other.close();
    const caseFile = openCaseFile(path, options);
    expect(caseFile.audit.verify().sentence).toContain(said);
    caseFile.close();
  });

  it('an audit line, with the guards put back: the chain says which', () => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const other = connect(path);
    const guard =
      other.column<string>("SELECT sql FROM sqlite_schema WHERE name = 'audit_no_update'")[0] ?? '';
    other.script(`DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'eve' WHERE seq = 2; ${guard}`);
    other.close();
    const caseFile = openCaseFile(path, options);
    expect(caseFile.audit.verify()).toMatchObject({ ok: false });
    expect(caseFile.audit.verify().sentence).toContain('audit line 2');
    caseFile.close();
  });
});

describe('a case that is taken away while it is open', () => {
  it.each([
    ['deleted', (path: string) => rmSync(path)],
    ['moved', (path: string) => renameSync(path, join(folder, 'elsewhere.bezoar'))],
    [
      'put another in its place',
      (path: string) => {
        rmSync(path);
        copyFileSync(whole, path);
      },
    ],
  ])('%s: what is decided afterwards is refused instead of being lost', (_how, take) => {
    const path = join(folder, 'a.bezoar');
    copyFileSync(whole, path);
    const caseFile = openCaseFile(path, options);
    take(path);
    for (const change of [
      () => caseFile.verdicts.set(1, [9], 'poison', ''),
      () => {
        caseFile.saveView('{}');
      },
      () => caseFile.beginImport(),
    ])
      expect(failureOf(change).code).toBe('case/missing');
    caseFile.close();
  });

  it('and goes on when it is back', () => {
    const [path, away] = [join(folder, 'a.bezoar'), join(folder, 'b.bezoar')];
    copyFileSync(whole, path);
    const caseFile = openCaseFile(path, options);
    renameSync(path, away);
    expect(failureOf(() => caseFile.verdicts.set(1, [9], 'poison', '')).code).toBe('case/missing');
    renameSync(away, path);
    expect(caseFile.verdicts.set(1, [9], 'poison', '')).toBe(1);
    caseFile.close();
  });
});

it('is one case under a link as well: the second opening is refused', ({ skip }) => {
  const [path, link] = [join(folder, 'a.bezoar'), join(folder, 'link.bezoar')];
  copyFileSync(whole, path);
  try {
    symlinkSync(path, link);
  } catch {
    skip('this account may not make links');
  }
  const caseFile = openCaseFile(path, options);
  expect(failureOf(() => openCaseFile(link, options)).code).toBe('case/in-use');
  caseFile.close();
});

it('leaves no file of its own beside a closed case', () => {
  const path = join(folder, 'a.bezoar');
  mkdirSync(join(folder, 'x'));
  const caseFile = createCaseFile(path, options);
  expect(existsSync(`${path}-lock`)).toBe(true);
  caseFile.close();
  caseFile.close();
  expect(readdirSync(folder)).toEqual(['a.bezoar', 'x']);
});
