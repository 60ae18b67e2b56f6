import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureLater } from '../../../test/fixtures/failure-code.ts';
import { smallEvidence, unwatched } from '../../../test/fixtures/small-evidence.ts';
import { addStoredScan } from '../../../test/fixtures/stored-scan.ts';
import type { ExportKind, ExportRecord } from '../../contract/exports.ts';
import type { CaseFile } from '../case/case-file.ts';
import { createCaseFile } from '../case/open-case-file.ts';
import { runImport } from '../ingest/import-job.ts';
import { previewExport, writeExport } from './write-export.ts';

const ROWS = 90;
let folder = '';
let caseFile: CaseFile;
let scan = 0;

const write = (kind: ExportKind, name: string, withScan = true): Promise<ExportRecord> =>
  writeExport(caseFile, { kind, scan: withScan ? scan : null, target: join(folder, name), version: '0.1.0' });
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-export-'));
  caseFile = createCaseFile(join(folder, 'Harbour <1>.bezoar'), { proposedActor: 'tester' });
  const trusted = { ...smallEvidence(folder, 12, '=t'), role: 'trusted' as const };
  // Keys of this set look like formulas.
  await runImport(caseFile, [smallEvidence(folder, ROWS, '=k,'), trusted], unwatched());
  scan = addStoredScan(caseFile, [4, 1, 7, 10, 13]);
});
afterAll(() => {
  caseFile.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a JSON schema of docs/schemas says against a file; empty when it holds. */
function objections(schema: string, value: unknown): unknown {
  const ajv = new Ajv2020({ strict: true, validateFormats: false, allowUnionTypes: true });
  const validate = ajv.compile(
    JSON.parse(
      readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'schemas', schema), 'utf8'),
    ) as Record<string, unknown>,
  );
  return validate(value) ? [] : validate.errors;
}

describe('before any verdict', () => {
  it('there is no poison to list, and the manifest keeps everything', async () => {
    const before = readdirSync(folder);
    expect((await failureLater(() => write('poison-csv', 'p.csv'))).code).toBe('export/nothing');
    expect((await failureLater(() => write('poison-json', 'p.json'))).code).toBe('export/nothing');
    expect((await failureLater(() => write('suspects-csv', 's.csv', false))).code).toBe('export/nothing');
    expect(readdirSync(folder)).toEqual(before);
    expect(previewExport(caseFile, scan)).toMatchObject({
      total: ROWS,
      poison: 0,
      suspects: 5,
      undecided: 5,
      kept: ROWS,
    });
    expect(previewExport(caseFile, null)).toMatchObject({ suspects: 0, undecided: 0 });
  });
});

