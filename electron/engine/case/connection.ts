import type Sqlite from 'better-sqlite3';
import { sqliteLibrary } from './sqlite-library.ts';
import { toCaseFailure } from './sqlite-failure.ts';

export type SqlValue = string | number | null | Uint8Array;

/**
 * One connection to a case file. Statements are prepared once by their text; what SQLite throws leaves as a
 * BezoarError `case/...`.
 */
export interface Connection {
  readonly path: string;
  all<T>(sql: string, ...values: SqlValue[]): T[];
  get<T>(sql: string, ...values: SqlValue[]): T | undefined;
  /** The first column of every row. */
  column<T>(sql: string, ...values: SqlValue[]): T[];
  /** Rows one at a time; no other statement may write meanwhile. */
  each<T>(sql: string, ...values: SqlValue[]): IterableIterator<T>;
  /** Returns the row id of an insert. */
  run(sql: string, ...values: SqlValue[]): number;
  /** Runs the statement once for each row, prepared once. */
  runMany(sql: string, rows: Iterable<readonly SqlValue[]>): void;
  /** Several statements without parameters. */
  script(sql: string): void;
  pragma<T>(text: string): T;
  readonly inTransaction: boolean;
  /** All or nothing; joins a transaction that is open already. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens `path`, or memory for ':memory:'; a file is never created unless `create` is set. */
export function connect(path: string, create = false): Connection {
  return connection(path, { fileMustExist: !create && path !== ':memory:', timeout: 0 });
}

/**
 * Opens a database that may be made to harm whoever reads it: nothing is ever written, its schema is trusted with no
 * function, cells are checked as they are read, and no page is mapped, so that cutting it off cannot end the process.
 */
export function connectToHostile(path: string): Connection {
  const hostile = connection(path, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    for (const guard of [
      'trusted_schema = OFF',
      'query_only = ON',
      'cell_size_check = ON',
      'mmap_size = 0',
      'temp_store = MEMORY',
    ])
      hostile.pragma(guard);
    return hostile;
  } catch (error) {
    hostile.close();
    throw error;
  }
}

function connection(path: string, options: Sqlite.Options): Connection {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw toCaseFailure(path, error);
    }
  };
  const database = guarded(() => new (sqliteLibrary())(path, options));
  const prepared = new Map<string, Sqlite.Statement<unknown[]>>();
  const statement = (sql: string): Sqlite.Statement<unknown[]> => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = database.prepare<unknown[]>(sql)));
    return found;
  };
  const pluck = (sql: string): Sqlite.Statement<unknown[]> => {
    const name = `pluck ${sql}`;
    let found = prepared.get(name);
    if (found === undefined) prepared.set(name, (found = database.prepare<unknown[]>(sql).pluck()));
    return found;
  };
  return {
    path,
    all: <T>(sql: string, ...values: SqlValue[]) => guarded(() => statement(sql).all(...values) as T[]),
    get: <T>(sql: string, ...values: SqlValue[]) =>
      guarded(() => statement(sql).get(...values) as T | undefined),
    column: <T>(sql: string, ...values: SqlValue[]) => guarded(() => pluck(sql).all(...values) as T[]),
    each: function* <T>(sql: string, ...values: SqlValue[]) {
      const rows = guarded(() => database.prepare<unknown[]>(sql).iterate(...values));
      try {
        for (;;) {
          const next = guarded(() => rows.next());
          if (next.done) return;
          yield next.value as T;
        }
      } finally {
        rows.return?.();
      }
    },
    run: (sql, ...values) => guarded(() => Number(statement(sql).run(...values).lastInsertRowid)),
    runMany: (sql, rows) => {
      guarded(() => {
        const one = statement(sql);
        for (const row of rows) one.run(...row);
      });
    },
    script: (sql) => {
      guarded(() => database.exec(sql));
    },
    pragma: <T>(text: string) => guarded(() => database.pragma(text, { simple: true }) as T),
    get inTransaction() {
      return database.inTransaction;
    },
    transaction: <T>(work: () => T): T => {
      if (database.inTransaction) return work();
      guarded(() => database.exec('BEGIN IMMEDIATE'));
      try {
        const result = work();
        guarded(() => database.exec('COMMIT'));
        return result;
      } catch (error) {
        // SQLite itself has already rolled back after a full disk or an I/O error.
        if (database.inTransaction) guarded(() => database.exec('ROLLBACK'));
        throw error;
      }
    },
    close: () => {
      guarded(() => database.close());
    },
  };
}

/** Parses JSON that the case holds. @throws BezoarError case/corrupt */
export function parseStored<T>(connection: Connection, json: string): T {
  try {
    return JSON.parse(json) as T;
  } catch {
    throw toCaseFailure(
      connection.path,
      Object.assign(new Error('a stored value is not readable'), { code: 'SQLITE_CORRUPT' }),
    );
  }
}
