import { createHash } from 'node:crypto';
import { BezoarError } from '../../electron/contract/errors.ts';
import type { FileSource } from '../../electron/engine/ingest/byte-source.ts';
import type { Cell, EvidenceContent } from '../../electron/engine/ingest/reader.ts';
import type { TextReading } from '../../electron/contract/evidence.ts';
import { tableEntries } from '../../electron/engine/ingest/table-entries.ts';
import type { ReadArray } from './fuzz-entry.ts';

const ROWS_A_CHUNK = 16;

export interface ReadTable {
  readonly header: readonly string[];
  readonly typed: boolean;
  readonly reading: TextReading;
  /** Null for a record that cannot be taken. */
  readonly records: readonly (readonly Cell[] | null)[];
}

/** Everything that a file holds, read as the import reads it. */
export interface ReadContent {
  readonly decoded: number;
  readonly arrays: readonly ReadArray[];
  readonly table: ReadTable | null;
  readonly findings: number;
}

class BrokenPromise extends Error {
  override name = 'BrokenPromise';
}

/** Reads all arrays and records, and holds their order and number against what was said of them. */
export async function readContent(
  source: Pick<FileSource, 'name'>,
  content: EvidenceContent,
): Promise<ReadContent> {
  try {
    const { table } = content;
    const taken = new Set(content.entries.flatMap(({ columns = [] }) => columns));
    const more = table === null ? [] : await tableEntries(source.name, table, taken);
    const arrays: ReadArray[] = [];
    let decoded = 0;
    let refusal: BezoarError | null = null;
    for (const entry of [...content.entries, ...more]) {
      if (entry.problem !== null || entry.dtype === null) continue;
      const hash = createHash('sha256');
      let rows = 0;
      try {
        await entry.prepare?.();
        for await (const chunk of entry.chunks(ROWS_A_CHUNK)) {
          if (chunk.firstRow !== rows || chunk.rows > ROWS_A_CHUNK)
            throw new BrokenPromise('rows come out of order');
          rows += chunk.rows;
          decoded += chunk.bytes.length;
          hash.update(chunk.bytes);
        }
      } catch (error) {
        // The import of one array may fail where another one's does not.
        if (!(error instanceof BezoarError)) throw error;
        refusal ??= error;
        continue;
      }
      if (rows !== entry.shape[0])
        throw new BrokenPromise(`${rows} rows came of a shape (${entry.shape.join(', ')})`);
      arrays.push({ name: entry.name, dtype: entry.dtype, shape: entry.shape, sha256: hash.digest('hex') });
    }
    const records: (readonly Cell[] | null)[] = [];
    if (table !== null)
      try {
        for await (const batch of table.batches()) {
          if (batch.firstRow !== records.length) throw new BrokenPromise('records come out of order');
          if (batch.bad.length !== batch.records.filter((record) => record === null).length)
            throw new BrokenPromise('bad records are not all told of');
          for (const record of batch.records) {
            if ((record?.length ?? 0) > table.header.length)
              throw new BrokenPromise('a record has more cells than columns');
            for (const cell of record ?? []) decoded += typeof cell === 'string' ? 2 * cell.length + 16 : 16;
            records.push(record);
          }
        }
        if (table.rows !== null && table.rows !== records.length)
          throw new BrokenPromise(`${records.length} records came of ${table.rows}`);
      } catch (error) {
        if (!(error instanceof BezoarError) || arrays.length === 0) throw error;
        return { decoded, arrays, table: null, findings: content.findings.length };
      }
    if (arrays.length === 0 && table === null && refusal !== null) throw refusal;
    const read =
      table === null
        ? null
        : { header: [...table.header], typed: table.typed, reading: table.reading, records };
    return { decoded, arrays, table: read, findings: content.findings.length };
  } finally {
    content.close?.();
  }
}
