import type { BadRow } from '../../contract/evidence.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { Connection } from './connection.ts';

/** Stands for the line in formats without lines. */
const NO_LINE = 0;

export function insertBadRows(connection: Connection, evidence: number, rows: readonly BadRow[]): void {
  connection.runMany(
    'INSERT INTO bad_row (evidence, position, line, reason, text) VALUES (?, ?, ?, ?, ?)',
    rows.map(({ row, line, reason, text }) => [evidence, row, line ?? NO_LINE, reason, text]),
  );
}

/** The first records of an evidence file that were left out. */
export const badRowsOf = (connection: Connection, evidence: number): BadRow[] =>
  connection
    .all<{ position: number; line: number; reason: string; text: string }>(
      'SELECT position, line, reason, text FROM bad_row WHERE evidence = ? ORDER BY position',
      evidence,
    )
    .map(({ position, line, ...rest }) => ({ row: position, line: line === NO_LINE ? null : line, ...rest }));

/** How many files of records an audit line tells of, and the hash of what it tells of them: what the line keeps. */
export function recordsContent(connection: Connection, auditSeq: number): { count: number; content: string } {
  const files = connection.all(
    `SELECT id, rows, bad_rows, mapping, report FROM evidence
     WHERE audit_seq = ? AND dataset IS NOT NULL AND report IS NOT NULL ORDER BY id`,
    auditSeq,
  );
  const left = connection.all(
    `SELECT bad_row.evidence, position, line, reason, text FROM bad_row JOIN evidence ON evidence.id = bad_row.evidence
     WHERE evidence.audit_seq = ? AND evidence.dataset IS NOT NULL ORDER BY bad_row.evidence, position`,
    auditSeq,
  );
  return { count: files.length, content: sha256Hex(canonicalJson({ files, left })) };
}
