import { BezoarError } from '../../contract/errors.ts';
import { chainEntry, GENESIS } from '../audit/hash-chain.ts';
import type { Connection } from './connection.ts';
import { fileIdentity } from './file-identity.ts';
import { caseFailure } from './sqlite-failure.ts';

/** What the tables of one open case share: the connection, who acts, and the one way to change the case. */
export interface CaseSession {
  readonly connection: Connection;
  actor(): string;
  /** One transaction with its audit line; `work` may be inside another change. */
  record<T>(action: string, work: () => { result: T; detail: Record<string, unknown> }): T;
  /** A change of what is no finding (the window's state), without an audit line. */
  withoutAudit(work: () => void): void;
  /** SQLite would go on writing to a file that was deleted or put away. @throws BezoarError case/missing */
  refuseWhenGone(): void;
  /** While an import holds the case, nothing else may be written. */
  importing: boolean;
}

export function createCaseSession(connection: Connection, actor: () => string): CaseSession {
  const identity = fileIdentity(connection.path);
  const session: CaseSession = {
    connection,
    actor,
    importing: false,
    refuseWhenGone: () => {
      if (fileIdentity(connection.path) !== identity) throw caseFailure.missing(connection.path);
    },
    record: (action, work) => {
      refuseWhileImporting(session);
      session.refuseWhenGone();
      return connection.transaction(() => {
        const { result, detail } = work();
        appendAudit(connection, actor(), action, detail);
        return result;
      });
    },
    withoutAudit: (work) => {
      refuseWhileImporting(session);
      session.refuseWhenGone();
      connection.transaction(work);
    },
  };
  return session;
}

function refuseWhileImporting(session: CaseSession): void {
  if (session.importing)
    throw new BezoarError(
      'case/in-use',
      'An import is being written to the case. Nothing was changed. Do it again when the import has ended.',
    );
}

/** The sequence number that the audit line of the present change will have. */
export function nextAuditSeq(connection: Connection): number {
  return (connection.column<number | null>('SELECT max(seq) FROM audit')[0] ?? 0) + 1;
}

/** Appends one line to the chain, inside the caller's transaction. */
export function appendAudit(
  connection: Connection,
  actor: string,
  action: string,
  detail: Record<string, unknown>,
): void {
  const seq = nextAuditSeq(connection);
  const previous = connection.column<string>('SELECT hash FROM audit WHERE seq = ?', seq - 1)[0] ?? GENESIS;
  const entry = chainEntry({ seq, atMs: Date.now(), actor, action, detail }, previous);
  connection.run(
    'INSERT INTO audit (seq, at_ms, actor, action, detail, payload_hash, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    entry.seq,
    entry.atMs,
    entry.actor,
    entry.action,
    entry.detail,
    entry.payloadHash,
    entry.previousHash,
    entry.hash,
  );
}
