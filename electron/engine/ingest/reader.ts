import type { Dtype } from '../../contract/evidence.ts';
import type { ByteSource } from './byte-source.ts';

export interface ArrayHeader {
  readonly dtype: Dtype;
  /** Rows first; two to four numbers, all at least 1. */
  readonly shape: readonly number[];
}

/** Reads arrays whose first axis is the samples. */
export interface ArrayReader {
  readonly kind: 'array';
  readonly id: 'npy';
  sniff(head: Uint8Array, name: string): boolean;
  /** @throws BezoarError evidence/malformed, evidence/too-large */
  describe(source: ByteSource): ArrayHeader;
  /** Whole rows, little-endian, C order, at most `rowsPerChunk` at a time. */
  chunks(
    source: ByteSource,
    rowsPerChunk: number,
  ): Generator<{ firstRow: number; rows: number; bytes: Uint8Array<ArrayBuffer> }>;
}

export interface TableBatch {
  readonly firstRow: number;
  readonly records: readonly (readonly string[])[];
  /** Bytes of the file consumed so far. */
  readonly bytes: number;
}

/** Reads records: a header and rows of text cells. */
export interface TableReader {
  readonly kind: 'table';
  readonly id: 'csv';
  sniff(head: Uint8Array, name: string): boolean;
  /** @throws BezoarError evidence/malformed, evidence/too-large */
  header(source: ByteSource): string[];
  records(source: ByteSource): AsyncGenerator<TableBatch>;
}

export type Reader = ArrayReader | TableReader;

/** Declares a reader: one file a format, one line in the registry. */
export function defineReader<R extends Reader>(reader: R): R {
  return reader;
}
