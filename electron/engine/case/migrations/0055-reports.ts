import type { Migration } from './migration.ts';

/** What the import of a file of records tells of it: what it was taken for, what was left out, what did not join. */
export const reports: Migration = {
  version: 55,
  sql: `ALTER TABLE evidence ADD COLUMN report TEXT;`,
};
