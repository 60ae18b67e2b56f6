import { z } from 'zod';
import { UnionFind } from '../clustering/union-find.ts';
import { joinNearCopies } from '../neighbours/near-copies.ts';
import { columnMeans } from '../numeric/moments.ts';
import { mixHash } from '../numeric/hash.ts';
import { sharedFloat64 } from '../numeric/shared-arrays.ts';
import type { TaskContext } from '../task.ts';
import { defineDetector } from './define-detector.ts';
import type { Matrix, SampleSet } from './detector.ts';
import type { WhitenedRows } from './whitened-rows.ts';
import { whitenedRows } from './whitened-rows.ts';

const COSINE = 0.9995;
/** In fewer dimensions thousands of rows have a direction in common by chance. */
const LEAST_DIMENSIONS = 8;
const LARGE_GROUP = 20;
const LARGEST = 'rows in the largest group';

interface Contents {
  readonly whitened: WhitenedRows | null;
  /** 53-bit hash of each row's content, shape (n,) in the order of the set, on shared memory. */
  readonly content: Float64Array;
  /** Equal contents with another label, shape (n,), the same order. */
  readonly elsewhere: Float64Array;
}

/**
 * Near-duplicates: groups of rows of a class in almost the same direction from its mean, and rows of equal content. One
 * poisoned picture pasted many times is such a group; so is a burst of photographs.
 */
export const nearDuplicates = defineDetector({
  id: 'near-duplicates',
  version: 1,
  title: 'Near-duplicates',
  family: 'neighbours',
  reference: 'Cosine similarity in pooled-whitened space, joined by union-find (Tarjan 1975)',
  needs: ['activations', 'labels'],
  certificate: 'none',
  params: z.object({
    cosine: z
      .number()
      .min(0.9)
      .max(0.999999)
      .default(COSINE)
      .describe('Cosine above which two samples count as near-duplicates.'),
  }),
  async survey(input, _params, runner, ctx): Promise<Contents> {
    const { investigated } = input;
    const content = investigated.images?.contentHash ?? rowHashes(activationsOf(investigated), ctx);
    return {
      whitened: await whitenedRows(input, runner, ctx),
      content,
      elsewhere: copiesElsewhere(content, investigated.label),
    };
  },
  judgeClass(_input, slice, prepared, params, ctx) {
    if (prepared === null) throw new Error('Near-duplicates were asked to judge a class before the survey.');
    const { whitened, content, elsewhere } = prepared;
    const { rows, classIndex } = slice;
    const n = rows.length;
    const sets = new UnionFind(n);
    const exact = joinEqual(rows, content, sets);
    const compared = whitened !== null && whitened.points.cols >= LEAST_DIMENSIONS;
    if (compared) {
      const { points, starts } = whitened;
      const own = points.data.subarray(
        starts[classIndex] * points.cols,
        starts[classIndex + 1] * points.cols,
      );
      const check = (): void => {
        ctx.check();
      };
      const centre = columnMeans({ data: own, rows: n, cols: points.cols }, null, check);
      joinNearCopies(own, points.cols, centre, params.cosine, sets.parents, check);
    }
    const { sizes, cluster, groups, large } = groupsBySize(sets, n);
    let crossing = 0;
    const score = new Float64Array(n);
    const marked = new Uint8Array(n);
    for (let i = 0; i < n; i++) {
      const others = elsewhere[rows[i]];
      if (others > 0) crossing++;
      score[i] = sizes[i] - 1 + others;
      marked[i] = others > 0 || sizes[i] > LARGE_GROUP ? 1 : 0;
    }
    const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
    return {
      finding: {
        classIndex,
        n,
        statistic: largest,
        pValue: null,
        lnP: null,
        decision: 'not judged (ranking)',
        facts: [
          { name: LARGEST, value: largest, unit: 'rows' },
          { name: 'groups of near-duplicates', value: groups, unit: 'groups' },
          { name: 'groups of more than 20 rows', value: large, unit: 'groups' },
          { name: 'rows with an exact copy in the class', value: exact, unit: 'rows' },
          { name: 'rows with an exact copy under another label', value: crossing, unit: 'rows' },
          { name: 'rows compared by direction', value: compared ? n : 0, unit: 'rows' },
        ],
        skipped: null,
      },
      score,
      marked,
      cluster,
    };
  },
  conclude(input, judgements) {
    const notes = judgements.flatMap(({ finding: { classIndex, facts } }) => {
      const largest = facts.find(({ name }) => name === LARGEST)?.value ?? 0;
      return largest > LARGE_GROUP
        ? [
            `Class ${input.classes[classIndex]} holds a group of ${largest} near-duplicates. This is a note, not an alarm: look whether one sample was copied.`,
          ]
        : [];
    });
    return { judgements, notes, refused: null };
  },
});

