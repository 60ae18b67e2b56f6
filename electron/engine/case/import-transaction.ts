import type { ArrayRole, DatasetRole, Dtype } from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import { Cancelled } from '../../../native-workers/task.ts';
import type { ImportTransaction } from './case-file.ts';
import { insertBadRows, recordsContent } from './bad-row-table.ts';
import { findingsOf, insertFindings } from './finding-table.ts';
import { appendAudit, nextAuditSeq } from './case-session.ts';
import type { Connection, SqlValue } from './connection.ts';
import { modelHash } from './evidence-table.ts';
import { earlySync } from './early-sync.ts';
import { addLink, linkHash } from './linked-file.ts';
import { OVERLAPPING_KEYS } from './overlapping-keys.ts';
import { contentHash } from './sample-content.ts';

const IMPORTER_VERSION = '1';
/** SQLite takes no more columns in one table. */
const MOST_COLUMNS = 1900;

/**
 * Reads the rows that the end of an import changes. Pages that are looked at stay in memory; one that had gone to the
 * write-ahead log would be changed there, and SQLite would sum up anew all that follows it.
 */
const WILL_CHANGE = `SELECT matrix.sha256, evidence.sha256, dataset.content_sha256
  FROM matrix JOIN evidence ON evidence.id = matrix.evidence JOIN dataset ON dataset.id = matrix.dataset
  WHERE matrix.id = ?`;

interface NewSet {
  readonly id: number;
  readonly role: DatasetRole;
  content: ReturnType<typeof contentHash>;
  rows: number;
  columns: number;
}

/**
 * An import on a connection of its own: one SQLite transaction from the first row to the audit line, so that the rest
 * of the engine reads the case as it was until `commit`. `ended` is called once, whichever way it ends.
 */
