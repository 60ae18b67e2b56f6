import { createHash } from 'node:crypto';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import { nextAuditSeq, type CaseSession } from './case-session.ts';
import { parseStored, type Connection, type SqlValue } from './connection.ts';
import { monitoringTables } from './migrations/0040-monitoring.ts';

/** SHA-256 over every row that a change of the monitoring wrote: what its audit line keeps. */
function changeHash(connection: Connection, seq: number): string {
  const hash = createHash('sha256');
  for (const table of monitoringTables)
    for (const row of connection.all<Record<string, SqlValue>>(
      `SELECT * FROM ${table} WHERE audit_seq = ? ORDER BY rowid`,
      seq,
    )) {
      const plain = Object.entries(row).map(([name, value]) => [
        name,
        value instanceof Uint8Array ? sha256Hex(value) : value,
      ]);
      hash.update(`${table} ${canonicalJson(Object.fromEntries(plain))}\n`);
    }
  return hash.digest('hex');
}

/** One transaction on the tables of monitoring; `work` is told the audit line that its rows belong to. */
export function recordMonitoring<T>(
  session: CaseSession,
  action: string,
  work: (auditSeq: number) => { result: T; detail: Record<string, unknown> },
): T {
  const { connection } = session;
  return session.record(action, () => {
    const seq = nextAuditSeq(connection);
    const { result, detail } = work(seq);
    return { result, detail: { ...detail, content: changeHash(connection, seq) } };
  });
}

/** Holds what the tables of monitoring contain against the audit lines that tell of it. */
export function monitoringProblems(connection: Connection): string[] {
  const problems: string[] = [];
  const told = new Set<number>();
  const lines = connection.all<{ seq: number; action: string; detail: string }>(
    `SELECT seq, action, detail FROM audit
     WHERE action LIKE 'baseline/%' OR action LIKE 'monitor/%' OR action LIKE 'follow/%' OR action LIKE 'drill/%'
       OR action LIKE 'alert/%' OR action LIKE 'incident/%' OR action LIKE 'rules/%'
     ORDER BY seq`,
  );
  for (const { seq, action, detail } of lines) {
    told.add(seq);
    if (parseStored<{ content: string }>(connection, detail).content !== changeHash(connection, seq))
      problems.push(`what ${action} wrote is not that of audit line ${seq}`);
  }
  for (const table of monitoringTables)
    for (const seq of connection.column<number>(`SELECT DISTINCT audit_seq FROM ${table}`))
      if (!told.has(seq)) problems.push(`the case holds entries in ${table} of which no audit line tells`);
  return problems;
}
