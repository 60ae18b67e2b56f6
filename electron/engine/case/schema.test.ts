import { describe, expect, it } from 'vitest';
import { connect } from './connection.ts';
import { migrate, migrations, SCHEMA_VERSION, schemaDifferences } from './schema.ts';

/** A case of format 10 with a line in it. */
function formatTen() {
  const connection = connect(':memory:');
  migrate(
    connection,
    migrations.filter((step) => step.version <= 10),
  );
  connection.run("INSERT INTO meta (name, value) VALUES ('question', 'old')");
  return connection;
}

function newest() {
  const connection = connect(':memory:');
  migrate(connection, migrations);
  return connection;
}

describe('migrations', () => {
  it('go up in order, by tens or halves of them, and to the number that the newest says', () => {
    const versions = migrations.map((step) => step.version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions.every((version) => version % 5 === 0)).toBe(true);
    const connection = connect(':memory:');
    expect(migrate(connection, migrations)).toEqual(versions);
    expect(connection.pragma('user_version')).toBe(SCHEMA_VERSION);
    expect(migrate(connection, migrations)).toEqual([]);
  });

  it('bring a case of format 10 on and keep what it holds', () => {
    const connection = formatTen();
    expect(migrate(connection, migrations)).toEqual(
      migrations.map((step) => step.version).filter((version) => version > 10),
    );
    expect(connection.get('SELECT * FROM meta')).toEqual({ name: 'question', value: 'old' });
    expect(connection.all('SELECT * FROM known_structure')).toEqual([]);
    expect(schemaDifferences(connection, 'tables')).toEqual([]);
    expect(schemaDifferences(connection, 'triggers')).toEqual([]);
  });

  it('bring the evidence of a case of format 20 on, and what refers to it', () => {
    const connection = connect(':memory:');
    connection.script('PRAGMA foreign_keys = ON');
    migrate(
      connection,
      migrations.filter((step) => step.version <= 20),
    );
    connection.script(`
      INSERT INTO audit VALUES (1, 0, 'a', 'evidence/import', '{}', '', '', '');
      INSERT INTO dataset VALUES (1, 'investigated', 'a.csv', 2, 1, '', 0, 1);
      INSERT INTO evidence VALUES (7, 1, 'activations', 'a.npy', 9, 'ab', 'npy', '1', 'null', 2, '[2,1]', 'float32', 5, 'me', 1);
      INSERT INTO matrix VALUES (3, 1, 7, 'activations', 'float32', '[2,1]', 'cd');
    `);
    connection.transaction(() => migrate(connection, migrations));
    expect(connection.all('PRAGMA foreign_key_check')).toEqual([]);
    expect(connection.get('SELECT * FROM evidence')).toMatchObject({
      id: 7,
      dataset: 1,
      log: null,
      role: 'activations',
      name: 'a.npy',
      size: 9,
      sha256: 'ab',
      format: 'npy',
      importer_version: '1',
      mapping: 'null',
      rows: 2,
      shape: '[2,1]',
      dtype: 'float32',
      imported_at_ms: 5,
      imported_by: 'me',
      audit_seq: 1,
    });
    expect(schemaDifferences(connection, 'tables')).toEqual([]);
    expect(() => {
      connection.script('DELETE FROM evidence');
    }).toThrow('FOREIGN KEY');
  });

  it('that fail half-way leave the case at the step before', () => {
    const connection = formatTen();
    const broken = {
      version: SCHEMA_VERSION + 10,
      sql: 'CREATE TABLE half (a TEXT) STRICT; CREATE TABLE meta (a TEXT)',
    };
    expect(() => migrate(connection, [...migrations, broken])).toThrow();
    expect(connection.pragma('user_version')).toBe(SCHEMA_VERSION);
    expect(connection.all("SELECT 1 FROM sqlite_schema WHERE name = 'half'")).toEqual([]);
  });

  it('are told from tables and guards that someone altered', () => {
    const connection = newest();
    expect(schemaDifferences(connection, 'tables')).toEqual([]);
    expect(schemaDifferences(connection, 'triggers')).toEqual([]);
    connection.script('DROP TRIGGER audit_no_update; ALTER TABLE note ADD COLUMN more TEXT');
    expect(schemaDifferences(connection, 'tables')).toEqual(['note']);
    expect(schemaDifferences(connection, 'triggers')).toEqual(['audit_no_update']);
  });

  it('make only STRICT tables', () => {
    const connection = newest();
    const loose = connection.column(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0",
    );
    expect(loose).toEqual(['sqlite_schema']);
  });
});

describe('append-only tables', () => {
  it.each([
    'audit',
    'verdict',
    'verdict_action',
    'run',
    'run_array',
    'class_finding',
    'export_record',
    'known_structure',
    'structure_withdrawal',
    'log',
    'log_column',
    'log_chunk',
    'baseline',
    'monitor_run',
    'monitor_array',
    'alert',
    'alert_sighting',
    'alert_action',
    'incident',
    'incident_action',
    'monitor_rules',
    'bad_row',
    'finding',
    'matrix_link',
  ])('%s refuse changes and deletions', (table) => {
    const connection = newest();
    connection.script('PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON');
    const columns = connection.all<{ name: string; type: string; pk: number }>(`PRAGMA table_info(${table})`);
    const value = { INTEGER: '1', TEXT: "'a'", REAL: '1.0', BLOB: "x'00'" } as const;
    connection.script(
      `INSERT INTO ${table} VALUES (${columns.map(({ type }) => value[type as keyof typeof value]).join(', ')})`,
    );
    expect(() => {
      connection.script(`UPDATE ${table} SET ${columns[0]?.name ?? ''} = ${columns[0]?.name ?? ''}`);
    }).toThrow('append-only');
    expect(() => {
      connection.script(`DELETE FROM ${table}`);
    }).toThrow('append-only');
  });
});
