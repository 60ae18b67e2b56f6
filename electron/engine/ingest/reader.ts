import type { Finding, StoredDtype, TextReading } from '../../contract/evidence.ts';
import type { OnnxModel } from '../../contract/models.ts';
import type { ByteSource, FileSource } from './byte-source.ts';
import type { Decimal } from './cell-values.ts';

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
  /** The columns of the file's table that it is made of, where there are such. */
  readonly columns?: readonly string[];
  /** Why the values cannot be read, as a whole sentence that names the file. */
  readonly problem: string | null;
  /**
   * Byte of the file at which its values begin, where they stand there as they do in a case: in C order, little-endian,
   * unpacked.
   */
  readonly place?: number;
  /** Looks at all that the shape follows from, which until then is a guess but for its rows. */
  prepare?(): Promise<void>;
  /** The array that goes on in those of further files, where more follows from them than their rows. */
  together?(others: readonly ArrayEntry[]): ArrayEntry;
  /**
   * All rows in order, at most `rowsPerChunk` at a time.
   * @throws BezoarError evidence/malformed, also where `problem` is set
   */
  chunks(rowsPerChunk: number): AsyncIterable<ArrayChunk>;
}

/** A cell as the file holds it: text of text formats, text or numbers of typed ones; null where it is missing. */
export type Cell = string | number | null;

/** A record that cannot be taken. */
export interface BadRow {
  /** Among all records of the file, from 0. */
  readonly row: number;
  /** The line on which it begins, from 1; null in formats without lines. */
  readonly line: number | null;
  /** In words that follow the place. */
  readonly reason: string;
  /** Its beginning, as written. */
  readonly text: string;
}

export interface TableBatch {
  readonly firstRow: number;
  /** Null for a record that cannot be taken: `bad` says why. Cells that are left out at the end are missing. */
  readonly records: readonly (readonly Cell[] | null)[];
  /** The line on which each begins, in formats that have lines. */
  readonly lines: readonly number[] | null;
  readonly bad: readonly BadRow[];
}

/** Records: named columns and rows of cells. */
export interface Table {
  /** Grows while records are read where they alone name the columns, as in JSON. */
  readonly header: readonly string[];
  /** Whether the format tells numbers from texts; else every cell is text that may be a number. */
  readonly typed: boolean;
  /** Of numbers that stand as text. */
  readonly decimal: Decimal;
  /** Records, bad ones among them, where the file says how many there are. */
  readonly rows: number | null;
  /** How the records are written, in plain words. */
  readonly says: string;
  /** What is not kept of the file, as whole sentences. */
  readonly notes: readonly string[];
  /** How its text is written, as it was told or given. */
  readonly reading: TextReading;
  /** Columns whose cells are lists, written as JSON. */
  readonly lists?: readonly string[];
  /** Columns whose cells are classes, as the file itself says. */
  readonly classes?: readonly string[];
  /**
   * All records in order.
   * @param only places in the header; cells of other columns may be missing
   * @throws BezoarError evidence/malformed, evidence/too-large
   */
  batches(only?: ReadonlySet<number>): AsyncIterable<TableBatch>;
}

/** A column whose cells are image files. */
export interface ImageColumn {
  readonly name: string;
  readonly rows: number;
  /** The image of a row, null where there is none; cheapest in order. @throws BezoarError evidence/malformed */
  readonly bytes: (row: number) => Uint8Array | null;
  /** Of a column of lists: images beside the first of each row, in the rows that were read. */
  readonly further?: () => number;
}

/** What a file holds, once its header has been read and checked. */
export interface EvidenceContent {
  /** The format, where the reader's id says less than it. */
  readonly format?: string;
  readonly entries: readonly ArrayEntry[];
  /** Images that become arrays once they are decoded. */
  readonly images?: readonly ImageColumn[];
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
  /**
   * @param given how its text is written, in place of what is told from it
   * @throws BezoarError evidence/malformed, evidence/too-large
   */
  open(source: ByteSource, given?: TextReading): Promise<EvidenceContent>;
}

/** Reads here and there: a packed file is unpacked into memory for it, up to a bound. */
interface FileReader extends ReaderFacts {
  readonly access: 'anywhere';
  /** @throws BezoarError evidence/malformed, evidence/too-large */
  open(source: FileSource, given?: TextReading): Promise<EvidenceContent>;
}

export type Reader = StreamReader | FileReader;

/** Declares a reader: one file a format, one line in the registry. */
export function defineReader<R extends Reader>(reader: R): R {
  return reader;
}
