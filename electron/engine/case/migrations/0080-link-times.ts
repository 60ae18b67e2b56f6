import type { Migration } from './migration.ts';

/** When a linked file was last changed as it was hashed, so that a change is seen without hashing it again. */
export const linkTimes: Migration = {
  version: 80,
  sql: `
  ALTER TABLE matrix_link ADD COLUMN modified_ms INTEGER NOT NULL DEFAULT 0;
  `,
};