describe('with verdicts', () => {
  beforeAll(() => {
    const dataset = caseFile.datasets.active('investigated')?.id ?? 0;
    caseFile.setAnalyst('@Ana');
    caseFile.setQuestion('Who <script>alert(1)</script> did it?');
    caseFile.verdicts.set(dataset, [1, 4], 'poison', '-patch, "lower" corner');
    caseFile.verdicts.set(dataset, [7], 'unsure', '');
    caseFile.verdicts.set(dataset, [10, 2], 'clean', '');
  });

  it('the preview counts what is removed and what is kept', () => {
    expect(previewExport(caseFile, scan)).toEqual({
      total: ROWS,
      cited: 5,
      poison: 2,
      clean: 2,
      unsure: 1,
      suspects: 5,
      undecided: 1,
      kept: ROWS - 2,
      sentence:
        '2 of 90 samples are confirmed as poison and are removed. 88 are kept, among them 1 suspect without a verdict and 1 marked unsure, both listed apart.',
    });
  });

  it('suspects.csv has every sample in rank order with keys exact', async () => {
    await write('suspects-csv', 'suspects.csv');
    const text = read('suspects.csv');
    expect(text.split('\r\n')[0]).toBe('key,row_index,label,flagged,rank,score,p_value,methods,grade');
    const [, ...records] = parse(text);
    expect(records).toHaveLength(ROWS);
    expect(records.map((record) => Number(record[4]))).toEqual(
      Array.from({ length: ROWS }, (_, at) => at + 1),
    );
    expect(records[0]).toEqual([
      '=k,-4',
      '4',
      'class-1',
      '1',
      '1',
      'Infinity',
      '',
      'spectral-signatures;peel',
      'alarm',
    ]);
    expect(records[1]?.slice(5)).toEqual([String(1 / 6), '1e-7', 'spectral-signatures;peel', 'alarm']);
    expect(records[5]?.slice(3)).toEqual(['0', '6', String(1 / 18), '', '', '']);
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it('the poison list for people neutralises what a spreadsheet would run', async () => {
    await write('poison-csv', 'poison.csv');
    const [header, ...records] = parse(read('poison.csv'));
    expect(records).toHaveLength(2);
    const [first] = records.map((record) =>
      Object.fromEntries(record.map((cell, at) => [header?.[at], cell])),
    );
    expect(first).toMatchObject({
      key: "'=k,-1",
      row_index: '1',
      label: 'class-1',
      verdict: 'poison',
      who: "'@Ana",
      why: `'-patch, "lower" corner`,
      rank: '2',
      p_value: '1e-7',
      'score_spectral-signatures': String(1 / 6),
    });
    expect(first?.evidence_sha256).toMatch(
      /^records=[0-9a-f]{64};activations=[0-9a-f]{64};images=[0-9a-f]{64}$/,
    );
  });

  it('the poison list for machines holds to its schema, keys exact', async () => {
    await write('poison-json', 'poison.json');
    const list = JSON.parse(read('poison.json')) as { samples: { key: string; score: unknown }[] };
    expect(objections('poison-list.schema.json', list)).toEqual([]);
    expect(list).toMatchObject({
      count: 2,
      case: { name: 'Harbour <1>' },
      exportedBy: '@Ana',
      scan: { id: scan, seed: 7 },
    });
    expect(list.samples.map(({ key, score }) => [key, score])).toEqual([
      ['=k,-1', 1 / 6],
      ['=k,-4', 'Infinity'],
    ]);
    expect(objections('poison-list.schema.json', { ...list, samples: [{ key: 1 }] })).not.toEqual([]);
    await write('poison-json', 'poison.json', false);
    expect(objections('poison-list.schema.json', JSON.parse(read('poison.json')))).toEqual([]);
  });

  it('the manifest removes poison alone and holds to its schema', async () => {
    const record = await write('manifest', 'manifest.json');
    const manifest = JSON.parse(read('manifest.json')) as Record<
      'removed' | 'undecided' | 'unsure' | 'kept',
      string[]
    >;
    expect(objections('manifest.schema.json', manifest)).toEqual([]);
    expect(manifest).toMatchObject({
      counts: { before: ROWS, after: ROWS - 2, removed: 2, keptUndecided: 1, keptUnsure: 1, keptClean: 2 },
      removed: ['=k,-1', '=k,-4'],
      undecided: ['=k,-13'],
      unsure: ['=k,-7'],
      case: { auditHead: record.auditHead },
    });
    expect(new Set([...manifest.kept, ...manifest.removed]).size).toBe(ROWS);
    expect(manifest.kept).toEqual(expect.arrayContaining(['=k,-7', '=k,-10', '=k,-13']));
    expect(JSON.stringify(manifest)).not.toContain('=t-');
  });

  it('the report is one file without script, and runs nothing that it was given', async () => {
    await write('report', 'report.html');
    const text = read('report.html');
    expect(text).not.toMatch(/<script|<b>|javascript:|src="(?!data:)|href=/i);
    expect(text).toContain('Who &lt;script&gt;alert(1)&lt;/script&gt; did it?');
    // An entity inside a style is not decoded: the rule that holds it would be dropped.
    expect(/<style>([\s\S]*)<\/style>/.exec(text)?.[1]).not.toMatch(/&[#a-z0-9]+;/);
    expect(text).toContain('Class class-1 &lt;b&gt;&amp;');
    expect(text).toContain('Harbour &lt;1&gt;');
    expect(text).toContain(caseFile.evidence.list()[0]?.sha256);
    expect(text).toContain('No certificate: this is a ranking, not a test.');
    // The map, and two confirmed and one undecided sample with an ordinary one beside each.
    expect(text.match(/class="map"/g)).toHaveLength(1);
    expect(text.match(/class="thumbnail"/g)).toHaveLength(6);
    for (const [, png = ''] of text.matchAll(/data:image\/png;base64,([^"]+)"/g))
      expect(Buffer.from(png, 'base64').toString('latin1', 1, 4)).toBe('PNG');
    await write('report', 'report.html', false);
    expect(read('report.html')).toContain('No scan is part of this report.');
  });

  it('each is kept in the audit with its hash, and the case stays whole', () => {
    const records = caseFile.exports.list();
    expect(records.map(({ kind }) => kind)).toEqual([
      'suspects-csv',
      'poison-csv',
      'poison-json',
      'poison-json',
      'manifest',
      'report',
      'report',
    ]);
    for (const { name, sha256, bytes, kind } of records.filter((_, at) => ![2, 5].includes(at))) {
      const content = readFileSync(join(folder, name));
      expect([kind, createHash('sha256').update(content).digest('hex'), content.length]).toEqual([
        kind,
        sha256,
        bytes,
      ]);
    }
    expect(caseFile.audit.page(null, 1)[0]).toMatchObject({ action: 'export/write', actor: '@Ana' });
    expect(caseFile.audit.verify()).toMatchObject({ ok: true });
  });

  it('a failure leaves what stood there before, and nothing beside it', async () => {
    const before = [readdirSync(folder), caseFile.state().auditCount];
    expect((await failureLater(() => write('manifest', 'Harbour <1>.bezoar'))).code).toBe('export/failed');
    expect((await failureLater(() => write('manifest', 'none/m.json'))).message).toContain(
      'folder is not there',
    );
    expect((await failureLater(() => write('manifest', 'manifest.json/m.json'))).code).toBe('export/failed');
    writeFileSync(join(folder, 'manifest.json'), 'mine');
    expect(
      (
        await failureLater(() =>
          writeExport(caseFile, {
            kind: 'manifest',
            scan: 99,
            target: join(folder, 'manifest.json'),
            version: '',
          }),
        )
      ).code,
    ).toBe('scan/not-found');
    expect(read('manifest.json')).toBe('mine');
    expect([readdirSync(folder), caseFile.state().auditCount]).toEqual(before);
  });
});
