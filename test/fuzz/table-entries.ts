import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { bytesAsSource } from '../../electron/engine/ingest/byte-source.ts';
import { openEvidence } from '../../electron/engine/ingest/open-evidence.ts';
import type { Cell, Reader } from '../../electron/engine/ingest/reader.ts';
import { arrowReader } from '../../electron/engine/ingest/readers/arrow.ts';
import { csvReader } from '../../electron/engine/ingest/readers/csv.ts';
import { jsonLinesReader } from '../../electron/engine/ingest/readers/json-lines.ts';
import { jsonReader } from '../../electron/engine/ingest/readers/json.ts';
import { parquetReader } from '../../electron/engine/ingest/readers/parquet.ts';
import { unpacked, type Compression } from '../../electron/engine/ingest/unpacked-source.ts';
import type { FuzzEntry, Reading, SeedFile } from './fuzz-entry.ts';
import { changed, type Draws } from './mutant.ts';
import { readContent, type ReadTable } from './read-evidence.ts';
import { csvDiffers, jsonDiffers, jsonLinesDiffers } from './second-readers.ts';
import { written } from './seed-files.ts';

/** JSON has no words for numbers that are none. */
const asJson = (cell: Cell): Cell =>
  typeof cell !== 'number' || Number.isFinite(cell) ? cell : Number.isNaN(cell) ? null : String(cell);

const readBy =
  (reader: Reader, second?: (bytes: Uint8Array, table: ReadTable) => string | null, tell = false) =>
  async (name: string, bytes: Uint8Array): Promise<Reading> => {
    const source = bytesAsSource(name, bytes);
    const { decoded, arrays, table } = await readContent(source, await reader.open(source));
    return {
      decoded,
      arrays,
      told: tell
        ? { header: table?.header, records: table?.records.map((record) => record?.map(asJson)) }
        : undefined,
      differs: (of) => (table === null ? null : (second?.(of, table) ?? null)),
    };
  };

const pack = (kind: Compression, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(kind === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes));
const unpack = (kind: Compression, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(kind === 'gzip' ? gunzipSync(bytes) : zstdDecompressSync(bytes));

const packedSeeds = (kind: Compression): readonly SeedFile[] =>
  written(
    'labels.npy',
    'fortran.npy',
    'tables/comma.csv',
    'tables/nested.jsonl',
    'idx/values-idx2-int16',
    'small.npz',
  ).map(({ name, bytes }) => ({
    name: `${name}.${kind === 'gzip' ? 'gz' : 'zst'}`,
    bytes: pack(kind, bytes),
  }));

/** A packed file through the door that the import uses, and what it was unpacked to. */
const packed = (kind: Compression): FuzzEntry => ({
  name: kind,
  covers: [],
  seeds: () => packedSeeds(kind),
  mutant: (seed, seeds, draws: Draws) => {
    const others = seeds.map(({ bytes }) => bytes);
    if (draws.below(2) === 0) return changed(seed.bytes, others, draws);
    return pack(kind, changed(unpack(kind, seed.bytes), others, draws));
  },
  read: async (name, bytes) => {
    const folder = mkdtempSync(join(tmpdir(), 'bezoar-fuzz-'));
    try {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      const file = await openEvidence(path);
      try {
        // Entries of the table's cells are among its entries already.
        const { decoded, arrays } = await readContent(file, { ...file.content, close: undefined });
        const hash = createHash('sha256');
        if (file.compression !== null)
          for await (const block of unpacked(bytesAsSource(name, bytes), file.compression, 2 ** 32))
            hash.update(block);
        return {
          decoded,
          arrays: [],
          told: { arrays: arrays.length, unpacked: file.compression === null ? null : hash.digest('hex') },
        };
      } finally {
        file.close();
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  peer: kind === 'gzip' ? 'gzip' : null,
});

export const tableEntriesToFuzz: readonly FuzzEntry[] = [
  {
    name: 'parquet',
    covers: ['parquet'],
    seeds: () =>
      written(
        'tables/int96.parquet',
        'tables/duckdb-v2.parquet',
        'tables/typed-plain.parquet',
        'tables/typed-delta.parquet',
        'tables/typed-snappy.parquet',
        'tables/typed-lz4.parquet',
        'tables/typed-gzip-v2.parquet',
        'tables/typed-zstd-pages.parquet',
      ),
    read: readBy(parquetReader, undefined, true),
    peer: 'parquet',
  },
  {
    name: 'arrow',
    covers: ['arrow'],
    seeds: () =>
      written(
        'tables/views.arrow',
        'tables/delta.arrows',
        'tables/arrow-js.arrow',
        'tables/typed.arrows',
        'tables/typed-lz4.feather',
        'tables/typed-plain.feather',
      ),
    read: readBy(arrowReader, undefined, true),
    peer: 'arrow',
  },
  {
    name: 'csv',
    covers: ['csv'],
    seeds: () =>
      written(
        'tables/comma.csv',
        'tables/semicolon.csv',
        'tables/tab.tsv',
        'tables/bar.txt',
        'tables/utf16.csv',
        'tables/quoted.csv',
        'tables/escaped.csv',
        'tables/no-header.csv',
      ),
    read: readBy(csvReader, csvDiffers),
    peer: null,
  },
  {
    name: 'json',
    covers: ['json'],
    seeds: () =>
      written(
        'tables/records.json',
        'tables/pretty.json',
        'tables/columns.json',
        'tables/index.json',
        'tables/split.json',
        'tables/table.json',
        'tables/values.json',
      ),
    read: readBy(jsonReader, jsonDiffers),
    peer: null,
  },
  {
    name: 'json-lines',
    covers: ['json-lines'],
    seeds: () => written('tables/lines.jsonl', 'tables/nested.jsonl'),
    read: readBy(jsonLinesReader, jsonLinesDiffers),
    peer: null,
  },
  packed('gzip'),
  packed('zstd'),
];
