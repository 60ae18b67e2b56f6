import type {
  ArrayRole,
  ColumnRole,
  Dataset,
  DatasetRole,
  Dtype,
  MatrixInfo,
} from '../../contract/evidence.ts';
import { BezoarError } from '../../contract/errors.ts';
import type { Sample, Verdict } from '../../contract/samples.ts';
import type { DatasetTable } from './case-file.ts';
import type { CaseSession } from './case-session.ts';
import { parseStored, type Connection } from './connection.ts';
import { OVERLAPPING_KEYS } from './overlapping-keys.ts';

interface DatasetRow {
  id: number;
  role: DatasetRole;
  name: string;
  rows: number;
}

interface MatrixRow {
  id: number;
  role: ArrayRole;
  dtype: Dtype;
  shape: string;
  sha256: string;
  built_in: string | null;
}

interface SampleRow {
  row: number;
  key: string;
  label: string | null;
  predicted: string | null;
  confidence: number | null;
  verdict: Verdict | null;
  seen: number;
  note: string | null;
  [column: `c${number}`]: string | number | null;
}

interface ColumnRow {
  position: number;
  name: string;
  role: ColumnRole;
  type: 'text' | 'number';
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const columnsOf = (connection: Connection, dataset: number): ColumnRow[] =>
  connection.all<ColumnRow>(
    'SELECT position, name, role, type FROM sample_column WHERE dataset = ? ORDER BY position',
    dataset,
  );

export const MATRIX_COLUMNS = 'id, role, dtype, shape, sha256, built_in';

export const matrixInfo = (connection: Connection, row: MatrixRow): MatrixInfo => ({
  id: row.id,
  role: row.role,
  dtype: row.dtype,
  shape: parseStored<number[]>(connection, row.shape),
  sha256: row.sha256,
  builtIn: row.built_in,
});

/** @throws BezoarError sample/not-found when a row is outside the set */
export function checkRows(connection: Connection, dataset: number, rows: readonly number[]): void {
  const size = connection.column<number>('SELECT rows FROM dataset WHERE id = ?', dataset)[0] ?? 0;
  const outside = rows.find((row) => !(row >= 0 && row < size));
  if (outside !== undefined)
    throw new BezoarError(
      'sample/not-found',
      `Row ${outside} is not in this set of ${size} samples. Nothing was changed. Reload the view and choose again.`,
    );
}

/** Samples of a set and the set itself. The rows of a set never change once imported, so counts are kept in memory. */
export function createDatasetTable(session: CaseSession): DatasetTable & { forgetCounts(): void } {
  const { connection } = session;
  let counts = new Map<
    number,
    { labels: Map<string, number>; predicted: Set<string>; confidence: boolean }
  >();

  const countsOf = (dataset: number) => {
    let found = counts.get(dataset);
    if (found === undefined) {
      const labels = connection.all<{ label: string; n: number }>(
        'SELECT label, count(*) AS n FROM sample WHERE dataset = ? AND label IS NOT NULL GROUP BY label',
        dataset,
      );
      found = {
        labels: new Map(labels.map((one) => [one.label, one.n])),
        predicted: new Set(
          connection.column<string>(
            'SELECT DISTINCT predicted FROM sample WHERE dataset = ? AND predicted IS NOT NULL',
            dataset,
          ),
        ),
        confidence:
          connection.column<number>(
            'SELECT 1 FROM sample WHERE dataset = ? AND confidence IS NOT NULL LIMIT 1',
            dataset,
          ).length > 0,
      };
      counts.set(dataset, found);
    }
    return found;
  };

  const activeRows = (): DatasetRow[] =>
    connection.all<DatasetRow>('SELECT id, role, name, rows FROM dataset WHERE superseded = 0 ORDER BY id');

  const classNames = (): string[] => {
    const names = new Set<string>();
    for (const { id } of activeRows()) {
      const { labels, predicted } = countsOf(id);
      for (const label of labels.keys()) names.add(label);
      for (const label of predicted) names.add(label);
    }
    return [...names].sort(byCodeUnit);
  };

  const toDataset = (row: DatasetRow, classes: string[]): Dataset => {
    const { labels, predicted, confidence } = countsOf(row.id);
    return {
      ...row,
      classes,
      classCounts: classes.map((name) => labels.get(name) ?? 0),
      columns: columnsOf(connection, row.id).map(({ name, role, type }) => ({ name, role, type })),
      hasPredictions: predicted.size > 0,
      hasConfidence: confidence,
      matrices: connection
        .all<MatrixRow>(
          `SELECT ${MATRIX_COLUMNS} FROM matrix WHERE dataset = ? AND superseded = 0 ORDER BY id`,
          row.id,
        )
        .map((matrix) => matrixInfo(connection, matrix)),
    };
  };

  const classIndices = (dataset: number, column: 'label' | 'predicted'): Int32Array => {
    const index = new Map(classNames().map((name, at) => [name, at]));
    const names = connection.column<string | null>(
      `SELECT ${column} FROM sample WHERE dataset = ? ORDER BY row`,
      dataset,
    );
    return Int32Array.from(names, (name) => (name === null ? -1 : (index.get(name) ?? -1)));
  };

  return {
    forgetCounts: () => {
      counts = new Map();
    },
    list: () => {
      const classes = classNames();
      return activeRows().map((row) => toDataset(row, classes));
    },
    active: (role) => {
      const row = activeRows().find((one) => one.role === role);
      return row === undefined ? null : toDataset(row, classNames());
    },
    labels: (dataset) => classIndices(dataset, 'label'),
    predicted: (dataset) => classIndices(dataset, 'predicted'),
    keys: (dataset) =>
      connection.column<string>('SELECT key FROM sample WHERE dataset = ? ORDER BY row', dataset),
    keysWithLabel: (dataset, label) =>
      connection.all<{ row: number; key: string }>(
        'SELECT row, key FROM sample WHERE dataset = ? AND label = ? ORDER BY row',
        dataset,
        label,
      ),
    textColumn: (dataset, name) => {
      const column = columnsOf(connection, dataset).find((one) => one.name === name);
      if (column?.type !== 'text')
        throw new BezoarError(
          'evidence/missing-column',
          `The records have no column of text named ${JSON.stringify(name)}. Choose another column.`,
        );
      return connection.column<string | null>(
        `SELECT c${column.position} FROM record_${dataset} ORDER BY row`,
      );
    },
    numberColumn: (dataset, name) => {
      if (name === 'confidence')
        return Float64Array.from(
          connection.column<number | null>(
            'SELECT confidence FROM sample WHERE dataset = ? ORDER BY row',
            dataset,
          ),
          (value) => value ?? NaN,
        );
      const column = columnsOf(connection, dataset).find((one) => one.name === name);
      if (column?.type !== 'number')
        throw new BezoarError(
          'evidence/missing-column',
          `The records have no column of numbers named ${JSON.stringify(name)}. Choose another column.`,
        );
      return Float64Array.from(
        connection.column<number | null>(`SELECT c${column.position} FROM record_${dataset} ORDER BY row`),
        (value) => value ?? NaN,
      );
    },
    samples: (dataset, rows) => {
      checkRows(connection, dataset, rows);
      const columns = columnsOf(connection, dataset);
      const cells = columns.map(({ position }) => `, record.c${position}`).join('');
      const sql = `
        SELECT sample.row, sample.key, sample.label, sample.predicted, sample.confidence, note.text AS note,
          (SELECT verdict FROM verdict WHERE verdict.dataset = sample.dataset AND verdict.row = sample.row
           ORDER BY id DESC LIMIT 1) AS verdict,
          EXISTS (SELECT 1 FROM seen WHERE seen.dataset = sample.dataset AND seen.row = sample.row) AS seen
          ${cells}
        FROM sample
        LEFT JOIN note ON note.dataset = sample.dataset AND note.row = sample.row
        ${columns.length > 0 ? `LEFT JOIN record_${dataset} AS record ON record.row = sample.row` : ''}
        WHERE sample.dataset = ? AND sample.row = ?`;
      return rows.map((row): Sample => {
        const found = connection.get<SampleRow>(sql, dataset, row);
        if (found === undefined)
          throw new BezoarError('sample/not-found', `Row ${row} is not in this set. Reload the view.`);
        return {
          row: found.row,
          key: found.key,
          label: found.label ?? '',
          predicted: found.predicted,
          confidence: found.confidence,
          verdict: found.verdict,
          seen: found.seen === 1,
          note: found.note,
          columns: Object.fromEntries(
            columns.map(({ name, position }) => [name, found[`c${position}`] ?? null]),
          ),
        };
      });
    },
    find: (dataset, query, limit) => {
      const exact = connection.column<number>(
        'SELECT row FROM sample WHERE dataset = ? AND key = ?',
        dataset,
        query,
      );
      const words = query
        .trim()
        .split(/\s+/)
        .filter((word) => word !== '');
      if (words.length === 0) return exact.slice(0, limit);
      const texts = columnsOf(connection, dataset).filter((one) => one.type === 'text');
      const haystack = [
        'sample.key',
        "coalesce(sample.label, '')",
        "coalesce(sample.predicted, '')",
        ...texts.map(({ position }) => `coalesce(record.c${position}, '')`),
      ].join(' || char(10) || ');
      const join = texts.length > 0 ? `JOIN record_${dataset} AS record ON record.row = sample.row` : '';
      const held = connection.column<number>(
        `SELECT sample.row FROM sample ${join} WHERE sample.dataset = ?
         ${words.map(() => `AND instr(lower(${haystack}), lower(?)) > 0`).join(' ')}
         ORDER BY sample.row LIMIT ?`,
        dataset,
        ...words,
        limit,
      );
      return [...exact, ...held.filter((row) => !exact.includes(row))].slice(0, limit);
    },
    overlappingKeys: (limit) => connection.column<string>(OVERLAPPING_KEYS, limit),
    setNote: (dataset, row, text) => {
      checkRows(connection, dataset, [row]);
      session.record('note/set', () => {
        if (text.trim() === '')
          connection.run('DELETE FROM note WHERE dataset = ? AND row = ?', dataset, row);
        else
          connection.run(
            'INSERT OR REPLACE INTO note (dataset, row, text, who, at_ms) VALUES (?, ?, ?, ?, ?)',
            dataset,
            row,
            text,
            session.actor(),
            Date.now(),
          );
        return { result: undefined, detail: { dataset, row, text } };
      });
    },
    markSeen: (dataset, rows) => {
      checkRows(connection, dataset, rows);
      const fresh = [...new Set(rows)].filter(
        (row) =>
          connection.column<number>('SELECT 1 FROM seen WHERE dataset = ? AND row = ?', dataset, row)
            .length === 0,
      );
      if (fresh.length === 0) return;
      session.record('seen/mark', () => {
        const now = Date.now();
        connection.runMany(
          'INSERT INTO seen (dataset, row, who, at_ms) VALUES (?, ?, ?, ?)',
          fresh.map((row) => [dataset, row, session.actor(), now]),
        );
        return { result: undefined, detail: { dataset, count: fresh.length } };
      });
    },
    seen: (dataset) => {
      const size = connection.column<number>('SELECT rows FROM dataset WHERE id = ?', dataset)[0] ?? 0;
      const seen = new Uint8Array(size);
      for (const row of connection.column<number>('SELECT row FROM seen WHERE dataset = ?', dataset))
        seen[row] = 1;
      return seen;
    },
  };
}
