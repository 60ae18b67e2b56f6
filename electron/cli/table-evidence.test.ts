import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import {
  FixedSizeList,
  Float32,
  makeData,
  Table,
  tableFromArrays,
  tableToIPC,
  Vector,
  Field,
} from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeActivations, writeRecords } from '../../test/fixtures/made-evidence.ts';
import { asJsonLines, burstLog, madeRequests, quietLog } from '../../test/fixtures/made-requests.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const FORMATS = join(import.meta.dirname, '../../test/fixtures/formats');
const [ROWS, COLS] = [600, 8];

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bezoar-tables-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command; what it said where it did not end with one of these codes. */
function bezoar(argv: readonly string[], codes: readonly number[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...argv]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (err += text.toString()));
    child.on('close', (code) => {
      if (codes.includes(code ?? -1)) resolve(out);
      else reject(new Error(`${argv.join(' ')} ended with ${code}: ${err}`));
    });
  });
}

/** The matrix of a .npy file as an Arrow file with a column of lists. */
function asArrow(npy: string): Uint8Array {
  const bytes = readFileSync(npy);
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - ROWS * COLS * 4));
  const type = new FixedSizeList(COLS, new Field('item', new Float32(), false));
  const child = makeData({ type: new Float32(), data: values });
  const vector = new Vector([makeData({ type, child, length: ROWS, nullCount: 0 })]);
  return tableToIPC(new Table({ vector }), 'file');
}

describe('scan', () => {
  it('finds the same in an Arrow file and packed records as in .npy and .csv', async () => {
    writeActivations(at('a.npy'), ROWS, COLS, 3);
    writeRecords(at('r.csv'), ROWS, 3);
    writeFileSync(at('a.arrow'), asArrow(at('a.npy')));
    writeFileSync(at('r.csv.zst'), zstdCompressSync(readFileSync(at('r.csv'))));
    const scan = (out: string, activations: string, records: string): Promise<string> =>
      bezoar(['scan', '--activations', activations, '--records', records, '--out', at(out)], [0]);
    await scan('plain', at('a.npy'), at('r.csv'));
    await scan('tables', `${at('a.arrow')}:vector`, at('r.csv.zst'));
    const suspects = readFileSync(at('plain/suspects.csv'), 'utf8');
    expect(suspects.split(/\r?\n/).length).toBeGreaterThan(ROWS);
    expect(readFileSync(at('tables/suspects.csv'), 'utf8')).toBe(suspects);
  }, 120_000);

  it('takes records, activations and images from the files of a Hugging Face data set', async () => {
    const [first, second] = ['0', '1'].map((n) =>
      join(FORMATS, `hugging-face/train-0000${n}-of-00002.parquet`),
    );
    const argv = ['scan', '--records', first ?? '', '--records', second ?? '', '--label', 'size'];
    argv.push('--activations', `${first}:vector`, '--images', `${first}:image`, '--out', at('hub'));
    await bezoar(argv, [0]);
    const [header = '', ...rows] = readFileSync(at('hub/suspects.csv'), 'utf8').trimEnd().split(/\r?\n/);
    const [key, label] = ['key', 'label'].map((name) => header.split(',').indexOf(name));
    const cells = rows.map((row) => row.split(',')).map((row) => [row[key ?? -1], row[label ?? -1]]);
    expect(new Map(cells as [string, string][])).toEqual(
      new Map(Array.from({ length: 13 }, (_, i) => [String(i), i % 2 === 0 ? 'small' : 'large'])),
    );
  }, 120_000);
});

describe('inspect', () => {
  it('says that a column of a Parquet file holds images, and of what size', async () => {
    const path = join(FORMATS, 'hugging-face/train-00000-of-00002.parquet');
    const { files } = JSON.parse(await bezoar(['inspect', path, '--json'], [0])) as {
      files: { format: string; arrays: { name: string; shape: number[]; role: string | null }[] }[];
    };
    expect(files[0]?.format).toBe('parquet');
    expect(files[0]?.arrays).toContainEqual(
      expect.objectContaining({ name: 'image', shape: [8, 7, 11, 3], role: 'images' }),
    );
  }, 60_000);
});

describe('monitor', () => {
  it('tells the same alerts of a JSON list and an Arrow file as of JSON Lines', async () => {
    const [quiet, burst] = [madeRequests(quietLog), madeRequests(burstLog)];
    writeFileSync(at('quiet.jsonl'), asJsonLines(quiet));
    writeFileSync(at('burst.jsonl'), asJsonLines(burst));
    writeFileSync(at('quiet.json.zst'), zstdCompressSync(JSON.stringify(quiet, null, 1)));
    const names = Object.keys(burst[0] ?? {}) as (keyof (typeof burst)[number])[];
    const columns = Object.fromEntries(names.map((name) => [name, burst.map((one) => one[name])]));
    writeFileSync(at('burst.arrow'), tableToIPC(tableFromArrays(columns), 'file'));
    const monitor = async (out: string, baseline: string, log: string): Promise<string> => {
      await bezoar(['monitor', '--baseline', at(baseline), '--log', at(log), '--out', at(out)], [0]);
      return readFileSync(join(at(out), 'alerts.json'), 'utf8');
    };
    const alerts = await monitor('lines', 'quiet.jsonl', 'burst.jsonl');
    expect(alerts).toContain('attack-like');
    expect(await monitor('others', 'quiet.json.zst', 'burst.arrow')).toBe(alerts);
  }, 180_000);
});
