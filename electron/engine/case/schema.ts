import { connect, type Connection } from './connection.ts';
import { first } from './migrations/0010-first.ts';
import { knownStructures } from './migrations/0020-known-structures.ts';
import { logs } from './migrations/0030-logs.ts';
import { monitoring } from './migrations/0040-monitoring.ts';
import { entriesFindingsLinks } from './migrations/0050-entries-findings-links.ts';
import { reports } from './migrations/0055-reports.ts';
import { builtInFeaturesModels } from './migrations/0060-built-in-features-models.ts';
import { originsPortable } from './migrations/0070-origins-portable.ts';
import { linkTimes } from './migrations/0080-link-times.ts';
import type { Migration } from './migrations/migration.ts';

/** 'BEZR': says that an SQLite file is a case of Bezoar. */
export const APPLICATION_ID = 0x42455a52;
export const PAGE_BYTES = 16_384;

/** In order; a new step is a new file and a line here. */
export const migrations: readonly Migration[] = [
  first,
  knownStructures,
  logs,
  monitoring,
  entriesFindingsLinks,
  reports,
  builtInFeaturesModels,
  originsPortable,
  linkTimes,
];

export const SCHEMA_VERSION = Math.max(...migrations.map((step) => step.version));

/** Brings a case to the newest schema: each step in one transaction, its number set last. Returns the steps taken. */
export function migrate(connection: Connection, steps: readonly Migration[]): number[] {
  const present = connection.pragma<number>('user_version');
  const taken: number[] = [];
  for (const step of steps) {
    if (step.version <= present) continue;
    connection.transaction(() => {
      connection.script(step.sql);
      connection.pragma(`user_version = ${step.version}`);
    });
    taken.push(step.version);
  }
  return taken;
}

interface SchemaObject {
  readonly name: string;
  readonly sql: string;
}

/** What an import makes: exempt by its text, so that nothing else can hide behind the name. */
const RECORD_TABLE = /^CREATE TABLE record_\d+ \(row INTEGER PRIMARY KEY(, c\d+ (REAL|TEXT))+\) STRICT$/;

function objects(
  connection: Connection,
  types: readonly ('table' | 'index' | 'view' | 'trigger')[],
): Map<string, string> {
  const found = connection.all<SchemaObject>(
    `SELECT name, sql FROM sqlite_schema
     WHERE sql IS NOT NULL AND type IN (${types.map((type) => `'${type}'`).join(', ')})`,
  );
  return new Map(found.filter((one) => !RECORD_TABLE.test(one.sql)).map((one) => [one.name, one.sql]));
}

/** Names of tables, indices and views, or of triggers, that are missing, changed or foreign. */
export function schemaDifferences(connection: Connection, part: 'tables' | 'triggers'): string[] {
  const types = part === 'tables' ? (['table', 'index', 'view'] as const) : (['trigger'] as const);
  const reference = connect(':memory:');
  try {
    migrate(reference, migrations);
    const expected = objects(reference, types);
    const present = objects(connection, types);
    const names = new Set([...expected.keys(), ...present.keys()]);
    return [...names].filter((name) => expected.get(name) !== present.get(name)).sort();
  } finally {
    reference.close();
  }
}
