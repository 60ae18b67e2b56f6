import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

/** Matrices that Bezoar computed itself and that give way to others, and model files. */
export const builtInFeaturesModels: Migration = {
  version: 60,
  sql: `
  ALTER TABLE matrix ADD COLUMN built_in TEXT;
  ALTER TABLE matrix ADD COLUMN superseded INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1));
  DROP INDEX matrix_role;
  CREATE UNIQUE INDEX matrix_role ON matrix(dataset, role) WHERE superseded = 0;

  -- A model belongs to no set of samples.
  CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    format TEXT NOT NULL,
    importer_version TEXT NOT NULL,
    facts TEXT NOT NULL,
    imported_at_ms INTEGER NOT NULL,
    imported_by TEXT NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('model')}
  `,
};
