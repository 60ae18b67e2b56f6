import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';
import { BezoarError } from '../../contract/errors.ts';

let library: typeof Sqlite | null = null;

/**
 * The SQLite library. Loading its binary on a Node that is too old ends the process without a word, so the
 * version is looked at first.
 * @throws BezoarError usage
 */
export function sqliteLibrary(): typeof Sqlite {
  if (library !== null) return library;
  const nodeApi = Number(process.versions.napi);
  if (!(nodeApi >= 10))
    throw new BezoarError(
      'usage',
      `Bezoar needs Node 22.14 or later in 22, Node 24, or Node 26 and later to open cases; this is ${process.version}. ` +
        'No file was touched. Start it with npm start, which brings a fitting Node along.',
    );
  library = createRequire(import.meta.url)('better-sqlite3') as typeof Sqlite;
  return library;
}

/** Version of the SQLite library inside, such as '3.54.1'. */
export function sqliteVersion(): string {
  const database = new (sqliteLibrary())(':memory:');
  try {
    return database.prepare('SELECT sqlite_version()').pluck().get() as string;
  } finally {
    database.close();
  }
}
