import { permutedOrder } from '../numeric/two-sample/permutation.ts';
import { radixSort } from '../numeric/two-sample/radix-sort.ts';
import type { Condition } from './alert.ts';
import { quantileBins } from './value-bins.ts';

const DEPTH = 3;
const BEAM = 30;
const LEAST_ROWS = 30;
const LEAST_SHARE = 0.001;
/** Two subgroups with more rows in common than this (Jaccard) say the same. */
const MOST_ALIKE = 0.8;
const MOST_FOUND = 3;
/** Intervals lie between the reference's deciles; its tails count too, since what was added often lies in them. */
const EDGES = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99];
/** Of an interval that is closed on both sides. */
const MOST_BINS = 3;
const MOST_LEVELS = 50;
/** Permutations with a score as high after which the p-value is known well enough. */
const ENOUGH_AT_LEAST = 10;

/** Requests of an alert (in flagged windows) and others like them to hold them against. */
export interface SubgroupInput {
  readonly rows: number;
  /** Window of each row, 0 to `windows - 1`. */
  readonly windowOf: Int32Array;
  readonly windows: number;
  /** 1 for the windows of the alert, shape (windows,). */
  readonly flagged: Uint8Array;
  readonly categorical: readonly {
    readonly name: string;
    readonly levels: readonly string[];
    readonly codes: Int32Array;
  }[];
  readonly numeric: readonly { readonly name: string; readonly values: Float64Array }[];
}

export interface FoundSubgroup {
  readonly conditions: readonly Condition[];
  /** Rows of the alert in it, and how many the others make one expect. */
  readonly rows: number;
  readonly expected: number;
  /** Kulldorff's log-likelihood ratio. */
  readonly score: number;
  /** Share of permutations of the windows in which any subgroup scores as high, the observed order among them; of the best one alone. */
  readonly pValue: number | null;
}

interface Candidate {
  readonly conditions: readonly number[];
  readonly bits: Uint32Array;
  readonly score: number;
  readonly inside: number;
  readonly expected: number;
}

interface BinaryCondition {
  readonly condition: Condition;
  readonly column: number;
  readonly bits: Uint32Array;
}

/**
 * Subgroups that the alert's rows are in more often than the others: a beam search over conjunctions of up to three conditions
 * (equality of categories, half-open intervals between the others' deciles), scored by c ln(c/E) + (C - c) ln((C - c)/(C - E)) for
 * c > E (Kulldorff 1997). The p-value holds the best score against the best scores after permuting which windows are the alert's:
 * rows of a window move together. Best first; none that repeats a better one.
 *
 * @throws whatever `check` throws
 */
export function searchSubgroups(
  input: SubgroupInput,
  draws: { readonly permutations: number; readonly seed: number; readonly purpose: number },
  check: () => void,
): FoundSubgroup[] {
  const conditions = conditionsOf(input, check);
  const found = searchOnce(input, conditions, input.flagged, 0, check);
  if (found.length === 0) return [];
  const told: Candidate[] = [];
  for (const candidate of found) {
    if (told.length === MOST_FOUND) break;
    if (told.every((one) => jaccard(one.bits, candidate.bits) <= MOST_ALIKE)) told.push(candidate);
  }
  const pValue = permutedPValue(input, conditions, found[0].score, draws, check);
  return told.map((candidate, rank) => ({
    conditions: candidate.conditions.map((index) => conditions[index].condition),
    rows: candidate.inside,
    expected: candidate.expected,
    score: candidate.score,
    pValue: rank === 0 ? pValue : null,
  }));
}

/** Permutes until so many scores are as high (Besag, Clifford 1991), or to the end. */
function permutedPValue(
  input: SubgroupInput,
  conditions: readonly BinaryCondition[],
  score: number,
  {
    permutations,
    seed,
    purpose,
  }: { readonly permutations: number; readonly seed: number; readonly purpose: number },
  check: () => void,
): number {
  let atLeast = 0;
  for (let m = 0; m < permutations; m++) {
    const order = permutedOrder(input.windows, seed, purpose, m);
    const flagged = Uint8Array.from(order, (window) => input.flagged[window]);
    const best = searchOnce(input, conditions, flagged, score, check).at(0);
    if (best !== undefined && best.score >= score) atLeast++;
    if (atLeast === ENOUGH_AT_LEAST) return atLeast / (m + 1);
  }
  return (atLeast + 1) / (permutations + 1);
}

/**
 * Candidates, best first. A longer conjunction is only taken where it gains more than trying every condition gives by chance.
 *
 * @param wanted conjunctions that cannot lead to this score are left out
 */
