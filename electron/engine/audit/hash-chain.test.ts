import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../contract/jobs.ts';
import { canonicalJson, chainEntry, firstBrokenEntry, GENESIS } from './hash-chain.ts';

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1)
    entries.push(
      chainEntry(
        { seq, atMs: 1000 + seq, actor: 'ana', action: 'note/set', detail: { row: seq, text: 'é"' } },
        entries.at(-1)?.hash ?? GENESIS,
      ),
    );
  return entries;
}

describe('the hash chain', () => {
  it('writes facts alike whatever order they were given in', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
    expect(canonicalJson({ a: 1, b: 2 })).toBe(canonicalJson({ b: 2, a: 1 }));
  });

  it('can be recomputed by hand', () => {
    const [entry] = chain(1);
    const payload =
      '{"action":"note/set","actor":"ana","atMs":1001,"detail":{"row":1,"text":"é\\""},"seq":1}';
    expect(entry?.hash).toBe(
      createHash('sha256')
        .update(`${'0'.repeat(64)}\n${payload}`)
        .digest('hex'),
    );
  });

  it('holds, and breaks at the entry that was changed, taken out or put in', () => {
    const entries = chain(5);
    expect(firstBrokenEntry(entries)).toBeNull();
    for (const change of [
      { actor: 'eve' },
      { atMs: 1 },
      { action: 'x' },
      { detail: '{"row":9}' },
      { detail: '{' },
      { hash: GENESIS },
      { payloadHash: GENESIS },
      { previousHash: GENESIS },
    ]) {
      const changed = entries.map((entry) => (entry.seq === 3 ? { ...entry, ...change } : entry));
      expect(firstBrokenEntry(changed), JSON.stringify(change)).toBe(3);
    }
    expect(firstBrokenEntry(entries.filter(({ seq }) => seq !== 3))).toBe(3);
    expect(firstBrokenEntry([...entries.slice(0, 3), ...entries.slice(2)])).toBe(4);
  });

  it('breaks after an entry that was rewritten with a hash of its own', () => {
    const entries = chain(4);
    const previous = entries[1]?.hash ?? '';
    const forged = chainEntry({ seq: 3, atMs: 1, actor: 'eve', action: 'note/set', detail: {} }, previous);
    expect(firstBrokenEntry(entries.map((entry) => (entry.seq === 3 ? forged : entry)))).toBe(4);
  });
});
