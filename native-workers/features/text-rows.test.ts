import { describe, expect, it } from 'vitest';
import { sharedFloat32, sharedInt32 } from '../numeric/shared-arrays.ts';
import { uncancelled } from '../task.ts';
import { bucketsOf, countTexts, TEXT_BUCKETS, TEXT_WIDTH, textRows } from './text-rows.ts';

const texts = [
  'The heron watches the river.',
  'the HERON, watches: the river!',
  'Shares of the bank fell on Monday after the bank said so.',
  null,
  '?!',
  'Shares of the bank rose on Tuesday after the bank said so.',
  'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich',
];

function rowsOf(pieces: readonly (readonly (string | null)[])[], seed = 0): Float32Array {
  const all = pieces.flat();
  const documents = sharedInt32(TEXT_BUCKETS);
  const out = sharedFloat32(all.length * TEXT_WIDTH);
  for (const piece of pieces) countTexts({ texts: piece, documents }, uncancelled(seed));
  let first = 0;
  for (const piece of pieces) {
    textRows({ texts: piece, documents, total: all.length, out, first }, uncancelled(seed));
    first += piece.length;
  }
  return out;
}
const row = (rows: Float32Array, at: number) => rows.subarray(at * TEXT_WIDTH, (at + 1) * TEXT_WIDTH);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);

/** The weighted counts themselves, before they are projected. */
function weights(text: string, documents: ReadonlyMap<number, number>, total: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const bucket of bucketsOf(text)) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  const weighted = new Map(
    [...counts].map(([bucket, c]) => [
      bucket,
      (1 + Math.log(c)) * (1 + Math.log((1 + total) / (1 + (documents.get(bucket) ?? 0)))),
    ]),
  );
  const length = Math.hypot(...weighted.values());
  return new Map([...weighted].map(([bucket, weight]) => [bucket, weight / length]));
}

describe('rows of texts', () => {
  it('have the same bytes however the texts are dealt out, and others for another seed', () => {
    const whole = rowsOf([texts]);
    expect(rowsOf([texts.slice(0, 1), texts.slice(1, 5), texts.slice(5)])).toEqual(whole);
    expect(rowsOf([texts], 1)).not.toEqual(whole);
    expect(rowsOf([texts], 1)).toEqual(rowsOf([texts.slice(0, 3), texts.slice(3)], 1));
  });

  it('are alike where only case and punctuation differ, and zero without words', () => {
    const rows = rowsOf([texts]);
    expect(row(rows, 0)).toEqual(row(rows, 1));
    expect(row(rows, 3)).toEqual(new Float32Array(TEXT_WIDTH));
    expect(row(rows, 4)).toEqual(new Float32Array(TEXT_WIDTH));
  });

  it('keep angles between the weighted counts as near as 128 random signs can', () => {
    const rows = rowsOf([texts]);
    const documents = new Map<number, number>();
    for (const text of texts)
      for (const bucket of new Set(bucketsOf(text ?? '')))
        documents.set(bucket, (documents.get(bucket) ?? 0) + 1);
    const exact = texts.map((text) => weights(text ?? '', documents, texts.length));
    for (const a of [0, 1, 2, 5, 6])
      for (const b of [0, 1, 2, 5, 6]) {
        const cosine = [...exact[a]].reduce((sum, [bucket, w]) => sum + w * (exact[b].get(bucket) ?? 0), 0);
        // Four standard deviations of a projection on 128 signs.
        expect(Math.abs(dot(row(rows, a), row(rows, b)) - cosine)).toBeLessThan(
          4 * Math.sqrt(2 / TEXT_WIDTH),
        );
      }
    expect(dot(row(rows, 2), row(rows, 5))).toBeGreaterThan(dot(row(rows, 2), row(rows, 6)) + 0.3);
  });

  it('count words, pairs and parts of words', () => {
    // ' ab ': parts ' ab', 'ab ' and ' ab '; two words and one pair.
    expect(bucketsOf('ab')).toHaveLength(1 + 3);
    expect(bucketsOf('ab ab')).toHaveLength(2 + 1 + 6);
    expect(new Set(bucketsOf('ab ab')).size).toBe(1 + 1 + 3);
    expect(bucketsOf('')).toHaveLength(0);
  });
});