export function createImportTransaction(
  connection: Connection,
  actor: string,
  ended: (committed: boolean) => void,
): ImportTransaction {
  connection.script('BEGIN IMMEDIATE');
  const sync = earlySync(connection.path);
  const auditSeq = nextAuditSeq(connection);
  const sets: NewSet[] = [];
  const matrices: { id: number; role: ArrayRole; sha256: string; builtIn: string | null }[] = [];
  const models: { id: number; content: string }[] = [];
  const links: { id: number; content: string }[] = [];
  const files: { id: number; name: string; role: string; sha256: string }[] = [];
  let open = true;

  const end = (committed: boolean): void => {
    open = false;
    sync.end();
    connection.close();
    ended(committed);
  };
  const live = (): void => {
    // The case was closed meanwhile.
    if (!open) throw new Cancelled();
    // After a full disk SQLite has taken the whole transaction back; what came now would be kept on its own.
    if (!connection.inTransaction) throw new Error('the import has ended');
  };
  const newSet = (dataset: number): NewSet => {
    const found = sets.find((one) => one.id === dataset);
    if (found === undefined) throw new Error(`dataset ${dataset} was not made by this import`);
    return found;
  };
  const setOfRole = (role: DatasetRole): number | undefined =>
    sets.find((one) => one.role === role)?.id ??
    connection.column<number>('SELECT id FROM dataset WHERE role = ? AND superseded = 0', role)[0];

  return {
    addDataset: ({ role, name, ownKeys = true }) => {
      live();
      const id = connection.run(
        `INSERT INTO dataset (role, name, rows, own_keys, content_sha256, superseded, audit_seq)
         VALUES (?, ?, 0, ?, '', 0, ?)`,
        role,
        name,
        ownKeys ? 1 : 0,
        auditSeq,
      );
      // What the set is filled with can be taken back alone.
      connection.script(`SAVEPOINT set_${id}`);
      sets.push({ id, role, content: contentHash(), rows: 0, columns: 0 });
      return id;
    },
    addEvidence: (evidence) => {
      live();
      const dataset = setOfRole(evidence.dataset);
      if (dataset === undefined) throw new Error(`there is no ${evidence.dataset} set`);
      const id = connection.run(
        `INSERT INTO evidence (dataset, role, name, entry, size, sha256, format, importer_version, mapping, rows, shape,
           dtype, bad_rows, report, imported_at_ms, imported_by, audit_seq)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        dataset,
        evidence.role,
        evidence.name,
        evidence.entry ?? null,
        evidence.size,
        evidence.sha256,
        evidence.format,
        IMPORTER_VERSION,
        JSON.stringify(evidence.mapping ?? null),
        evidence.rows,
        evidence.shape === null ? null : JSON.stringify(evidence.shape),
        evidence.dtype,
        evidence.badRows?.count ?? 0,
        evidence.report === undefined || evidence.report === null ? null : JSON.stringify(evidence.report),
        Date.now(),
        actor,
        auditSeq,
      );
      insertFindings(connection, { evidence: id }, evidence.findings ?? [], actor, auditSeq);
      insertBadRows(connection, id, evidence.badRows?.first ?? []);
      files.push({ id, name: evidence.name, role: evidence.role, sha256: evidence.sha256 });
      return id;
    },
    finishEvidence: (evidence, { sha256, rows, notes = [] }) => {
      live();
      connection.run('UPDATE evidence SET sha256 = ?, rows = ? WHERE id = ?', sha256, rows, evidence);
      if (notes.length > 0)
        connection.run('UPDATE evidence SET mapping = ? WHERE id = ?', JSON.stringify({ notes }), evidence);
      const file = files.find((one) => one.id === evidence);
      if (file !== undefined) file.sha256 = sha256;
    },
    addColumns: (dataset, columns) => {
      live();
      const set = newSet(dataset);
      if (columns.length > MOST_COLUMNS)
        throw new BezoarError(
          'evidence/too-large',
          `The records have ${columns.length} columns to keep; a case takes ${MOST_COLUMNS}. Nothing was imported. ` +
            'Set the columns that are not needed to ignored.',
        );
      set.columns = columns.length;
      if (columns.length === 0) return;
      connection.runMany(
        'INSERT INTO sample_column (dataset, position, name, role, type) VALUES (?, ?, ?, ?, ?)',
        columns.map(({ name, role, type }, position) => [dataset, position, name, role, type]),
      );
      connection.script(
        `CREATE TABLE record_${dataset} (row INTEGER PRIMARY KEY, ${columns
          .map(({ type }, position) => `c${position} ${type === 'number' ? 'REAL' : 'TEXT'}`)
          .join(', ')}) STRICT`,
      );
    },
    emptySet: (dataset) => {
      live();
      const set = newSet(dataset);
      connection.script(`ROLLBACK TO set_${set.id}`);
      set.content = contentHash();
      set.rows = 0;
      set.columns = 0;
    },
    addSamples: (dataset, samples) => {
      live();
      const set = newSet(dataset);
      const rows: SqlValue[][] = [];
      const records: SqlValue[][] = [];
      for (const sample of samples) {
        if (sample.row !== set.rows) throw new Error(`row ${sample.row} came where row ${set.rows} was due`);
        set.rows += 1;
        set.content.add(sample);
        rows.push([dataset, sample.row, sample.key, sample.label, sample.predicted, sample.confidence]);
        if (set.columns > 0) records.push([sample.row, ...sample.cells]);
      }
      connection.runMany(
        'INSERT INTO sample (dataset, row, key, label, predicted, confidence) VALUES (?, ?, ?, ?, ?, ?)',
        rows,
      );
      if (set.columns > 0)
        connection.runMany(`INSERT INTO record_${dataset} VALUES (?${', ?'.repeat(set.columns)})`, records);
    },
    addNumbered: (dataset, rows) => {
      live();
      const set = newSet(dataset);
      connection.run(
        `WITH RECURSIVE numbered(row) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT row + 1 FROM numbered WHERE row + 1 < ?)
         INSERT INTO sample (dataset, row, key, label, predicted, confidence)
         SELECT ?, row, CAST(row AS TEXT), NULL, NULL, NULL FROM numbered`,
        set.rows,
        set.rows + rows,
        dataset,
      );
      set.content.addNumbered(set.rows, rows);
      set.rows += rows;
    },
    addMatrix: (
      dataset,
      evidence,
      {
        role,
        dtype,
        shape,
        builtIn = null,
      }: { role: ArrayRole; dtype: Dtype; shape: readonly number[]; builtIn?: string | null },
    ) => {
      live();
      const id = connection.run(
        `INSERT INTO matrix (dataset, evidence, role, dtype, shape, sha256, built_in, superseded)
         VALUES (?, ?, ?, ?, ?, '', ?, 0)`,
        dataset,
        evidence,
        role,
        dtype,
        JSON.stringify(shape),
        builtIn,
      );
      matrices.push({ id, role, sha256: '', builtIn });
      return id;
    },
    addChunk: (matrix, index, firstRow, rows, bytes) => {
      live();
      connection.run(
        'INSERT INTO matrix_chunk (matrix, chunk, first_row, rows, bytes) VALUES (?, ?, ?, ?, ?)',
        matrix,
        index,
        firstRow,
        rows,
        bytes,
      );
      sync.written(bytes.length);
      connection.all(WILL_CHANGE, matrix);
    },
    linkMatrix: (matrix, link) => {
      live();
      const id = addLink(connection, matrix, link, actor, auditSeq);
      links.push({ id, content: linkHash(connection, id) });
    },
    finishMatrix: (matrix, sha256) => {
      live();
      connection.run('UPDATE matrix SET sha256 = ? WHERE id = ?', sha256, matrix);
      const found = matrices.find((one) => one.id === matrix);
      if (found !== undefined) found.sha256 = sha256;
    },
    supersedeBuiltIn: () => {
      live();
      connection.run(
        `UPDATE matrix SET superseded = 1 WHERE built_in IS NOT NULL AND superseded = 0
           AND dataset IN (SELECT id FROM dataset WHERE superseded = 0)`,
      );
    },
    addModel: ({ name, size, sha256, format, model }) => {
      live();
      const id = connection.run(
        `INSERT INTO model (name, size, sha256, format, importer_version, facts, imported_at_ms, imported_by, audit_seq)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        name,
        size,
        sha256,
        format,
        IMPORTER_VERSION,
        JSON.stringify(model),
        Date.now(),
        actor,
        auditSeq,
      );
      models.push({ id, content: modelHash(connection, id) });
      return id;
    },
    supersede: (role) => {
      live();
      const added = sets.map(({ id }) => id);
      connection.run(
        `UPDATE dataset SET superseded = 1 WHERE role = ? AND id NOT IN (${added.map(() => '?').join(', ')})`,
        role,
        ...added,
      );
    },
    overlappingKeys: (limit) => {
      live();
      return connection.column<string>(OVERLAPPING_KEYS, limit);
    },
    commit: (action, detail) => {
      live();
      const datasets = sets.map(({ id, role, rows, content }) => ({
        id,
        role,
        rows,
        content: content.digest(),
      }));
      for (const { id, rows, content } of datasets)
        connection.run('UPDATE dataset SET rows = ?, content_sha256 = ? WHERE id = ?', rows, content, id);
      const twice = connection.column<string>(
        'SELECT role FROM dataset WHERE superseded = 0 GROUP BY role HAVING count(*) > 1',
      );
      if (twice.length > 0) throw new Error(`two active sets: ${twice.join(', ')}`);
      const findings = findingsOf(connection, auditSeq);
      const records = recordsContent(connection, auditSeq);
      const found = {
        ...(findings.count === 0 ? {} : { findings }),
        ...(records.count === 0 ? {} : { records }),
      };
      const told = {
        ...(models.length === 0 ? {} : { models }),
        ...(links.length === 0 ? {} : { links }),
      };
      appendAudit(connection, actor, action, { ...detail, datasets, files, matrices, ...found, ...told });
      connection.script('COMMIT');
      end(true);
    },
    abandon: () => {
      if (!open) return;
      try {
        if (connection.inTransaction) connection.script('ROLLBACK');
      } finally {
        end(false);
      }
    },
  };
}
