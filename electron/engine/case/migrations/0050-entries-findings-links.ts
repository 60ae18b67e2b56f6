import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

/** Arrays within files, what was found in files, records that were left out, and matrices that stay in their file. */
export const entriesFindingsLinks: Migration = {
  version: 50,
  sql: `
  ALTER TABLE evidence ADD COLUMN entry TEXT;
  ALTER TABLE evidence ADD COLUMN bad_rows INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE bad_row (
    evidence INTEGER NOT NULL REFERENCES evidence(id),
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (evidence, position)
  ) STRICT, WITHOUT ROWID;
  ${appendOnly('bad_row')}

  -- Of evidence, or of a file that was refused: then the file is named here.
  CREATE TABLE finding (
    id INTEGER PRIMARY KEY,
    evidence INTEGER REFERENCES evidence(id),
    file TEXT,
    size INTEGER,
    sha256 TEXT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    offset INTEGER,
    sentence TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq},
    CHECK ((evidence IS NULL) = (sha256 IS NOT NULL))
  ) STRICT;
  ${appendOnly('finding')}

  -- A matrix without chunks lies in this file; the last line of a matrix counts.
  CREATE TABLE matrix_link (
    id INTEGER PRIMARY KEY,
    matrix INTEGER NOT NULL REFERENCES matrix(id),
    path TEXT NOT NULL,
    offset INTEGER NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('matrix_link')}
  `,
};
