import type { Finding, KeptFinding } from '../../contract/evidence.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { FindingTable } from './case-file.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import type { Connection } from './connection.ts';

/** Where findings belong: to evidence, or to a file that was refused. */
export type FindingOf =
  { readonly evidence: number } | { readonly file: string; readonly size: number; readonly sha256: string };

export function insertFindings(
  connection: Connection,
  of: FindingOf,
  findings: readonly Finding[],
  actor: string,
  auditSeq: number,
): void {
  const [evidence, file, size, sha256] =
    'evidence' in of ? [of.evidence, null, null, null] : [null, of.file, of.size, of.sha256];
  connection.runMany(
    `INSERT INTO finding (evidence, file, size, sha256, kind, subject, offset, sentence, who, at_ms, audit_seq)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    findings.map(({ kind, subject, offset, sentence }) => [
      evidence,
      file,
      size,
      sha256,
      kind,
      subject,
      offset,
      sentence,
      actor,
      Date.now(),
      auditSeq,
    ]),
  );
}

/** How many findings an audit line tells of, and the hash of them all but that line: what the line keeps. */
export function findingsOf(connection: Connection, auditSeq: number): { count: number; content: string } {
  const stored = connection.all(
    `SELECT id, evidence, file, size, sha256, kind, subject, offset, sentence, who, at_ms
     FROM finding WHERE audit_seq = ? ORDER BY id`,
    auditSeq,
  );
  return { count: stored.length, content: sha256Hex(canonicalJson(stored)) };
}

export function createFindingTable(session: CaseSession): FindingTable {
  const { connection } = session;
  return {
    list: () =>
      connection.all<KeptFinding>(
        `SELECT finding.id, finding.evidence, coalesce(finding.file, evidence.name) AS file,
           coalesce(finding.sha256, evidence.sha256) AS sha256, kind, subject, offset, sentence, who AS "by", at_ms AS atMs
         FROM finding LEFT JOIN evidence ON evidence.id = finding.evidence ORDER BY finding.id`,
      ),
    addRefused: (file, findings) => {
      session.record('evidence/finding', () => {
        const seq = nextAuditSeq(connection);
        insertFindings(
          connection,
          { file: file.name, size: file.size, sha256: file.sha256 },
          findings,
          session.actor(),
          seq,
        );
        return {
          result: undefined,
          detail: { refused: file.name, sha256: file.sha256, findings: findingsOf(connection, seq) },
        };
      });
    },
  };
}
