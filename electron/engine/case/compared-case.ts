import type { ArrayRole, DatasetRole } from '../../contract/evidence.ts';
import type { PortableOrigin } from '../../contract/case.ts';
import { citedRows } from './cited-rows.ts';
import { parseStored, type Connection } from './connection.ts';

/** A file of evidence, as far as two cases are held against each other. */
export interface ComparedFile {
  readonly set: DatasetRole | 'log' | 'model';
  readonly role: string;
  readonly name: string;
  readonly entry: string | null;
  readonly size: number;
  readonly sha256: string;
}

/** A set of samples, as far as its samples can be told to be those of another case. */
export interface ComparedSet {
  readonly dataset: number;
  readonly role: DatasetRole;
  readonly ownKeys: boolean;
  /** Samples of the whole set; of a portable case those of the set that it is a part of. */
  readonly fullRows: number;
  /** Hash of the samples of the whole set. */
  readonly content: string;
  readonly files: readonly ComparedFile[];
  /** Hashes of the values of the whole set. */
  readonly matrices: readonly { readonly role: ArrayRole; readonly sha256: string }[];
}

/** What two cases are compared by. */
export interface ComparedCase {
  readonly id: string;
  readonly name: string;
  readonly portable: PortableOrigin | null;
  readonly files: readonly ComparedFile[];
  readonly sets: readonly ComparedSet[];
}

/** The open case, held against another. */
export interface ComparedTable {
  read(): ComparedCase;
  /** The row that holds that row of the whole set; null for none. */
  rowOf(dataset: number, fullRow: number): number | null;
  rowOfKey(dataset: number, key: string): number | null;
  /** The row of the whole set that a row holds. */
  fullRow(dataset: number, row: number): number;
  /** Rows that were decided or are cited. */
  cited(dataset: number): number[];
  sample(dataset: number, row: number): { readonly key: string; readonly label: string | null } | null;
}

interface SetRow {
  id: number;
  role: DatasetRole;
  own_keys: number;
  rows: number;
  content_sha256: string;
}

/** What the case says it is a part of; null for a whole one. */
export const portableOrigin = (connection: Connection): PortableOrigin | null => {
  const origin = connection.get<Omit<PortableOrigin, 'samples' | 'of'>>(
    `SELECT case_id AS caseId, case_name AS caseName, audit_head AS auditHead, audit_count AS auditCount,
       who AS "by", at_ms AS atMs FROM portable`,
  );
  if (origin === undefined) return null;
  const counts = connection.get<{ samples: number; of: number }>(
    `SELECT coalesce(sum(dataset.rows), 0) AS samples, coalesce(sum(portable_set.rows), 0) AS "of"
     FROM dataset JOIN portable_set ON portable_set.dataset = dataset.id
     WHERE superseded = 0 AND role = 'investigated'`,
  );
  return { ...origin, samples: counts?.samples ?? 0, of: counts?.of ?? 0 };
};

export function readComparedCase(connection: Connection, id: string, name: string): ComparedCase {
  const filesOf = (dataset: number): ComparedFile[] =>
    connection.all<ComparedFile>(
      `SELECT dataset.role AS "set", evidence.role, evidence.name, entry, size, sha256
       FROM evidence JOIN dataset ON dataset.id = evidence.dataset
       WHERE evidence.dataset = ? AND format <> 'built-in' ORDER BY evidence.id`,
      dataset,
    );
  const sets = connection
    .all<SetRow>(
      'SELECT id, role, own_keys, rows, content_sha256 FROM dataset WHERE superseded = 0 ORDER BY id',
    )
    .map((row): ComparedSet => {
      const full = connection.get<{ rows: number; content_sha256: string; matrices: string }>(
        'SELECT rows, content_sha256, matrices FROM portable_set WHERE dataset = ?',
        row.id,
      );
      return {
        dataset: row.id,
        role: row.role,
        ownKeys: row.own_keys === 1,
        fullRows: full?.rows ?? row.rows,
        content: full?.content_sha256 ?? row.content_sha256,
        files: filesOf(row.id),
        matrices:
          full === undefined
            ? connection.all(
                'SELECT role, sha256 FROM matrix WHERE dataset = ? AND superseded = 0 ORDER BY id',
                row.id,
              )
            : parseStored(connection, full.matrices),
      };
    });
  const beside = connection.all<ComparedFile>(
    `SELECT 'log' AS "set", role, name, entry, size, sha256 FROM evidence WHERE log IS NOT NULL
     UNION ALL SELECT 'model', 'model', name, NULL, size, sha256 FROM model`,
  );
  return {
    id,
    name,
    portable: portableOrigin(connection),
    files: [...sets.flatMap((set) => set.files), ...beside],
    sets,
  };
}

export function createComparedTable(connection: Connection, id: string, name: string): ComparedTable {
  const first = (sql: string, ...values: (string | number)[]): number | null =>
    connection.column<number>(sql, ...values)[0] ?? null;
  return {
    read: () => readComparedCase(connection, id, name),
    rowOf: (dataset, fullRow) =>
      first('SELECT 1 FROM portable') === null
        ? first('SELECT row FROM sample WHERE dataset = ? AND row = ?', dataset, fullRow)
        : first('SELECT row FROM portable_sample WHERE dataset = ? AND full_row = ?', dataset, fullRow),
    rowOfKey: (dataset, key) => first('SELECT row FROM sample WHERE dataset = ? AND key = ?', dataset, key),
    fullRow: (dataset, row) =>
      first('SELECT full_row FROM portable_sample WHERE dataset = ? AND row = ?', dataset, row) ?? row,
    cited: (dataset) => citedRows(connection, dataset),
    sample: (dataset, row) =>
      connection.get<{ key: string; label: string | null }>(
        'SELECT key, label FROM sample WHERE dataset = ? AND row = ?',
        dataset,
        row,
      ) ?? null,
  };
}
