import { appendOnly, auditSeq } from './append-only.ts';
import type { Migration } from './migration.ts';

export const knownStructures: Migration = {
  version: 20,
  sql: `
  CREATE TABLE known_structure (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL REFERENCES run(id),
    class_name TEXT NOT NULL,
    rows INTEGER NOT NULL,
    keys TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('known_structure')}

  CREATE TABLE structure_withdrawal (
    structure INTEGER PRIMARY KEY REFERENCES known_structure(id),
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ${auditSeq}
  ) STRICT;
  ${appendOnly('structure_withdrawal')}
  `,
};
