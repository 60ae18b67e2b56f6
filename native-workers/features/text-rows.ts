import { mixHash } from '../numeric/hash.ts';
import type { TaskContext } from '../task.ts';

/** Words and parts of words are counted in so many places. */
export const TEXT_BUCKETS = 2 ** 18;
/** Width of the features. */
export const TEXT_WIDTH = 128;

const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu;
/** Longer texts are read this far. */
const MOST_CHARACTERS = 20_000;
/** Longer words are cut: the numbers of hexadecimal dumps say nothing. */
const MOST_WORD = 64;
const SHORTEST_PART = 3;
const LONGEST_PART = 5;

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units, mixed; what is counted as a word never meets what is counted as a part of one. */
function bucketOf(text: string, from: number, to: number, kind: number): number {
  let h = FNV_START;
  for (let i = from; i < to; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return mixHash(h >>> 0, kind) % TEXT_BUCKETS;
}

/** The places that a text counts in, once for each time: words, pairs of neighbours, and parts of 3 to 5 letters of each word. */
export function bucketsOf(text: string): Int32Array {
  const words = text.slice(0, MOST_CHARACTERS).toLowerCase().match(WORD) ?? [];
  const found: number[] = [];
  words.forEach((whole, at) => {
    const word = whole.slice(0, MOST_WORD);
    found.push(bucketOf(word, 0, word.length, 1));
    if (at > 0) {
      const pair = `${words[at - 1].slice(0, MOST_WORD)} ${word}`;
      found.push(bucketOf(pair, 0, pair.length, 2));
    }
    // With the word's ends, so that a beginning is told from a middle.
    const bounded = ` ${word} `;
    for (let length = SHORTEST_PART; length <= LONGEST_PART; length++)
      for (let from = 0; from + length <= bounded.length; from++)
        found.push(bucketOf(bounded, from, from + length, 3));
  });
  return Int32Array.from(found).sort();
}

/**
 * Counts for each place the texts that have it.
 *
 * @param args.documents int32 on shared memory, shape (TEXT_BUCKETS,): added to
 * @throws Cancelled
 */
export function countTexts(
  args: { texts: readonly (string | null)[]; documents: Int32Array },
  ctx: TaskContext,
): void {
  args.texts.forEach((text, row) => {
    if ((row & 15) === 0) ctx.check();
    if (text === null) return;
    let before = -1;
    for (const bucket of bucketsOf(text)) {
      if (bucket !== before) Atomics.add(args.documents, bucket, 1);
      before = bucket;
    }
  });
}

/**
 * Texts as rows of 128 numbers: the counts c of each place weighted by (1 + ln c) (1 + ln((1 + n) / (1 + n_place))), scaled
 * to length 1, and projected on random signs (Weinberger et al. 2009, hashing; Achlioptas 2003, projection). Missing texts
 * and those without words are rows of zeros.
 *
 * @param args.documents texts that have each place, shape (TEXT_BUCKETS,)
 * @param args.total texts that were counted
 * @param args.out float32 on shared memory, shape (all texts, TEXT_WIDTH)
 * @param args.first row of `out` of the first text
 * @throws Cancelled
 */
export function textRows(
  args: {
    texts: readonly (string | null)[];
    documents: Int32Array;
    total: number;
    out: Float32Array;
    first: number;
  },
  ctx: TaskContext,
): void {
  const { texts, documents, total, out, first } = args;
  const sums = new Float64Array(TEXT_WIDTH);
  texts.forEach((text, row) => {
    if ((row & 15) === 0) ctx.check();
    if (text === null) return;
    const buckets = bucketsOf(text);
    sums.fill(0);
    let squares = 0;
    for (let from = 0; from < buckets.length;) {
      const bucket = buckets[from];
      let to = from + 1;
      while (to < buckets.length && buckets[to] === bucket) to++;
      const weight = (1 + Math.log(to - from)) * (1 + Math.log((1 + total) / (1 + documents[bucket])));
      squares += weight * weight;
      addSigned(sums, bucket, weight, ctx.seed);
      from = to;
    }
    if (squares === 0) return;
    const scale = 1 / Math.sqrt(squares * TEXT_WIDTH);
    const base = (first + row) * TEXT_WIDTH;
    for (let j = 0; j < TEXT_WIDTH; j++) out[base + j] = sums[j] * scale;
  });
}

/** Adds the weight with the signs of the bucket, 32 of them from each drawn number. */
function addSigned(sums: Float64Array, bucket: number, weight: number, seed: number): void {
  for (let block = 0; block < TEXT_WIDTH / 32; block++) {
    const signs = mixHash(mixHash(bucket, block + 1), seed);
    for (let bit = 0; bit < 32; bit++) sums[block * 32 + bit] += (signs >>> bit) & 1 ? weight : -weight;
  }
}
