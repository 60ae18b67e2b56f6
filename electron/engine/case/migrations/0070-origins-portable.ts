import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

/** Verdicts that were taken over from another case, and what a portable case is a part of. */
export const originsPortable: Migration = {
  version: 70,
  sql: `
  CREATE TABLE take_over (
    action INTEGER PRIMARY KEY REFERENCES verdict_action(id),
    case_id TEXT NOT NULL,
    case_name TEXT NOT NULL,
    file TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    audit_head TEXT NOT NULL,
    audit_holds INTEGER NOT NULL CHECK (audit_holds IN (0, 1))
  ) STRICT;
  ${appendOnly('take_over')}

  -- Who decided so there, when and why.
  CREATE TABLE verdict_origin (
    verdict INTEGER PRIMARY KEY REFERENCES verdict(id),
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT;
  ${appendOnly('verdict_origin')}

  CREATE TABLE portable (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    case_id TEXT NOT NULL,
    case_name TEXT NOT NULL,
    audit_head TEXT NOT NULL,
    audit_count INTEGER NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('portable')}

  CREATE TABLE portable_set (
    dataset INTEGER PRIMARY KEY REFERENCES dataset(id),
    rows INTEGER NOT NULL,
    content_sha256 TEXT NOT NULL,
    matrices TEXT NOT NULL
  ) STRICT;
  ${appendOnly('portable_set')}

  CREATE TABLE portable_sample (
    dataset INTEGER NOT NULL,
    row INTEGER NOT NULL,
    full_row INTEGER NOT NULL,
    PRIMARY KEY (dataset, row),
    FOREIGN KEY (dataset, row) REFERENCES sample(dataset, row)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX portable_full_row ON portable_sample(dataset, full_row);
  ${appendOnly('portable_sample')}
  `,
};
