import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { BezoarError } from '../../contract/errors.ts';
import { DatasetRole } from '../../contract/evidence.ts';
import { Verdict } from '../../contract/samples.ts';
import type { MatrixTable } from './case-file.ts';
import { createAuditTable } from './audit-table.ts';
import { checkCaseHeader } from './case-header.ts';
import { readComparedCase, type ComparedCase, type ComparedFile } from './compared-case.ts';
import { connectToHostile, type Connection } from './connection.ts';
import { createMatrixTable } from './matrix-table.ts';
import { refuseMadeUpCounts } from './made-up-counts.ts';
import { SCHEMA_VERSION, schemaDifferences } from './schema.ts';
import { caseFailure } from './sqlite-failure.ts';
import { reasonWithOrigin } from './verdict-origin.ts';

/** More than this is not taken from another case at once. */
const MOST_VERDICTS = 500_000;
/** What Bezoar itself lets an analyst write; a longer text of another case is cut off there. */
const MOST_REASON = 2000;
const MOST_NOTE = 10_000;
const MOST_NAME = 500;
/** Files of evidence of one case. */
const MOST_FILES = 20_000;

/** A sample of the other case that was decided or has a note. */
export interface OtherSample {
  readonly set: DatasetRole;
  /** In the whole set. */
  readonly fullRow: number;
  readonly key: string;
  readonly label: string | null;
  readonly verdict: {
    readonly verdict: Verdict;
    readonly reason: string;
    readonly who: string;
    readonly atMs: number;
  } | null;
  readonly note: { readonly text: string; readonly who: string; readonly atMs: number } | null;
}

/** What is taken from another case's file: facts, and no connection to it. */
export interface OtherCase extends ComparedCase {
  readonly analyst: string | null;
  readonly auditHead: string;
  readonly auditCount: number;
  readonly audit: { readonly ok: boolean; readonly sentence: string };
  readonly samples: readonly OtherSample[];
}

/**
 * Reads another case as one reads a file that may be made to do harm: never written, nothing beside it touched, its
 * tables held against those that Bezoar makes before anything is asked of them. Says by `phase` what it is at.
 *
 * @throws BezoarError case/missing, case/not-a-case, case/newer-schema, case/older-schema, case/corrupt, case/in-use
 */
export function readOtherCase(path: string, phase: (name: string) => void): OtherCase {
  checkCaseHeader(path);
  refuseUnfinished(path);
  const connection = connectToHostile(path);
  try {
    // Whoever else may write this file waits until it was read.
    connection.script('BEGIN');
    phase('checking the file');
    // Types of columns are checked by this too: what is read further on is of the kind that it seems to be.
    const structure = connection.column<string>('PRAGMA quick_check(1)')[0];
    if (structure !== 'ok')
      throw caseFailure.corrupt(path, (structure ?? 'no answer from the check').slice(0, MOST_NAME));
    const schema = connection.pragma<number>('user_version');
    if (schema < SCHEMA_VERSION)
      throw new BezoarError(
        'case/older-schema',
        `${basename(path)} was written by an earlier Bezoar (format ${schema}; this one compares format ${SCHEMA_VERSION}). ` +
          'It was not touched. Open a copy of it here once, which brings it up to date, close it, and compare that.',
      );
    const different = schemaDifferences(connection, 'tables');
    if (different.length > 0)
      throw caseFailure.corrupt(
        path,
        `these tables are not as Bezoar makes them: ${different.slice(0, 10).join(', ').slice(0, MOST_NAME)}`,
      );
    refuseMadeUpCounts(connection);
    phase('checking its audit');
    const audit = checked(connection);
    phase('reading its verdicts');
    const meta = (name: string): string | null =>
      connection.column<string>('SELECT value FROM meta WHERE name = ?', name)[0]?.slice(0, MOST_NAME) ??
      null;
    const id = meta('id');
    if (id === null) throw caseFailure.corrupt(path, 'its name plate is not readable');
    const compared = bounded(
      path,
      readComparedCase(connection, id, basename(path).replace(/\.bezoar$/i, '')),
    );
    const head = connection.get<{ seq: number; hash: string }>(
      'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1',
    );
    return {
      ...compared,
      analyst: meta('analyst'),
      auditHead: head?.hash ?? '',
      auditCount: head?.seq ?? 0,
      audit,
      samples: compared.sets.flatMap(({ dataset, role }) => samplesOf(connection, dataset, role)),
    };
  } finally {
    connection.close();
  }
}

/** The facts of a case with its texts cut off where Bezoar itself would never go on. @throws BezoarError case/corrupt */
function bounded(path: string, compared: ComparedCase): ComparedCase {
  const { portable, files, sets } = compared;
  const counts = [...sets.map(({ fullRows }) => fullRows), portable?.auditCount ?? 0, portable?.of ?? 0];
  if (!sets.every(({ role }) => DatasetRole.options.includes(role)))
    throw caseFailure.corrupt(path, 'it holds a set of no kind that there is');
  if (files.length > MOST_FILES || !counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw caseFailure.corrupt(path, 'it counts what no case holds');
  const cut = (text: string): string => text.slice(0, MOST_NAME);
  const file = (one: ComparedFile): ComparedFile => ({
    ...one,
    role: cut(one.role),
    name: cut(one.name),
    entry: one.entry === null ? null : cut(one.entry),
    sha256: cut(one.sha256),
  });
  return {
    ...compared,
    portable: portable && {
      ...portable,
      caseId: cut(portable.caseId),
      caseName: cut(portable.caseName),
      auditHead: cut(portable.auditHead),
      by: cut(portable.by),
    },
    files: files.map(file),
    sets: sets.map((set) => ({ ...set, files: set.files.map(file) })),
  };
}

/** A case that is open elsewhere, or was never closed, has its last changes beside the file, where they are not read. */
function refuseUnfinished(path: string): void {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, 20, 0);
  } finally {
    closeSync(file);
  }
  if (head[18] !== 1 || head[19] !== 1 || existsSync(`${path}-wal`) || existsSync(`${path}-journal`))
    throw new BezoarError(
      'case/in-use',
      `${basename(path)} is open in a Bezoar, or was not closed by one: its last changes lie beside it. Nothing was read. ` +
        'Close it there, or open it once and close it, then compare again.',
    );
}

