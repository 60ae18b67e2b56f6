import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import { addStoredScan } from '../../../test/fixtures/stored-scan.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { CaseFile } from '../case/case-file.ts';
import { connect } from '../case/connection.ts';
import { createCaseFile, openCaseFile } from '../case/open-case-file.ts';
import { readOtherCase } from '../case/other-case.ts';
import { compareCases, comparisonFacts } from '../compare/compare-cases.ts';
import { takeOver } from '../compare/take-over.ts';
import { runImport } from '../ingest/import-job.ts';
import { refusePortable } from '../jobs/case-job.ts';
import { writeExport } from './write-export.ts';
import { exportPortableCase } from './portable-case.ts';

const ROWS = 900;
const options = { proposedActor: 'A. Nalyst' };
let folder = '';
let whole: CaseFile;
let path = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-portable-'));
  path = join(folder, 'Part.bezoar');
  whole = createCaseFile(join(folder, 'Whole.bezoar'), options);
  await runImport(
    whole,
    [smallEvidence(folder, ROWS), { ...smallEvidence(folder, 40, 't'), role: 'trusted' }],
    unwatched(),
  );
  whole.setAnalyst('A. Nalyst');
  whole.setQuestion('Which classes?');
});
afterEach(() => {
  whole.close();
  rmSync(folder, { recursive: true, force: true });
});

const setOf = (caseFile: CaseFile): number => caseFile.datasets.active('investigated')?.id ?? 0;

function decide(): void {
  const dataset = setOf(whole);
  whole.verdicts.set(dataset, [800, 3, 500], 'poison', 'patch');
  whole.verdicts.set(dataset, [3, 20], 'clean', '');
  whole.verdicts.set(dataset, [21], 'unsure', '');
  whole.verdicts.set(dataset, [22], 'poison', '');
  whole.verdicts.undo();
  whole.datasets.setNote(dataset, 7, 'look again');
  const scan = addStoredScan(whole, [1, 4], 'structure');
  whole.structures.add({ scan, className: 'class-1', keys: ['k-1', 'k-4'], reason: 'sleeves' });
}

/** Runs the command as it may be run here; false where the system does not allow it. */
const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

const rowsHeld = [1, 3, 4, 7, 20, 21, 500, 800];

