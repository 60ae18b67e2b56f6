import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { createAlertTable } from './alert-table.ts';
import { createAuditTable } from './audit-table.ts';
import { checkpointInBackground, needsThread } from './background-checkpoint.ts';
import { createBaselineTable } from './baseline-table.ts';
import type { CaseFile } from './case-file.ts';
import { checkCaseHeader } from './case-header.ts';
import { lockCase, type CaseLock } from './case-lock.ts';
import { appendAudit, createCaseSession } from './case-session.ts';
import { connect, type Connection } from './connection.ts';
import { createDatasetTable } from './dataset-table.ts';
import { createEvidenceTable } from './evidence-table.ts';
import { createExportTable } from './export-table.ts';
import { createFindingTable } from './finding-table.ts';
import { createIncidentTable } from './incident-table.ts';
import { createImportTransaction } from './import-transaction.ts';
import { createLinkTable } from './link-table.ts';
import { createLogTable } from './log-table.ts';
import { createLogTransaction } from './log-transaction.ts';
import { createComparedTable, portableOrigin } from './compared-case.ts';
import { refuseMadeUpCounts } from './made-up-counts.ts';
import { createMatrixTable } from './matrix-table.ts';
import { createMonitorRulesTable } from './monitor-rules-table.ts';
import { createMonitorRunTable } from './monitor-run-table.ts';
import { writePortableCase } from './portable-case.ts';
import { createRunTable } from './run-table.ts';
import {
  APPLICATION_ID,
  migrate,
  migrations,
  PAGE_BYTES,
  SCHEMA_VERSION,
  schemaDifferences,
} from './schema.ts';
import { caseFailure, toCaseFailure } from './sqlite-failure.ts';
import { createStructureTable } from './structure-table.ts';
import { createVerdictTable } from './verdict-table.ts';

export interface CaseOptions {
  /** The system account's name: acts until the analyst gives theirs. */
  readonly proposedActor: string;
}

const MMAP_BYTES = 64 * 1024 * 1024;
/**
 * What an import has written beyond this goes to the disk before it ends: four chunks of a matrix. With two, the pages that
 * its end changes leave memory between one chunk and the next, and its commit sums up the whole log anew.
 */
const IMPORT_CACHE_KIB = 16_384;

/**
 * Makes a new, empty case and opens it.
 * @throws BezoarError case/exists, case/missing (no such folder), case/read-only, case/disk-full
 */
export function createCaseFile(target: string, options: CaseOptions): CaseFile {
  let path = resolve(target);
  try {
    closeSync(openSync(path, 'wx'));
    path = realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new BezoarError(
        'case/exists',
        `${basename(path)} is there already and was not touched. Choose another name, or open it.`,
      );
    throw toCaseFailure(path, error);
  }
  let lock: CaseLock | null = null;
  let connection: Connection | null = null;
  try {
    lock = lockCase(path);
    connection = connect(path, true);
    connection.pragma(`page_size = ${PAGE_BYTES}`);
    const made = connection;
    // One transaction: a crash in the middle leaves an empty file, never half a case.
    made.transaction(() => {
      const id = randomUUID();
      made.pragma(`application_id = ${APPLICATION_ID}`);
      migrate(made, migrations);
      made.runMany('INSERT INTO meta (name, value) VALUES (?, ?)', [
        ['id', id],
        ['created_at_ms', String(Date.now())],
        ['question', ''],
      ]);
      appendAudit(made, options.proposedActor, 'case/create', { id, format: SCHEMA_VERSION });
    });
    return caseOver(connection, lock, options);
  } catch (error) {
    connection?.close();
    lock?.release();
    for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(path + ending, { force: true });
    throw error;
  }
}

/**
 * Opens a case; an older one is brought to the present schema first. A file that is no case is never opened for writing.
 * @throws BezoarError case/missing, case/not-a-case, case/newer-schema, case/corrupt, case/read-only, case/in-use,
 *   case/disk-full
 */