/** The check that the case's own `verify` makes. What it cannot get through is damage, and said as such. */
function checked(connection: Connection): { ok: boolean; sentence: string } {
  try {
    const matrices = createMatrixTable(connection);
    // A link names a path of another machine, or one that somebody wants read here: it is not followed.
    const linked = new Set(connection.column<number>('SELECT DISTINCT matrix FROM matrix_link'));
    const within: MatrixTable = {
      ...matrices,
      hash: (matrix) => (linked.has(matrix.id) ? matrix.sha256 : matrices.hash(matrix)),
    };
    const { ok, sentence } = createAuditTable(connection, within).verify();
    return {
      ok,
      sentence: linked.size === 0 ? sentence : `${sentence} Values that it only links to were not looked at.`,
    };
  } catch (error) {
    if (error instanceof BezoarError && error.code !== 'case/corrupt') throw error;
    const found = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      sentence: `This case was altered outside Bezoar or damaged: its check came to no end (${found.slice(0, MOST_NAME)}). Do not rely on it.`,
    };
  }
}

interface SampleRow {
  full_row: number | null;
  key: string;
  label: string | null;
  verdict: Verdict | null;
  reason: string | null;
  who: string | null;
  at_ms: number | null;
  note: string | null;
  note_who: string | null;
  note_at_ms: number | null;
  from_reason: string | null;
  from_who: string | null;
  from_name: string | null;
}

function samplesOf(connection: Connection, dataset: number, set: DatasetRole): OtherSample[] {
  const rows = connection.column<number>(
    `SELECT row FROM verdict_now WHERE dataset = ? AND verdict IS NOT NULL
     UNION SELECT row FROM note WHERE dataset = ? ORDER BY row LIMIT ${MOST_VERDICTS + 1}`,
    dataset,
    dataset,
  );
  if (rows.length > MOST_VERDICTS)
    throw new BezoarError(
      'evidence/too-large',
      `${basename(connection.path)} holds more than ${MOST_VERDICTS.toLocaleString('en-US')} decided samples; so many are not taken over at once. Nothing was changed.`,
    );
  const portable = connection.column('SELECT 1 FROM portable').length > 0;
  return rows.flatMap((row): OtherSample[] => {
    const one = connection.get<SampleRow>(
      `SELECT ${portable ? '(SELECT full_row FROM portable_sample AS p WHERE p.dataset = sample.dataset AND p.row = sample.row)' : 'sample.row'} AS full_row,
         sample.key, sample.label, made.verdict, act.reason, act.who, act.at_ms,
         note.text AS note, note.who AS note_who, note.at_ms AS note_at_ms,
         origin.reason AS from_reason, origin.who AS from_who, take_over.case_name AS from_name
       FROM sample
       LEFT JOIN verdict AS made ON made.id =
         (SELECT coalesce(restores, id) FROM verdict AS last
          WHERE last.dataset = sample.dataset AND last.row = sample.row AND last.id =
            (SELECT max(id) FROM verdict AS v WHERE v.dataset = sample.dataset AND v.row = sample.row)
            AND last.verdict IS NOT NULL)
       LEFT JOIN verdict_action AS act ON act.id = made.action
       LEFT JOIN verdict_origin AS origin ON origin.verdict = made.id
       LEFT JOIN take_over ON take_over.action = made.action
       LEFT JOIN note ON note.dataset = sample.dataset AND note.row = sample.row
       WHERE sample.dataset = ? AND sample.row = ?`,
      dataset,
      row,
    );
    if (one === undefined || one.full_row === null) return [];
    if (one.verdict !== null && !Verdict.options.includes(one.verdict))
      throw caseFailure.corrupt(connection.path, `a verdict of row ${row} is of no kind that there is`);
    const from =
      one.from_who === null || one.from_name === null
        ? null
        : { reason: one.from_reason ?? '', who: one.from_who, caseName: one.from_name };
    const verdict =
      one.verdict === null || one.at_ms === null
        ? null
        : {
            verdict: one.verdict,
            reason: reasonWithOrigin(one.reason ?? '', from).slice(0, MOST_REASON),
            who: (one.who ?? '').slice(0, MOST_NAME),
            atMs: one.at_ms,
          };
    const note =
      one.note === null
        ? null
        : {
            text: one.note.slice(0, MOST_NOTE),
            who: (one.note_who ?? '').slice(0, MOST_NAME),
            atMs: one.note_at_ms ?? 0,
          };
    return [{ set, fullRow: one.full_row, key: one.key, label: one.label, verdict, note }];
  });
}
