import type { Verdict } from '../../contract/samples.ts';
import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { Connection } from './connection.ts';

/** Which case, in which file, verdicts were taken over from. */
export interface CaseOrigin {
  readonly caseId: string;
  readonly caseName: string;
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  readonly auditHead: string;
  /** Whether its audit held when it was read. */
  readonly auditHolds: boolean;
}

/** A verdict of another case for a sample of this one. */
export interface TakenVerdict {
  readonly row: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly who: string;
  readonly atMs: number;
}

/** A reason as people read it: of a verdict that was taken over it says from where and whose it was. */
export function reasonWithOrigin(
  reason: string,
  origin: { readonly reason: string; readonly who: string; readonly caseName: string } | null,
): string {
  if (origin === null) return reason;
  return `${origin.reason === '' ? '' : `${origin.reason} `}(taken over from ${origin.caseName}, decided there by ${origin.who})`;
}

/** Keeps of an action that its verdicts were taken over, and from where. */
export function insertTakeOver(connection: Connection, action: number, from: CaseOrigin): void {
  connection.run(
    `INSERT INTO take_over (action, case_id, case_name, file, size, sha256, audit_head, audit_holds)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    action,
    from.caseId,
    from.caseName,
    from.file,
    from.size,
    from.sha256,
    from.auditHead,
    from.auditHolds ? 1 : 0,
  );
}

export function insertVerdictOrigin(connection: Connection, verdict: number, taken: TakenVerdict): void {
  connection.run(
    'INSERT INTO verdict_origin (verdict, reason, who, at_ms) VALUES (?, ?, ?, ?)',
    verdict,
    taken.reason,
    taken.who,
    taken.atMs,
  );
}

/** Hash of where the verdicts of an action came from: what its audit line keeps. */
export function originsHash(connection: Connection, action: number): string {
  const from = connection.get('SELECT * FROM take_over WHERE action = ?', action);
  const origins = connection.all(
    `SELECT verdict_origin.verdict, reason, who, at_ms FROM verdict_origin
     JOIN verdict ON verdict.id = verdict_origin.verdict WHERE verdict.action = ? ORDER BY verdict.id`,
    action,
  );
  return sha256Hex(canonicalJson({ from: from ?? null, origins }));
}
