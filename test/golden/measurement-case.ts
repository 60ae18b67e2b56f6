import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { keyHashes } from '../../electron/engine/scan/key-hash.ts';
import type { Matrix, SampleSet, ScanInput } from '../../native-workers/detectors/detector.ts';
import { kernels } from '../../native-workers/engine.ts';

/** ../shared/cases holds real measurement cases with truth; tests that need them are left out without it. */
const FOLDER = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'cases');
export const casesAreHere = existsSync(FOLDER);

export interface MeasurementCase {
  readonly input: ScanInput;
  /** Shape (n,), 1 for poisoned rows. */
  readonly poisoned: Uint8Array;
}

function read(name: string, file: string): Buffer {
  const path = join(FOLDER, name, file);
  return existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
}

/** A matrix of float16 or float32 (.npy), the rows asked for. */
function matrixOf(bytes: Buffer, rows: Int32Array): Matrix {
  const length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const cols = Number(/\((?:\d+), (\d+)\)/.exec(header)?.[1]);
  const half = header.includes('<f2');
  const width = cols * (half ? 2 : 4);
  const data = new Float32Array(new SharedArrayBuffer(4 * rows.length * cols));
  rows.forEach((row, i) => {
    const start = 10 + length + row * width;
    const own = data.subarray(i * cols, (i + 1) * cols);
    const part = new Uint8Array(bytes.subarray(start, start + width)).buffer;
    if (half) kernels().halfToFloat(new Uint16Array(part), own);
    else own.set(new Float32Array(part));
  });
  return { data, rows: rows.length, cols };
}

/** Cells of a CSV file by column; quotes may stand around text with commas. */
function columnsOf(text: string): Map<string, string[]> {
  const lines = text.trimEnd().split(/\r?\n/);
  const cells = (line: string): string[] =>
    line.includes('"')
      ? [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell)
      : line.split(',');
  const names = lines[0].split(',');
  const columns = new Map(names.map((name) => [name, [] as string[]]));
  for (const line of lines.slice(1)) {
    const row = cells(line);
    names.forEach((name, at) => columns.get(name)?.push(row[at]));
  }
  return columns;
}

function sampleSet(
  name: string,
  prefix: string,
  classes: readonly string[],
  records: ReadonlyMap<string, string[]>,
  step: number,
): SampleSet {
  const all = records.get('key')?.length ?? 0;
  const rows = Int32Array.from({ length: Math.ceil(all / step) }, (_, i) => i * step);
  const of = (column: string): string[] => Array.from(rows, (row) => records.get(column)?.[row] ?? '');
  const losses = [...records.keys()].filter((column) => column.startsWith('loss'));
  const data = new Float32Array(new SharedArrayBuffer(4 * rows.length * losses.length));
  losses.forEach((column, at) => {
    of(column).forEach((loss, i) => {
      data[i * losses.length + at] = Number(loss);
    });
  });
  const indexOf = new Map(classes.map((one, index) => [one, index]));
  const shared = (values: string[]): Int32Array => {
    const out = new Int32Array(new SharedArrayBuffer(4 * rows.length));
    values.forEach((value, i) => {
      out[i] = indexOf.get(value) ?? -1;
    });
    return out;
  };
  return {
    rows: rows.length,
    label: shared(of('label')),
    predicted: shared(of('predicted')),
    keyHash: keyHashes(of('key')),
    activations: matrixOf(read(name, `${prefix}activations.npy`), rows),
    logits: null,
    losses: { names: losses, data },
    gradientNorm: null,
    images: null,
  };
}

/**
 * A measurement case as a scan sees it, without logits: every `step`-th investigated row, and all trusted rows.
 *
 * @param step 1 takes every row
 */
export function measurementCase(name: string, step: number): MeasurementCase {
  const records = columnsOf(read(name, 'records.csv').toString('utf8'));
  const hasTrusted =
    existsSync(join(FOLDER, name, 'trusted_records.csv.gz')) ||
    existsSync(join(FOLDER, name, 'trusted_records.csv'));
  const trustedRecords = hasTrusted ? columnsOf(read(name, 'trusted_records.csv').toString('utf8')) : null;
  const classes = [...new Set([...(records.get('label') ?? []), ...(records.get('predicted') ?? [])])].sort();
  const truth = columnsOf(read(name, 'truth.csv').toString('utf8')).get('poisoned') ?? [];
  return {
    input: {
      classes,
      investigated: sampleSet(name, '', classes, records, step),
      trusted: trustedRecords && sampleSet(name, 'trusted_', classes, trustedRecords, 1),
    },
    poisoned: Uint8Array.from(
      truth.filter((_, row) => row % step === 0),
      Number,
    ),
  };
}