function activationsOf({ activations }: SampleSet): Matrix {
  if (activations === null) throw new Error('Near-duplicates were asked for without activations.');
  return activations;
}

/** 53-bit hash of each row's values; equal rows have equal hashes, and 0 equals -0. */
function rowHashes({ data, rows, cols }: Matrix, ctx: TaskContext): Float64Array {
  const bits = new Uint32Array(data.buffer, data.byteOffset, rows * cols);
  const hashes = sharedFloat64(rows);
  for (let row = 0; row < rows; row++) {
    if ((row & 4095) === 0) ctx.check();
    let low = 0;
    let high = 0x9e3779b9;
    for (let at = row * cols; at < (row + 1) * cols; at++) {
      const value = bits[at] === 0x80000000 ? 0 : bits[at];
      low = Math.imul(low ^ value, 0x01000193);
      low ^= low >>> 15;
      high = Math.imul((high << 5) ^ (high >>> 27) ^ value, 0x85ebca6b);
    }
    hashes[row] = (mixHash(high, 1) & 0x1fffff) * 2 ** 32 + mixHash(low, 2);
  }
  return hashes;
}

/** Rows of equal content and another label, for each row; shape (n,), on shared memory. */
function copiesElsewhere(content: Float64Array, label: Int32Array): Float64Array {
  const order = Int32Array.from(content.keys()).sort((a, b) => content[a] - content[b]);
  const elsewhere = sharedFloat64(content.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && content[order[to]] === content[order[from]]) to++;
    const equal = order.subarray(from, to);
    if (equal.length > 1) {
      const ofLabel = new Map<number, number>();
      for (const row of equal) ofLabel.set(label[row], (ofLabel.get(label[row]) ?? 0) + 1);
      for (const row of equal) elsewhere[row] = equal.length - (ofLabel.get(label[row]) ?? 0);
    }
    from = to;
  }
  return elsewhere;
}

/** Joins the rows of equal content; how many rows have a copy. */
function joinEqual(rows: Int32Array, content: Float64Array, sets: UnionFind): number {
  const first = new Map<number, number>();
  const copied = new Set<number>();
  for (let i = 0; i < rows.length; i++) {
    const before = first.get(content[rows[i]]);
    if (before === undefined) {
      first.set(content[rows[i]], i);
      continue;
    }
    sets.union(before, i);
    copied.add(before).add(i);
  }
  return copied.size;
}

/** Size of each row's group, and its number among the groups of two or more, largest first; -1 alone. */
function groupsBySize(
  sets: UnionFind,
  n: number,
): { sizes: Int32Array; cluster: Int32Array; groups: number; large: number } {
  const counts = new Int32Array(n);
  for (let i = 0; i < n; i++) counts[sets.find(i)]++;
  const roots = [...counts.keys()].filter((root) => counts[root] > 1);
  roots.sort((a, b) => counts[b] - counts[a] || a - b);
  const numbers = new Int32Array(n).fill(-1);
  roots.forEach((root, number) => {
    numbers[root] = number;
  });
  const sizes = new Int32Array(n);
  const cluster = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    sizes[i] = counts[sets.find(i)];
    cluster[i] = numbers[sets.find(i)];
  }
  const large = roots.filter((root) => counts[root] > LARGE_GROUP).length;
  return { sizes, cluster, groups: roots.length, large };
}