describe('a portable case', () => {
  it('holds what was decided and cited, the evidence by its hashes, and whose decisions they are', async () => {
    decide();
    const head = whole.audit.head();
    expect(await exportPortableCase(whole, path, unwatched())).toBe(rowsHeld.length);
    const part = openCaseFile(path, { proposedActor: 'B. Nalyst' });
    try {
      expect(part.audit.verify()).toMatchObject({ ok: true });
      expect(part.state()).toMatchObject({
        name: 'Part',
        analyst: null,
        question: 'Which classes?',
        counts: { investigated: rowsHeld.length, trusted: 0, poison: 2, clean: 2, unsure: 1 },
        portable: {
          caseId: whole.id,
          caseName: 'Whole',
          auditHead: head.hash,
          auditCount: head.seq,
          by: 'A. Nalyst',
          samples: rowsHeld.length,
          of: ROWS,
        },
      });
      expect(part.id).not.toBe(whole.id);
      const files = (caseFile: CaseFile) =>
        caseFile.evidence.list().map(({ name, sha256, size, rows }) => ({ name, sha256, size, rows }));
      expect(files(part)).toEqual(files(whole));
      const held = rowsHeld.map((_, row) => row);
      const content = (caseFile: CaseFile, rows: readonly number[]) =>
        caseFile.datasets.samples(setOf(caseFile), rows).map((sample) => ({ ...sample, row: 0 }));
      expect(content(part, held)).toEqual(content(whole, rowsHeld));
      for (const role of ['activations', 'images'] as const) {
        const [here, there] = [
          part.matrices.find(setOf(part), role),
          whole.matrices.find(setOf(whole), role),
        ];
        if (here === null || there === null) throw new Error(`no ${role}`);
        expect(part.matrices.imageRows(here, held).data).toEqual(
          whole.matrices.imageRows(there, rowsHeld).data,
        );
      }
      expect(part.verdicts.history(setOf(part), 7)).toMatchObject([{ verdict: 'poison', reason: 'patch' }]);
      const decided = whole.verdicts.decided(setOf(whole), 'poison').map(({ entry }) => entry);
      expect(part.verdicts.decided(setOf(part), 'poison').map(({ entry }) => entry)).toEqual(decided);
      expect(part.compared.fullRow(setOf(part), 7)).toBe(800);
    } finally {
      part.close();
    }
    expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([]);
    expect(whole.exports.list()[0]).toMatchObject({
      kind: 'portable-case',
      name: 'Part.bezoar',
      auditHead: head.hash,
    });
    expect(whole.audit.verify().ok).toBe(true);
  });

  it('refuses what needs the whole of the evidence, and lists poison by its row there', async () => {
    decide();
    await exportPortableCase(whole, path, unwatched());
    const part = openCaseFile(path, options);
    try {
      expect(() => {
        refusePortable(part, 'A scan');
      }).toThrow('8 of 900 samples of Whole');
      const request = { scan: null, target: join(folder, 'out'), version: '1' } as const;
      expect(await failureLater(() => writeExport(part, { ...request, kind: 'manifest' }))).toMatchObject({
        code: 'case/portable',
      });
      await writeExport(part, { ...request, kind: 'poison-json' });
      const list = JSON.parse(readFileSync(request.target, 'utf8')) as {
        samples: { key: string; row: number }[];
      };
      expect(list.samples.map(({ key, row }) => [key, row])).toEqual([
        ['k-500', 500],
        ['k-800', 800],
      ]);
    } finally {
      part.close();
    }
  });

  it('is compared with a case of the evidence by row, and its verdicts are taken over', async () => {
    decide();
    await exportPortableCase(whole, path, unwatched());
    const again = createCaseFile(join(folder, 'Again.bezoar'), { proposedActor: 'C. Nalyst' });
    try {
      await runImport(again, [smallEvidence(folder, ROWS)], unwatched());
      const other = readOtherCase(path, () => undefined);
      const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
      const file = { name: 'Part.bezoar', size: readFileSync(path).length, sha256 };
      const kept = await compareCases(again, { other, file }, unwatched());
      const facts = comparisonFacts(again, 1, kept);
      expect(facts).toMatchObject({
        matching: { by: 'row' },
        sameCase: false,
        other: { auditHolds: true, portable: { samples: rowsHeld.length, of: ROWS } },
        verdicts: { theirs: 5, fresh: { poison: 2, clean: 2, unsure: 1 }, unmatched: 0 },
        notes: 1,
      });
      const choice = {
        kinds: ['poison', 'clean', 'unsure'] as const,
        leftOut: [],
        conflicts: { theirs: [], ours: [], otherwise: null },
      };
      takeOver(again, kept, new Set(), { ...choice, kinds: [...choice.kinds] });
      for (const verdict of ['poison', 'clean', 'unsure'] as const)
        expect(again.verdicts.decided(setOf(again), verdict).map(({ row }) => row)).toEqual(
          whole.verdicts.decided(setOf(whole), verdict).map(({ row }) => row),
        );
      expect(again.verdicts.decided(setOf(again), 'poison')[0]?.entry.origin).toMatchObject({
        caseId: whole.id,
        who: 'A. Nalyst',
        sha256,
      });
      expect(again.audit.verify().ok).toBe(true);
      // A part of a case that took verdicts over keeps where they came from.
      const second = join(folder, 'Second.bezoar');
      await exportPortableCase(again, second, unwatched());
      const origin = readOtherCase(second, () => undefined);
      expect(origin.audit.ok).toBe(true);
      expect(origin.samples.find(({ key }) => key === 'k-500')?.verdict?.reason).toBe(
        'patch (taken over from Whole, decided there by A. Nalyst)',
      );
    } finally {
      again.close();
    }
  });

  it('of a portable case is a part of the same whole', async () => {
    decide();
    await exportPortableCase(whole, path, unwatched());
    const part = openCaseFile(path, options);
    const smaller = join(folder, 'Smaller.bezoar');
    part.datasets.setNote(setOf(part), 6, '');
    part.verdicts.set(setOf(part), [0, 1, 2, 3, 4], null, '');
    await exportPortableCase(part, smaller, unwatched());
    const kept = await compareCases(
      part,
      { other: readOtherCase(smaller, () => undefined), file: { name: '', size: 0, sha256: '' } },
      unwatched(),
    );
    expect(comparisonFacts(part, 1, kept)).toMatchObject({
      sameCase: true,
      matching: { by: 'row' },
      verdicts: { theirs: 3, agree: 3, unmatched: 0 },
    });
    part.close();
  });

  it('is not written without a decision, over the open case, or beside the log of another', async () => {
    const failure = (target: string) => failureLater(() => exportPortableCase(whole, target, unwatched()));
    expect(await failure(path)).toMatchObject({ code: 'export/nothing' });
    decide();
    expect(await failure(whole.path)).toMatchObject({ code: 'export/failed' });
    writeFileSync(`${path}-wal`, 'log');
    expect(await failure(path)).toMatchObject({ code: 'export/failed' });
    expect(await failure(join(folder, 'none', 'x.bezoar'))).toMatchObject({ code: 'export/failed' });
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder).some((name) => name.endsWith('.part'))).toBe(false);
  });

  it('leaves nothing when it is cancelled, and what stood there when it fails', async () => {
    decide();
    writeFileSync(path, 'mine');
    const before = whole.audit.head();
    await expect(
      exportPortableCase(whole, path, { ...unwatched(), cancelled: () => true }),
    ).rejects.toBeInstanceOf(Cancelled);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(readdirSync(folder).some((name) => name.includes('.part'))).toBe(false);
    expect(whole.audit.head()).toEqual(before);
  });

  it('on a full disk is refused, nothing is left, and the case is as it was', async ({ skip }) => {
    const small = join(folder, 'small');
    mkdirSync(small);
    const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', small);
    if (!mounted) {
      skip('no small file system can be mounted here');
      return;
    }
    try {
      decide();
      const before = whole.audit.head();
      const failure = await failureLater(() =>
        exportPortableCase(whole, join(small, 'x.bezoar'), unwatched()),
      );
      expect(failure).toMatchObject({ code: 'export/failed' });
      expect(failure.message).toContain('the disk is full');
      expect(readdirSync(small)).toEqual([]);
      expect(whole.audit.head()).toEqual(before);
    } finally {
      run('umount', small);
    }
  });

  it('that others alter in what it says it is a part of is found out', async () => {
    decide();
    await exportPortableCase(whole, path, unwatched());
    const other = connect(path);
    const name = 'portable_sample_no_update';
    const guard = other.column<string>('SELECT sql FROM sqlite_schema WHERE name = ?', name)[0] ?? '';
    other.script(
      `DROP TRIGGER ${name}; UPDATE portable_sample SET full_row = 801 WHERE full_row = 800; ${guard}`,
    );
    other.close();
    const read = readOtherCase(path, () => undefined);
    expect(read.audit.ok).toBe(false);
    expect(read.audit.sentence).toContain('what this case is a part of');
  });
});
