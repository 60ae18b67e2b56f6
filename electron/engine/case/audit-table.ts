import type { AuditEntry } from '../../contract/jobs.ts';
import { firstBrokenEntry, GENESIS } from '../audit/hash-chain.ts';
import type { AuditTable, MatrixTable } from './case-file.ts';
import type { Connection } from './connection.ts';
import { contentProblems } from './content-check.ts';
import { schemaDifferences } from './schema.ts';

const COLUMNS = `seq, at_ms AS atMs, actor, action, detail, payload_hash AS payloadHash,
  previous_hash AS previousHash, hash`;

export function createAuditTable(connection: Connection, matrices: MatrixTable): AuditTable {
  const head = (): { seq: number; hash: string } =>
    connection.get<{ seq: number; hash: string }>(
      'SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1',
    ) ?? {
      seq: 0,
      hash: GENESIS,
    };

  const firstProblem = (): string | null => {
    const structure = connection.column<string>('PRAGMA quick_check(1)')[0];
    if (structure !== 'ok') return `the file is damaged (${structure ?? 'no answer'})`;
    const triggers = schemaDifferences(connection, 'triggers');
    if (triggers.length > 0) return `the guards against changes were altered (${triggers.join(', ')})`;
    const broken = firstBrokenEntry(connection.each<AuditEntry>(`SELECT ${COLUMNS} FROM audit ORDER BY seq`));
    if (broken !== null) return `audit line ${broken} is not what was written then`;
    return contentProblems(connection, matrices)[0] ?? null;
  };

  return {
    page: (before, limit) =>
      connection.all<AuditEntry>(
        `SELECT ${COLUMNS} FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      ),
    head,
    verify: () => {
      const { seq, hash } = head();
      const problem = firstProblem();
      return {
        ok: problem === null,
        entries: seq,
        head: hash,
        sentence:
          problem === null
            ? `All ${seq} audit lines hold, and samples, arrays, runs, known structures, verdicts, exports and what the monitoring found are as they were written.`
            : `This case was altered outside Bezoar or damaged: ${problem}. Do not rely on it; go back to an earlier copy.`,
      };
    },
  };
}
