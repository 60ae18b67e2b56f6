import { createHash, randomUUID } from 'node:crypto';
import { BezoarError } from '../../contract/errors.ts';
import type { DatasetRole, MatrixInfo } from '../../contract/evidence.ts';
import { createAuditTable } from './audit-table.ts';
import { recordsContent } from './bad-row-table.ts';
import { appendAudit, nextAuditSeq } from './case-session.ts';
import { chunkRows } from './chunk-rows.ts';
import { citedRows } from './cited-rows.ts';
import { connect, type Connection, type SqlValue } from './connection.ts';
import { columnsOf, MATRIX_COLUMNS, matrixInfo } from './dataset-table.ts';
import { modelHash } from './evidence-table.ts';
import { findingsOf } from './finding-table.ts';
import { createMatrixTable } from './matrix-table.ts';
import { portableHash } from './portable-hash.ts';
import { contentHash } from './sample-content.ts';
import { APPLICATION_ID, migrate, migrations, PAGE_BYTES, SCHEMA_VERSION } from './schema.ts';
import { originsHash } from './verdict-origin.ts';
import { entriesHash } from './verdict-table.ts';

/** The case that a part is taken of. */
export interface WholeCase {
  readonly path: string;
  readonly id: string;
  readonly name: string;
  readonly actor: string;
}

/** Lets other work through and ends the writing by throwing; called often. `fraction` never falls. */
export type Turn = (fraction: number) => Promise<void>;

type Row = Record<string, SqlValue>;

interface SetToCarry {
  readonly id: number;
  readonly role: DatasetRole;
  /** Rows of the open case, in order. */
  readonly rows: readonly number[];
}

