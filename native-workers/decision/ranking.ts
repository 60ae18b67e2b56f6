import type { ClassSlice } from '../detectors/class-slice.ts';
import type { ClassDecision } from './decide-class.ts';

/** Rank (1 = most suspicious) and a score that falls with it, shape (n,). */
export interface Ranking {
  readonly rank: Int32Array;
  readonly score: Float64Array;
}

// Flagged by an alarm, flagged by a structure, beside flagged rows of an alarmed class, beside those of a structure, the rest.
type Tier = 0 | 1 | 2 | 3 | 4 | 5;

/**
 * A total order of all rows. Flagged rows come first: classes with an alarm before those with a structure, by smallest p,
 * inside a class by the final Fisher projection; then the other rows of those classes; then all others by how unusual
 * they are in their class; then the rows that were not scanned. Ties go by key hash, then by row.
 *
 * Scores: above 2 flagged, above 1 in a class with flagged rows, 0 to 1 the rest, 0 not scanned.
 *
 * @param lnP smallest ln p of each class, 0 without one
 */
export function rankRows(
  decisions: readonly ClassDecision[],
  slices: readonly ClassSlice[],
  lnP: Float64Array,
  keyHash: Uint32Array,
): Ranking {
  const n = keyHash.length;
  const tier = new Uint8Array(n);
  const place = new Int32Array(n);
  const value = new Float64Array(n);
  const byEvidence = decisions.map((_, c) => c).sort((a, b) => lnP[a] - lnP[b] || a - b);
  byEvidence.forEach((c, position) => {
    const decision = decisions[c];
    slices[c].rows.forEach((row, i) => {
      tier[row] = tierOf(decision, i);
      place[row] = tier[row] < 4 ? position : 0;
      value[row] = tier[row] < 4 ? (decision.projection?.[i] ?? 0) : decision.unusual[i];
    });
  });
  const order = Int32Array.from({ length: n }, (_, i) => i).sort(
    (a, b) =>
      tier[a] - tier[b] || place[a] - place[b] || value[b] - value[a] || keyHash[a] - keyHash[b] || a - b,
  );
  const flaggedCount = tier.reduce((sum, t) => sum + (t < 2 ? 1 : 0), 0);
  const besideCount = tier.reduce((sum, t) => sum + (t === 2 || t === 3 ? 1 : 0), 0);
  const rank = new Int32Array(n);
  const score = new Float64Array(n);
  order.forEach((row, position) => {
    rank[row] = position + 1;
    if (tier[row] < 2) score[row] = 2 + (flaggedCount - position) / flaggedCount;
    else if (tier[row] < 4) score[row] = 1 + (flaggedCount + besideCount - position) / besideCount;
    else score[row] = tier[row] === 4 ? value[row] : 0;
  });
  return { rank, score };
}

function tierOf(decision: ClassDecision, i: number): Tier {
  if (decision.skipped !== null) return 5;
  if (decision.grade === null) return 4;
  if (decision.flagged[i] === 1) return decision.grade === 'alarm' ? 0 : 1;
  return decision.grade === 'alarm' ? 2 : 3;
}