export function openCaseFile(target: string, options: CaseOptions): CaseFile {
  let path = resolve(target);
  checkCaseHeader(path);
  try {
    // One lock for one file, whichever links lead to it.
    path = realpathSync(path);
    closeSync(openSync(path, 'r+'));
  } catch (error) {
    throw toCaseFailure(path, error);
  }
  const lock = lockCase(path);
  let connection: Connection | null = null;
  try {
    connection = connect(path);
    const structure = connection.column<string>('PRAGMA quick_check(1)')[0];
    if (structure !== 'ok') throw caseFailure.corrupt(path, structure ?? 'no answer from the check');
    const before = connection.pragma<number>('user_version');
    if (migrations.some((step) => step.version > before)) bringUpToDate(connection, before, options);
    const different = schemaDifferences(connection, 'tables');
    if (different.length > 0)
      throw caseFailure.corrupt(path, `these tables are not as Bezoar makes them: ${different.join(', ')}`);
    refuseMadeUpCounts(connection);
    const present = caseOver(connection, lock, options);
    try {
      present.state();
    } catch (error) {
      present.close();
      throw error;
    }
    return present;
  } catch (error) {
    connection?.close();
    lock.release();
    throw error;
  }
}

/** The steps and their audit line are one change: killed in the middle, the case is still the old one. */
function bringUpToDate(connection: Connection, from: number, options: CaseOptions): void {
  try {
    connection.transaction(() => {
      migrate(connection, migrations);
      appendAudit(connection, options.proposedActor, 'case/migrate', { from, to: SCHEMA_VERSION });
    });
  } catch (error) {
    if (error instanceof BezoarError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw caseFailure.corrupt(
      connection.path,
      `it says format ${from}, but a step onwards failed: ${reason}`,
    );
  }
}

function caseOver(connection: Connection, lock: CaseLock, options: CaseOptions): CaseFile {
  const { path } = connection;
  connection.pragma('journal_mode = WAL');
  prepare(connection);
  const meta = (name: string): string | null =>
    connection.column<string>('SELECT value FROM meta WHERE name = ?', name)[0] ?? null;
  const setMeta = (name: string, value: string): void => {
    connection.run('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)', name, value);
  };
  const id = meta('id');
  const createdAtMs = Number(meta('created_at_ms'));
  if (id === null || !Number.isFinite(createdAtMs))
    throw caseFailure.corrupt(path, 'its name plate is not readable');

  const actor = (): string => meta('analyst') ?? options.proposedActor;
  const session = createCaseSession(connection, actor);
  const datasets = createDatasetTable(session);
  const evidence = createEvidenceTable(connection);
  const findings = createFindingTable(session);
  const matrices = createMatrixTable(connection);
  const verdicts = createVerdictTable(session);
  const runs = createRunTable(session);
  const structures = createStructureTable(session);
  const exports = createExportTable(session);
  const logs = createLogTable(connection);
  const audit = createAuditTable(connection, matrices);
  const name = basename(path).replace(/\.bezoar$/i, '');
  const portable = portableOrigin(connection);
  let abandonImport: (() => void) | null = null;
  let awaitCheckpoint: () => void = () => undefined;
  let waiting: (() => void)[] = [];
  let closed = false;

  /** An import writes on a connection of its own: the rest of the engine reads the case as it was. */
  const beginOwn = <T extends { abandon(): void }>(begin: (own: Connection) => T): T => {
    if (session.importing) throw new Error('an import is being written already');
    session.refuseWhenGone();
    const own = connect(path);
    prepare(own);
    own.pragma(`cache_size = ${-IMPORT_CACHE_KIB}`);
    own.pragma('wal_autocheckpoint = 0');
    const transaction = begin(own);
    session.importing = true;
    abandonImport = () => {
      transaction.abandon();
    };
    return transaction;
  };
  const importEnded = (): void => {
    session.importing = false;
    abandonImport = null;
    // Small logs are moved by the next commit, as SQLite does of itself.
    if (needsThread(path)) awaitCheckpoint = checkpointInBackground(path);
    for (const go of waiting.splice(0)) go();
  };

  return {
    path,
    id,
    name,
    portable,
    datasets,
    evidence,
    findings,
    matrices,
    links: createLinkTable(session),
    verdicts,
    runs,
    structures,
    exports,
    logs,
    audit,
    baselines: createBaselineTable(session),
    monitorRuns: createMonitorRunTable(session),
    alerts: createAlertTable(session),
    incidents: createIncidentTable(session),
    monitorRules: createMonitorRulesTable(session),
    compared: createComparedTable(connection, id, name),
    actor,
    state: () => {
      const sets = connection.all<{ id: number; role: string; rows: number }>(
        'SELECT id, role, rows FROM dataset WHERE superseded = 0',
      );
      const investigated = sets.find((one) => one.role === 'investigated');
      const byVerdict = [0, 0, 0, 0];
      if (investigated !== undefined)
        for (const byte of verdicts.bytes(investigated.id)) byVerdict[byte] = (byVerdict[byte] ?? 0) + 1;
      const head = audit.head();
      return {
        id,
        name,
        location: path,
        createdAtMs,
        analyst: meta('analyst'),
        question: meta('question') ?? '',
        counts: {
          evidence: connection.column<number>('SELECT count(*) FROM evidence')[0] ?? 0,
          investigated: investigated?.rows ?? 0,
          trusted: sets.find((one) => one.role === 'trusted')?.rows ?? 0,
          scans: connection.column<number>("SELECT count(*) FROM run WHERE kind = 'scan'")[0] ?? 0,
          poison: byVerdict[1] ?? 0,
          clean: byVerdict[2] ?? 0,
          unsure: byVerdict[3] ?? 0,
        },
        auditHead: head.hash,
        auditCount: head.seq,
        portable,
      };
    },
    setAnalyst: (analyst) => {
      session.record('case/set-analyst', () => {
        setMeta('analyst', analyst);
        return { result: undefined, detail: { analyst } };
      });
    },
    setQuestion: (question) => {
      session.record('case/set-question', () => {
        setMeta('question', question);
        return { result: undefined, detail: { question } };
      });
    },
    loadView: () =>
      connection.column<string>("SELECT state FROM saved_view WHERE name = 'window'")[0] ?? null,
    saveView: (state) => {
      session.withoutAudit(() => {
        connection.run(
          "INSERT OR REPLACE INTO saved_view (name, state, saved_at_ms) VALUES ('window', ?, ?)",
          state,
          Date.now(),
        );
      });
    },
    change: (action, detail, work) => session.record(action, () => ({ result: work(), detail })),
    beginImport: () =>
      beginOwn((own) =>
        createImportTransaction(own, actor(), (committed) => {
          importEnded();
          if (committed) datasets.forgetCounts();
        }),
      ),
    beginLog: () => beginOwn((own) => createLogTransaction(own, actor(), importEnded)),
    writePortable: (target, turn) => writePortableCase({ path, id, name, actor: actor() }, target, turn),
    writable: async () => {
      while (session.importing)
        await new Promise<void>((go) => {
          waiting.push(go);
        });
    },
    close: () => {
      if (closed) return;
      closed = true;
      abandonImport?.();
      waiting = [];
      awaitCheckpoint();
      try {
        connection.pragma('wal_checkpoint(TRUNCATE)');
        connection.pragma('journal_mode = DELETE');
      } catch (error) {
        // What could not be moved into the file stays beside it and is taken up when the case is next opened.
        if (!(error instanceof BezoarError)) throw error;
      } finally {
        try {
          connection.close();
        } finally {
          lock.release();
        }
      }
    },
  };
}

function prepare(connection: Connection): void {
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  connection.pragma('temp_store = MEMORY');
  connection.pragma(`mmap_size = ${MMAP_BYTES}`);
}
