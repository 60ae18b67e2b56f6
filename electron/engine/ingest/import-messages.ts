import type { ArrayRole, ColumnRole, Dtype } from '../../contract/evidence.ts';
import type { Failure } from '../../contract/errors.ts';
import type { ImportedSample } from '../case/case-file.ts';

/** One set of an import with the paths of its files. */
export interface SetToRead {
  readonly records: {
    readonly path: string;
    readonly columns: readonly { readonly name: string; readonly role: ColumnRole }[];
  } | null;
  readonly arrays: readonly { readonly path: string; readonly role: ArrayRole }[];
  /** Rows that the arrays must have, where the set is in the case already; else null. */
  readonly rows: number | null;
}

export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly format: string;
}

export interface KeptColumn {
  readonly name: string;
  readonly role: ColumnRole;
  readonly type: 'text' | 'number';
}

/** From the import worker to the engine; of each set first the records, then the arrays. */
export type ImportMessage =
  | { kind: 'begin-records'; set: number; file: FileFacts; columns: readonly KeptColumn[]; ownKeys: boolean }
  | { kind: 'samples'; set: number; samples: readonly ImportedSample[] }
  | { kind: 'end-records'; sha256: string; rows: number }
  /** A set without records: its rows are numbered. */
  | { kind: 'numbered'; set: number; name: string; rows: number }
  | {
      kind: 'begin-array';
      set: number;
      file: FileFacts;
      role: ArrayRole;
      dtype: Dtype;
      shape: readonly number[];
    }
  | { kind: 'chunk'; index: number; firstRow: number; rows: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'end-array'; sha256: string; rows: number; matrixSha256: string }
  | { kind: 'done' }
  | { kind: 'failure'; failure: Failure }
  | { kind: 'bug'; stack: string };

/** With every message go the bytes read so far, of all files together. */
export interface Posted {
  readonly message: ImportMessage;
  readonly bytes: number;
}

/** Messages under way that the engine has not yet written. */
export const MOST_IN_FLIGHT = 4;
