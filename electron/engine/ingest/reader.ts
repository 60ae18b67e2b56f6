import type { Finding, StoredDtype } from '../../contract/evidence.ts';
import type { OnnxModel } from '../../contract/models.ts';
import type { ByteSource, FileSource } from './byte-source.ts';

export interface ArrayChunk {
  readonly firstRow: number;
  readonly rows: number;
  /** Whole rows, little-endian, C order, in the stored dtype; at the start of a buffer of its own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An array of a file whose first axis may be the samples. */
export interface ArrayEntry {
  /** Null in a format that holds one array without a name. */
  readonly name: string | null;
  /** Null for values that are not read; `problem` says which and why. */
  readonly dtype: StoredDtype | null;
  /** The format's own word for the dtype, shown where `dtype` is null. */
  readonly stored: string;
  /** Checked against the bytes that are there, so that it may be trusted before memory is taken. */
  readonly shape: readonly number[];
  /** Why the values cannot be read, as a whole sentence that names the file. */
  readonly problem: string | null;
  /** Looks at all that the shape follows from, which until then is a guess but for its rows. */
  prepare?(): Promise<void>;
  /**
   * All rows in order, at most `rowsPerChunk` at a time.
   * @throws BezoarError evidence/malformed, also where `problem` is set
   */
  chunks(rowsPerChunk: number): AsyncIterable<ArrayChunk>;
}

/** A cell as the file holds it: text of text formats, text or numbers of typed ones; null where it is missing. */
export type Cell = string | number | null;

export interface TableBatch {
  readonly firstRow: number;
  readonly records: readonly (readonly Cell[])[];
}

/** Records: named columns and rows of cells. */
export interface Table {
  readonly header: readonly string[];
  /** How many there are, where that can be told without parsing every cell; `pause` is awaited between blocks. */
  count(pause: () => Promise<unknown>): Promise<number | null>;
  /** All records in order, each as wide as the header. @throws BezoarError evidence/malformed, evidence/too-large */
  batches(): AsyncIterable<TableBatch>;
}

/** What a file holds, once its header has been read and checked. */
export interface EvidenceContent {
  /** The format, where the reader's id says less than it. */
  readonly format?: string;
  readonly entries: readonly ArrayEntry[];
  readonly table: Table | null;
  readonly findings: readonly Finding[];
  /** What a model file says of itself. */
  readonly model?: OnnxModel;
  /** Gives back what a native parser holds. */
  close?(): void;
}

interface ReaderFacts {
  readonly id: string;
  /** Whether these first bytes, up to 4096, can only be of this format. */
  sniff(head: Uint8Array): boolean;
  /** Taken for this format by its name, without `.gz` or `.zst`, where no reader knows the bytes. */
  readonly named: RegExp;
}

/** Reads from front to back: also what is packed with gzip or zstd. */
interface StreamReader extends ReaderFacts {
  readonly access: 'in-order';
  /** @throws BezoarError evidence/malformed, evidence/too-large */
  open(source: ByteSource): Promise<EvidenceContent>;
}

/** Reads here and there: a packed file is unpacked into memory for it, up to a bound. */
interface FileReader extends ReaderFacts {
  readonly access: 'anywhere';
  /** @throws BezoarError evidence/malformed, evidence/too-large */
  open(source: FileSource): Promise<EvidenceContent>;
}

export type Reader = StreamReader | FileReader;

/** Declares a reader: one file a format, one line in the registry. */
export function defineReader<R extends Reader>(reader: R): R {
  return reader;
}