function searchOnce(
  { rows, windowOf }: SubgroupInput,
  conditions: readonly BinaryCondition[],
  flagged: Uint8Array,
  wanted: number,
  check: () => void,
): Candidate[] {
  const alert = new Uint32Array((rows + 31) >> 5);
  for (let i = 0; i < rows; i++) if (flagged[windowOf[i]] === 1) alert[i >> 5] |= 1 << (i & 31);
  const total = count(alert);
  const others = rows - total;
  if (total === 0 || others === 0) return [];
  const least = Math.max(LEAST_ROWS, LEAST_SHARE * total);
  const leastGain = Math.log(20 * conditions.length);
  /** No subset of so many rows scores higher than all of them with none expected would. */
  const bound = (inside: number): number => logLikelihoodRatio(inside, (0.5 * total) / (others + 1), total);
  const all: Candidate[] = [];
  let beam: Candidate[] = [
    {
      conditions: [],
      bits: new Uint32Array(alert.length).fill(0xffffffff),
      score: 0,
      inside: total,
      expected: total,
    },
  ];
  for (let depth = 1; depth <= DEPTH; depth++) {
    const next: Candidate[] = [];
    const seen = new Set<string>();
    for (const parent of beam) {
      check();
      for (let index = 0; index < conditions.length; index++) {
        const { bits, column } = conditions[index];
        if (parent.conditions.some((one) => conditions[one].column === column)) continue;
        const inside = countAnd(parent.bits, bits, alert);
        if (inside < least || inside === parent.inside || bound(inside) < wanted) continue;
        const both = countBoth(parent.bits, bits);
        const expected = (total * (both - inside + 0.5)) / (others + 1);
        const score = logLikelihoodRatio(inside, expected, total);
        if (score < parent.score + leastGain) continue;
        const key = `${inside} ${both}`;
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ conditions: [...parent.conditions, index], bits: parent.bits, score, inside, expected });
      }
    }
    next.sort((a, b) => b.score - a.score || a.conditions.length - b.conditions.length);
    beam = next.slice(0, BEAM).map((one) => ({
      ...one,
      bits: one.bits.map((word, i) => word & conditions[one.conditions[one.conditions.length - 1]].bits[i]),
    }));
    all.push(...beam);
    if (beam.length === 0) break;
  }
  return all.sort((a, b) => b.score - a.score);
}

/** Kulldorff's log-likelihood ratio of c rows where E of C were expected; 0 where there are not more. */
export function logLikelihoodRatio(c: number, expected: number, total: number): number {
  if (c <= expected) return 0;
  const rest = total - c;
  return c * Math.log(c / expected) + (rest > 0 ? rest * Math.log(rest / (total - expected)) : 0);
}

function conditionsOf(input: SubgroupInput, check: () => void): BinaryCondition[] {
  const { rows, windowOf, flagged, categorical, numeric } = input;
  const words = (rows + 31) >> 5;
  const bitsOf = (holds: (row: number) => boolean): Uint32Array => {
    const bits = new Uint32Array(words);
    for (let i = 0; i < rows; i++) if (holds(i)) bits[i >> 5] |= 1 << (i & 31);
    return bits;
  };
  const conditions: BinaryCondition[] = [];
  categorical.forEach(({ name, levels, codes }, column) => {
    check();
    const seen = new Int32Array(levels.length);
    for (const code of codes) if (code >= 0) seen[code]++;
    const most = [...levels.keys()].sort((a, b) => seen[b] - seen[a] || a - b).slice(0, MOST_LEVELS);
    for (const level of most)
      if (seen[level] >= LEAST_ROWS)
        conditions.push({
          condition: { column: name, level: levels[level], from: null, to: null },
          column,
          bits: bitsOf((row) => codes[row] === level),
        });
  });
  numeric.forEach(({ name, values }, index) => {
    check();
    const others = values.filter((value, row) => flagged[windowOf[row]] === 0 && !Number.isNaN(value));
    const { edges } = quantileBins(radixSort(others, check), EDGES);
    const add = (from: number | null, to: number | null): void => {
      conditions.push({
        condition: { column: name, level: null, from, to },
        column: categorical.length + index,
        bits: bitsOf((row) => values[row] >= (from ?? -Infinity) && values[row] < (to ?? Infinity)),
      });
    };
    edges.forEach((edge, i) => {
      add(edge, null);
      add(null, edge);
      for (let j = i + 1; j <= Math.min(i + MOST_BINS, edges.length - 1); j++) add(edge, edges[j]);
    });
  });
  return conditions;
}

function jaccard(a: Uint32Array, b: Uint32Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    both += popCount(a[i] & b[i]);
    either += popCount(a[i] | b[i]);
  }
  return either === 0 ? 0 : both / either;
}

function count(bits: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < bits.length; i++) sum += popCount(bits[i]);
  return sum;
}

function countBoth(a: Uint32Array, b: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += popCount(a[i] & b[i]);
  return sum;
}

function countAnd(a: Uint32Array, b: Uint32Array, c: Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += popCount(a[i] & b[i] & c[i]);
  return sum;
}

/** Ones of a 32-bit word (Hacker's Delight). */
function popCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
