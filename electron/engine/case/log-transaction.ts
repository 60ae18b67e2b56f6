import { createHash } from 'node:crypto';
import { Cancelled } from '../../../native-workers/task.ts';
import type { LogTransaction } from './case-file.ts';
import { appendAudit, nextAuditSeq } from './case-session.ts';
import type { Connection, SqlValue } from './connection.ts';
import { BAD_ROW_FACTS, LOG_COLUMN_FACTS, LOG_FACTS, logHash, type HashedChunk } from './log-hash.ts';

const IMPORTER_VERSION = '1';

/**
 * The import of a log on a connection of its own: one SQLite transaction from the first chunk to the audit line. `ended`
 * is called once, whichever way it ends.
 */
export function createLogTransaction(
  connection: Connection,
  actor: string,
  ended: () => void,
): LogTransaction {
  connection.script('BEGIN IMMEDIATE');
  const auditSeq = nextAuditSeq(connection);
  const log = (connection.column<number | null>('SELECT max(id) FROM log')[0] ?? 0) + 1;
  const files: { id: number; name: string; sha256: string }[] = [];
  const chunks: HashedChunk[] = [];
  let open = true;

  const end = (): void => {
    open = false;
    connection.close();
    ended();
  };
  const live = (): void => {
    // The case was closed meanwhile.
    if (!open) throw new Cancelled();
    // After a full disk SQLite has taken the whole transaction back; what came now would be kept on its own.
    if (!connection.inTransaction) throw new Error('the import has ended');
  };

  return {
    log,
    addFile: ({ name, size, sha256, format, rows, badLines }) => {
      live();
      const id = connection.run(
        `INSERT INTO evidence (dataset, log, role, name, entry, size, sha256, format, importer_version, mapping, rows, shape,
           dtype, bad_rows, imported_at_ms, imported_by, audit_seq)
         VALUES (NULL, ?, 'log', ?, NULL, ?, ?, ?, ?, 'null', ?, NULL, NULL, ?, ?, ?, ?)`,
        log,
        name,
        size,
        sha256,
        format,
        IMPORTER_VERSION,
        rows,
        badLines,
        Date.now(),
        actor,
        auditSeq,
      );
      files.push({ id, name, sha256 });
      return id;
    },
    addChunk: (position, chunk, rows, dtype, bytes) => {
      live();
      connection.run(
        'INSERT INTO log_chunk (log, position, chunk, rows, dtype, bytes) VALUES (?, ?, ?, ?, ?, ?)',
        log,
        position,
        chunk,
        rows,
        dtype,
        bytes,
      );
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      chunks.push({ position, chunk, rows, dtype, sha256 });
    },
    chunk: (position, chunk) => {
      live();
      const bytes = connection.column<Uint8Array>(
        'SELECT bytes FROM log_chunk WHERE log = ? AND position = ? AND chunk = ?',
        log,
        position,
        chunk,
      )[0];
      if (bytes === undefined) throw new Error(`chunk ${chunk} of column ${position} was not written`);
      return bytes;
    },
    commit: ({
      role,
      name,
      rows,
      firstTimeMs,
      lastTimeMs,
      classes,
      mapping,
      oddities,
      columns,
      badLines,
    }) => {
      live();
      const facts: SqlValue[] = [
        log,
        role,
        name,
        rows,
        firstTimeMs,
        lastTimeMs,
        JSON.stringify(classes),
        JSON.stringify(mapping),
        JSON.stringify(oddities),
        Date.now(),
        actor,
      ];
      const columnFacts = columns.map((column, position): SqlValue[] => [
        position,
        column.name,
        column.role,
        column.type,
        column.unit,
        column.class,
        column.levels === null ? null : JSON.stringify(column.levels),
      ]);
      const badInFile = new Map<number, number>();
      const badFacts = badLines.map(({ evidence, line, reason, text }): SqlValue[] => {
        const position = badInFile.get(evidence) ?? 0;
        badInFile.set(evidence, position + 1);
        return [evidence, position, line, reason, text];
      });
      const content = logHash(facts, columnFacts, badFacts, chunks);
      const insert = (table: string, names: string, lines: readonly (readonly SqlValue[])[]): void => {
        const places = names.replace(/\w+/g, '?');
        connection.runMany(`INSERT INTO ${table} (${names}) VALUES (${places})`, lines);
      };
      insert('log', `${LOG_FACTS}, content_sha256, audit_seq`, [[...facts, content, auditSeq]]);
      insert(
        'log_column',
        `log, ${LOG_COLUMN_FACTS}`,
        columnFacts.map((line) => [log, ...line]),
      );
      insert('bad_row', BAD_ROW_FACTS, badFacts);
      appendAudit(connection, actor, 'log/import', { log, role, name, rows, content, files });
      connection.script('COMMIT');
      end();
    },
    abandon: () => {
      if (!open) return;
      try {
        if (connection.inTransaction) connection.script('ROLLBACK');
      } finally {
        end();
      }
    },
  };
}
