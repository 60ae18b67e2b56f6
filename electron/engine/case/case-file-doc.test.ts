import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { connect } from './connection.ts';
import { migrate, migrations, SCHEMA_VERSION } from './schema.ts';

const doc = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'case-file.md'), 'utf8');

it('docs/case-file.md names the schema, every table and every column', () => {
  const connection = connect(':memory:');
  migrate(connection, migrations);
  expect(doc).toContain(`this page describes ${SCHEMA_VERSION}`);
  const tables = connection.column<string>("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
  for (const table of tables) {
    expect(doc, table).toMatch(new RegExp(`\\b${table}\\b`));
    for (const { name } of connection.all<{ name: string }>(`PRAGMA table_info(${table})`))
      expect(doc, `${table}.${name}`).toMatch(new RegExp(`[\`.]${name}\``));
  }
});
