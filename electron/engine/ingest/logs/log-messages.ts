import type { Failure } from '../../../contract/errors.ts';
import type { Compression } from '../unpacked-source.ts';

/** The values of one column in the rows of one block. */
export type ParsedColumn =
  | { readonly type: 'number'; readonly values: Float64Array<ArrayBuffer> }
  /** Codes from 1 in the worker's own numbering, 0 missing; `fresh` are the levels that the worker had not posted before. */
  | { readonly type: 'category'; readonly codes: Uint32Array<ArrayBuffer>; readonly fresh: readonly string[] }
  /** Where the text of each row ends in `bytes`, UTF-8; empty: missing. */
  | {
      readonly type: 'text';
      readonly ends: Uint32Array<ArrayBuffer>;
      readonly bytes: Uint8Array<ArrayBuffer>;
    };

export interface BadLine {
  /** Counted from the first line of the block, from 0. */
  readonly line: number;
  readonly reason: string;
  /** How the line begins. */
  readonly text: string;
}

/** What was odd in the rows of a block. */
export interface BlockOddities {
  /** Numbers that are none (NaN, Infinity), kept as missing. */
  readonly nonFinite: number;
  readonly firstNonFinite: { readonly row: number; readonly column: string } | null;
  /** Rows by what their time said of its zone: minutes east of UTC, ZONELESS or EPOCH. */
  readonly zones: readonly (readonly [number, number])[];
  readonly unmapped: number;
  readonly unmappedNames: readonly string[];
  /** Labels that were known before the request was made. */
  readonly labelsEarly: number;
  /** Texts kept without their end. */
  readonly cutTexts: number;
  /** Rows that a schema leaves out, by reason. */
  readonly dropped: readonly (readonly [string, number])[];
  /** Requests without a response and the other way round. */
  readonly unpaired: number;
  /** Records without a time, dated by their file. */
  readonly timeless: number;
}

export interface ParsedBlock {
  readonly index: number;
  readonly rows: number;
  /** Line ends in the block. */
  readonly lines: number;
  readonly columns: readonly ParsedColumn[];
  /** Line of each row, counted from the first of the block, from 0; with `file`, of its file, from 1. */
  readonly line: Uint32Array<ArrayBuffer>;
  /** File of each row, where rows may come from other files than the block's; else null. */
  readonly file: Uint32Array<ArrayBuffer> | null;
  /** Two hashes of the request id of each row; null without request ids. */
  readonly idHashes: Uint32Array<ArrayBuffer> | null;
  readonly oddities: BlockOddities;
  /** The first of them; `badCount` counts all. */
  readonly bad: readonly BadLine[];
  readonly badCount: number;
  /** The block ends in the middle of a line, which is bad for that reason alone. */
  readonly truncated: boolean;
}

export interface CsvHeader {
  readonly names: readonly string[];
  /** Line ends in it. */
  readonly lines: number;
}

/** A file of a log as the reading worker opened it. */
export interface OpenedFile {
  /** Place among the files of the log. */
  readonly index: number;
  readonly name: string;
  readonly size: number;
  readonly compression: Compression | null;
  /** Of a CSV file. */
  readonly header: CsvHeader | null;
  /** When it was changed last, milliseconds since 1970 UTC. */
  readonly modifiedMs: number;
}

/** From the reading worker: files in order, each as blocks that end where a line ends. `read`: bytes of all files so far. */
export type ReadMessage =
  | { readonly kind: 'file'; readonly file: OpenedFile }
  | {
      readonly kind: 'block';
      readonly bytes: Uint8Array<ArrayBuffer>;
      /** The block ends with its file. */
      readonly last: boolean;
      readonly read: number;
    }
  | {
      readonly kind: 'end-file';
      readonly sha256: string;
      /** What was told of the file and may be wrong, one sentence each. */
      readonly told: readonly string[];
    }
  | { readonly kind: 'done' }
  | ReadFailure;

/** To a parsing worker. */
export interface BlockToParse {
  readonly index: number;
  readonly file: OpenedFile;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly last: boolean;
  /** No block: the log has ended, and what still waits for a counterpart is wanted. */
  readonly rest: boolean;
}

/** From a parsing worker. */
export type ParseMessage = { readonly kind: 'parsed'; readonly block: ParsedBlock } | ReadFailure;

export type ReadFailure =
  { readonly kind: 'failure'; readonly failure: Failure } | { readonly kind: 'bug'; readonly stack: string };