function insert(connection: Connection, table: string, row: Row): number {
  const names = Object.keys(row);
  return connection.run(
    `INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ...Object.values(row),
  );
}

/**
 * Writes a case of its own with the decided and cited samples of an open one, their rows of every matrix, the evidence
 * by its hashes, notes and verdicts with who made them. What it is taken of is read as it stands at one moment. The file
 * at `path` must be empty or not exist; it is of no use when this throws.
 *
 * @returns how many samples it holds
 * @throws BezoarError export/nothing, case/disk-full, case/read-only; what `turn` throws
 */
export async function writePortableCase(whole: WholeCase, path: string, turn: Turn): Promise<number> {
  const source = connect(whole.path);
  try {
    source.script('BEGIN');
    const sets = source
      .all<{ id: number; role: DatasetRole }>('SELECT id, role FROM dataset WHERE superseded = 0 ORDER BY id')
      .map((set): SetToCarry => ({ ...set, rows: citedRows(source, set.id) }));
    const samples = sets.reduce((sum, { rows }) => sum + rows.length, 0);
    if (samples === 0)
      throw new BezoarError(
        'export/nothing',
        'No sample has a verdict or a note, so a portable case would be empty. Nothing was written. Decide samples first.',
      );
    const target = connect(path, true);
    try {
      target.pragma(`page_size = ${PAGE_BYTES}`);
      // It is written aside and flushed as one file before it gets its name.
      target.pragma('journal_mode = MEMORY');
      target.pragma('synchronous = OFF');
      target.script('BEGIN IMMEDIATE');
      target.pragma(`application_id = ${APPLICATION_ID}`);
      migrate(target, migrations);
      await carry(source, target, whole, sets, turn);
      target.script('COMMIT');
      const check = createAuditTable(target, createMatrixTable(target)).verify();
      if (!check.ok) throw new Error(`a portable case does not hold: ${check.sentence}`);
    } finally {
      target.close();
    }
    return samples;
  } finally {
    source.close();
  }
}

async function carry(
  source: Connection,
  target: Connection,
  whole: WholeCase,
  sets: readonly SetToCarry[],
  turn: Turn,
): Promise<void> {
  const id = randomUUID();
  target.runMany('INSERT INTO meta (name, value) VALUES (?, ?)', [
    ['id', id],
    ['created_at_ms', String(Date.now())],
    ['question', source.column<string>("SELECT value FROM meta WHERE name = 'question'")[0] ?? ''],
  ]);
  appendAudit(target, whole.actor, 'case/create', { id, format: SCHEMA_VERSION });
  const seq = nextAuditSeq(target);
  addOrigin(source, target, whole, seq);
  const datasets: Row[] = [];
  for (const set of sets) datasets.push(carrySamples(source, target, set, seq));
  const files = carryEvidence(source, target, sets, seq);
  const matrices: Row[] = [];
  for (const set of sets) matrices.push(...(await carryMatrices(source, target, set, turn)));
  const models = source.all<Row>('SELECT * FROM model ORDER BY id').map((model) => {
    const made = insert(target, 'model', { ...model, audit_seq: seq });
    return { id: made, content: modelHash(target, made) };
  });
  const [findings, records] = [findingsOf(target, seq), recordsContent(target, seq)];
  appendAudit(target, whole.actor, 'evidence/import', {
    datasets,
    files,
    matrices,
    ...(models.length === 0 ? {} : { models }),
    ...(findings.count === 0 ? {} : { findings }),
    ...(records.count === 0 ? {} : { records }),
    portable: { of: target.get('SELECT * FROM portable') ?? null, content: portableHash(target) },
  });
  for (const set of sets) await carryDecisions(source, target, whole.actor, set, turn);
}

/** A part of a part is a part of the same whole. */
function addOrigin(source: Connection, target: Connection, whole: WholeCase, seq: number): void {
  const head = source.get<{ seq: number; hash: string }>(
    'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1',
  );
  const earlier = source.get<Row>('SELECT * FROM portable');
  insert(
    target,
    'portable',
    earlier === undefined
      ? {
          id: 1,
          case_id: whole.id,
          case_name: whole.name,
          audit_head: head?.hash ?? '',
          audit_count: head?.seq ?? 0,
          who: whole.actor,
          at_ms: Date.now(),
          audit_seq: seq,
        }
      : { ...earlier, audit_seq: seq },
  );
}

function carrySamples(
  source: Connection,
  target: Connection,
  { id, role, rows }: SetToCarry,
  seq: number,
): Row {
  const set = source.get<Row>('SELECT * FROM dataset WHERE id = ?', id) ?? {};
  const columns = columnsOf(source, id);
  insert(target, 'dataset', { ...set, rows: rows.length, content_sha256: '', audit_seq: seq });
  target.runMany(
    'INSERT INTO sample_column (dataset, position, name, role, type) VALUES (?, ?, ?, ?, ?)',
    columns.map((column) => [id, column.position, column.name, column.role, column.type]),
  );
  if (columns.length > 0)
    target.script(
      `CREATE TABLE record_${id} (row INTEGER PRIMARY KEY, ${columns
        .map(({ type }, position) => `c${position} ${type === 'number' ? 'REAL' : 'TEXT'}`)
        .join(', ')}) STRICT`,
    );
  const content = contentHash();
  const earlier = source.get<Row>('SELECT * FROM portable_set WHERE dataset = ?', id);
  insert(
    target,
    'portable_set',
    earlier ?? {
      dataset: id,
      rows: set.rows ?? 0,
      content_sha256: set.content_sha256 ?? '',
      matrices: JSON.stringify(
        source.all('SELECT role, sha256 FROM matrix WHERE dataset = ? AND superseded = 0 ORDER BY id', id),
      ),
    },
  );
  for (const [row, from] of rows.entries()) {
    const sample = source.get<{
      key: string;
      label: string | null;
      predicted: string | null;
      confidence: number | null;
    }>('SELECT key, label, predicted, confidence FROM sample WHERE dataset = ? AND row = ?', id, from);
    if (sample === undefined) throw new Error(`set ${id} has no row ${from}`);
    const record =
      columns.length === 0 ? {} : (source.get<Row>(`SELECT * FROM record_${id} WHERE row = ?`, from) ?? {});
    const cells = columns.map(({ position }) => record[`c${position}`] as string | number | null);
    content.add({ ...sample, row, cells });
    insert(target, 'sample', { dataset: id, row, ...sample });
    if (columns.length > 0) insert(target, `record_${id}`, { ...record, row });
    const fullRow =
      earlier === undefined
        ? from
        : (source.column<number>(
            'SELECT full_row FROM portable_sample WHERE dataset = ? AND row = ?',
            id,
            from,
          )[0] ?? from);
    insert(target, 'portable_sample', { dataset: id, row, full_row: fullRow });
  }
  const digest = content.digest();
  target.run('UPDATE dataset SET content_sha256 = ? WHERE id = ?', digest, id);
  return { id, role, rows: rows.length, content: digest };
}

/** The files of the whole case stay as they were told of, with their hashes and counts. */
function carryEvidence(
  source: Connection,
  target: Connection,
  sets: readonly SetToCarry[],
  seq: number,
): Row[] {
  return sets
    .flatMap(({ id }) =>
      source.all<Row>('SELECT * FROM evidence WHERE dataset = ? ORDER BY id', id).map((evidence) => {
        insert(target, 'evidence', { ...evidence, audit_seq: seq });
        for (const finding of source.all<Row>(
          'SELECT * FROM finding WHERE evidence = ? ORDER BY id',
          evidence.id ?? 0,
        ))
          insert(target, 'finding', { ...finding, audit_seq: seq });
        const { name = '', role = '', sha256 = '' } = evidence;
        return { id: evidence.id ?? 0, name, role, sha256 };
      }),
    )
    .sort((a, b) => Number(a.id) - Number(b.id));
}

async function carryMatrices(
  source: Connection,
  target: Connection,
  { id, rows }: SetToCarry,
  turn: Turn,
): Promise<Row[]> {
  const table = createMatrixTable(source);
  const carried: Row[] = [];
  const stored = source.all<Parameters<typeof matrixInfo>[1] & { evidence: number }>(
    `SELECT ${MATRIX_COLUMNS}, evidence FROM matrix WHERE dataset = ? AND superseded = 0 ORDER BY id`,
    id,
  );
  for (const [at, row] of stored.entries()) {
    const info: MatrixInfo = matrixInfo(source, row);
    const shape = [rows.length, ...info.shape.slice(1)];
    const { role, dtype, builtIn } = info;
    const chunk = chunkRows(dtype, shape);
    const hash = createHash('sha256');
    insert(target, 'matrix', {
      id: info.id,
      dataset: id,
      evidence: row.evidence,
      role,
      dtype,
      shape: JSON.stringify(shape),
      sha256: '',
      built_in: builtIn,
      superseded: 0,
    });
    for (let first = 0; first < rows.length; first += chunk) {
      const part = rows.slice(first, first + chunk);
      const { data } = table.imageRows(info, part);
      hash.update(data);
      insert(target, 'matrix_chunk', {
        matrix: info.id,
        chunk: first / chunk,
        first_row: first,
        rows: part.length,
        bytes: data,
      });
      await turn((0.7 * (at + (first + part.length) / rows.length)) / stored.length);
    }
    const sha256 = hash.digest('hex');
    target.run('UPDATE matrix SET sha256 = ? WHERE id = ?', sha256, info.id);
    carried.push({ id: info.id, role, sha256, builtIn });
  }
  return carried;
}

/** Verdicts in force by the action that made them, each with its author, time and reason; and the notes. */
async function carryDecisions(
  source: Connection,
  target: Connection,
  actor: string,
  { id, rows }: SetToCarry,
  turn: Turn,
): Promise<void> {
  const rowOf = new Map(rows.map((from, row) => [from, row]));
  for (const note of source.all<Row>('SELECT * FROM note WHERE dataset = ? ORDER BY row', id))
    insert(target, 'note', { ...note, row: rowOf.get(Number(note.row)) ?? -1 });
  const entries = source.all<{ row: number; verdict: string; entry: number; action: number }>(
    `SELECT verdict_now.row, verdict_now.verdict, verdict_now.entry, made.action FROM verdict_now
     JOIN verdict AS made ON made.id = verdict_now.entry
     WHERE verdict_now.dataset = ? AND verdict_now.verdict IS NOT NULL ORDER BY made.action, verdict_now.row`,
    id,
  );
  for (const [at, action] of [...new Set(entries.map((entry) => entry.action))].entries()) {
    const of = source.get<Row>('SELECT reason, who, at_ms FROM verdict_action WHERE id = ?', action) ?? {};
    const taken = source.get<Row>('SELECT * FROM take_over WHERE action = ?', action);
    const seq = nextAuditSeq(target);
    const made = insert(target, 'verdict_action', { kind: 'set', dataset: id, ...of, audit_seq: seq });
    if (taken !== undefined) insert(target, 'take_over', { ...taken, action: made });
    const own = entries.filter((entry) => entry.action === action);
    for (const { row, verdict, entry } of own) {
      const next = insert(target, 'verdict', {
        action: made,
        dataset: id,
        row: rowOf.get(row) ?? -1,
        verdict,
        supersedes: null,
        restores: null,
      });
      const origin = source.get<Row>('SELECT * FROM verdict_origin WHERE verdict = ?', entry);
      if (origin !== undefined) insert(target, 'verdict_origin', { ...origin, verdict: next });
    }
    appendAudit(target, actor, taken === undefined ? 'verdict/set' : 'verdict/take-over', {
      action: made,
      dataset: id,
      count: own.length,
      reason: of.reason ?? '',
      who: of.who ?? '',
      entries: entriesHash(target, made),
      ...(taken === undefined ? {} : { origins: originsHash(target, made) }),
    });
    await turn(0.7 + (0.3 * (at + 1)) / entries.length);
  }
}
