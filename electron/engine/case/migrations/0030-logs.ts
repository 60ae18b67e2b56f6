import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

/**
 * Production logs by column. A table's NOT NULL cannot be taken from it, so `evidence` is made anew: a file now belongs
 * to a set or to a log. What a file can be is the contract's to say.
 */
export const logs: Migration = {
  version: 30,
  sql: `
  CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('baseline', 'log')),
    name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    first_time_ms REAL NOT NULL,
    last_time_ms REAL NOT NULL,
    classes TEXT NOT NULL,
    mapping TEXT NOT NULL,
    oddities TEXT NOT NULL,
    imported_at_ms INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('log')}

  CREATE TABLE log_column (
    log INTEGER NOT NULL REFERENCES log(id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('number', 'category', 'text')),
    unit TEXT,
    class TEXT,
    levels TEXT,
    PRIMARY KEY (log, position)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('log_column')}

  CREATE TABLE log_chunk (
    log INTEGER NOT NULL REFERENCES log(id) DEFERRABLE INITIALLY DEFERRED,
    position INTEGER NOT NULL,
    chunk INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    dtype TEXT NOT NULL CHECK (dtype IN ('float64', 'uint8', 'uint16', 'uint32', 'text')),
    bytes BLOB NOT NULL,
    PRIMARY KEY (log, position, chunk)
  ) STRICT;
  ${appendOnly('log_chunk')}

  PRAGMA defer_foreign_keys = ON;
  CREATE TABLE evidence_before AS SELECT * FROM evidence;
  DROP TABLE evidence;
  CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    dataset INTEGER REFERENCES dataset(id),
    log INTEGER REFERENCES log(id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    importer_version TEXT NOT NULL,
    mapping TEXT NOT NULL,
    rows INTEGER NOT NULL,
    shape TEXT,
    dtype TEXT,
    imported_at_ms INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    ${auditSeq},
    CHECK ((dataset IS NULL) <> (log IS NULL))
  ) STRICT;
  INSERT INTO evidence
    SELECT id, dataset, NULL, role, name, size, sha256, format, importer_version, mapping, rows, shape, dtype,
      imported_at_ms, imported_by, audit_seq
    FROM evidence_before;
  DROP TABLE evidence_before;
  `,
};
