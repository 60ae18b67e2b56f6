import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../contract/jobs.ts';

/** What the first entry of a chain names as the entry before it. */
export const GENESIS = '0'.repeat(64);

export const sha256Hex = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

/** JSON with the keys of every object sorted by code unit and without spaces: the same bytes for the same facts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export interface AuditFacts {
  readonly seq: number;
  readonly atMs: number;
  readonly actor: string;
  readonly action: string;
  readonly detail: Record<string, unknown>;
}

/** The entry that follows `previousHash`: its hash is SHA-256 of the previous hash, a line feed and the canonical facts. */
export function chainEntry(facts: AuditFacts, previousHash: string): AuditEntry {
  const payload = canonicalJson(facts);
  return {
    seq: facts.seq,
    atMs: facts.atMs,
    actor: facts.actor,
    action: facts.action,
    detail: canonicalJson(facts.detail),
    payloadHash: sha256Hex(payload),
    previousHash,
    hash: sha256Hex(`${previousHash}\n${payload}`),
  };
}

/** Walks the chain from its first entry; the sequence number of the first entry that does not hold, or null. */
export function firstBrokenEntry(entries: Iterable<AuditEntry>): number | null {
  let previous = GENESIS;
  let seq = 1;
  for (const entry of entries) {
    let detail: Record<string, unknown>;
    try {
      detail = JSON.parse(entry.detail) as Record<string, unknown>;
    } catch {
      return entry.seq;
    }
    const expected = chainEntry(
      { seq, atMs: entry.atMs, actor: entry.actor, action: entry.action, detail },
      previous,
    );
    if (
      entry.seq !== seq ||
      entry.detail !== expected.detail ||
      entry.payloadHash !== expected.payloadHash ||
      entry.previousHash !== previous ||
      entry.hash !== expected.hash
    )
      return seq;
    previous = entry.hash;
    seq += 1;
  }
  return null;
}
