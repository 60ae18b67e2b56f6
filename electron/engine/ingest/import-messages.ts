import type {
  ArrayRole,
  BadRow,
  ColumnPlan,
  ColumnRole,
  Dtype,
  EntryRole,
  Evidence,
  EvidenceReport,
  Finding,
  TextReading,
} from '../../contract/evidence.ts';
import type { MessagePort } from 'node:worker_threads';
import type { OnnxModel } from '../../contract/models.ts';
import type { Failure } from '../../contract/errors.ts';
import type { ImportedSample } from '../case/case-file.ts';
import type { LinkedPlace } from './linked-place.ts';

/** An array of a file and what it is taken for. */
export interface ArrayToRead {
  readonly path: string;
  readonly entry: string | null;
  readonly role: EntryRole;
  /** The column of the records that names the image of each row, where `path` is a folder of images. */
  readonly column?: string | undefined;
  /** Those names, where the samples are in the case already. */
  readonly names?: readonly (string | null)[] | undefined;
  /** Where `path` is an image file of a drop: the further ones. */
  readonly more?: readonly string[] | undefined;
  /** Further files that hold the same array for the rows that follow. */
  readonly parts?: readonly string[] | undefined;
  readonly reading?: TextReading | undefined;
  /** The column of the file's records that holds keys of the samples; else row i is sample i. */
  readonly key?: string | null | undefined;
}

/** A table that is joined to the records. */
export interface TableToRead {
  readonly path: string;
  readonly reading?: TextReading | undefined;
  readonly key: string | null;
  readonly columns: readonly ColumnPlan[];
}

/** One set of an import with the paths of its files. */
export interface SetToRead {
  readonly records: {
    readonly path: string;
    /** Further files of the same columns, in order. */
    readonly parts?: readonly string[] | undefined;
    readonly reading?: TextReading | undefined;
    readonly columns: readonly ColumnPlan[];
    /** Where `path` is an image file of a drop: the further ones. */
    readonly more?: readonly string[] | undefined;
  } | null;
  readonly tables?: readonly TableToRead[] | undefined;
  readonly arrays: readonly ArrayToRead[];
  /** Whether what cannot be taken is left out; else it refuses the import. */
  readonly acceptBadRows?: boolean | undefined;
  /** Bytes beyond which a matrix stays in its file; null links none. */
  readonly linkOver?: number | null | undefined;
  /** Rows that the arrays must have, where the set is in the case already; else null. */
  readonly rows: number | null;
}

/** What is known of an evidence file, or of an array in it, before it was read to its end. */
export interface EvidenceFacts {
  readonly name: string;
  readonly size: number;
  readonly format: string;
  readonly entry: string | null;
  readonly role: Evidence['role'];
  readonly shape: readonly number[] | null;
  /** As stored in the file. */
  readonly dtype: string | null;
  readonly findings: readonly Finding[];
  /** Of files of records: what each column was taken for, what became of the records, those that were left out. */
  readonly mapping: readonly ColumnPlan[] | null;
  readonly report: EvidenceReport | null;
  readonly badRows: { readonly count: number; readonly first: readonly BadRow[] };
}

export interface KeptColumn {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: 'text' | 'number';
}

/**
 * From the import worker to the engine. Of each set first its samples, unless they are in the case, then its matrices;
 * `evidence` numbers the evidence of a set.
 */
export type ImportMessage =
  | { kind: 'begin-set'; set: number; name: string; columns: readonly KeptColumn[]; ownKeys: boolean }
  /** The samples so far are taken back, and come anew with these columns. */
  | { kind: 'begin-again'; set: number; columns: readonly KeptColumn[] }
  | { kind: 'samples'; set: number; samples: readonly ImportedSample[] }
  /** All samples of a set, each nothing but its number. */
  | { kind: 'numbered'; set: number; rows: number }
  | { kind: 'begin-evidence'; set: number; evidence: number; facts: EvidenceFacts }
  | {
      kind: 'begin-matrix';
      set: number;
      evidence: number;
      role: ArrayRole;
      dtype: Dtype;
      shape: readonly number[];
    }
  | { kind: 'chunk'; index: number; firstRow: number; rows: number; bytes: Uint8Array<ArrayBuffer> }
  /** More of a matrix that stays in its file was looked at. */
  | { kind: 'checked' }
  | { kind: 'end-matrix'; evidence: number; sha256: string; link: LinkedPlace | null }
  | {
      kind: 'end-evidence';
      set: number;
      evidence: number;
      sha256: string;
      rows: number;
      /** What is to be known of how it was read, each a sentence. */
      notes?: readonly string[];
    }
  | { kind: 'model'; name: string; size: number; format: string; sha256: string; model: OnnxModel }
  | { kind: 'done' }
  | { kind: 'failure'; failure: Failure }
  | { kind: 'bug'; stack: string };

/** From the engine to the import worker: a message was written, and the bytes of its chunk can be used again. */
export interface Written {
  readonly spare: Uint8Array<ArrayBuffer> | null;
}

/** With every message go the bytes read so far, of all files together. */
export interface Posted {
  readonly message: ImportMessage;
  readonly bytes: number;
  /** Of a folder of images: images done, each counted twice. */
  readonly images: { readonly done: number; readonly total: number } | null;
}

/** What an import reads, with the port over which it asks for image decoders. */
export interface ImportOrder {
  readonly sets: readonly SetToRead[];
  /** Paths of model files. */
  readonly models: readonly string[];
  readonly decoders: MessagePort;
}

/** Messages under way that the engine has not yet written. */
export const MOST_IN_FLIGHT = 4;
