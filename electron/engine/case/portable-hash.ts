import { canonicalJson, sha256Hex } from '../audit/hash-chain.ts';
import type { Connection } from './connection.ts';

/** Hash of what a portable case says it is a part of: what its audit line keeps. */
export function portableHash(connection: Connection): string {
  const of = connection.get('SELECT case_id, case_name, audit_head, audit_count, who, at_ms FROM portable');
  const sets = connection.all('SELECT * FROM portable_set ORDER BY dataset');
  const samples = connection.all('SELECT dataset, row, full_row FROM portable_sample ORDER BY dataset, row');
  return sha256Hex(canonicalJson({ of: of ?? null, sets, samples }));
}
