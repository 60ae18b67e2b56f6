/** @typedef {'met' | 'warned' | 'failed' | 'no claim'} Verdict */
/** @typedef {import('./conversation.mjs').Cost} Cost */

/** Below this share of the asked ratio a row fails; between it and the whole it warns. */
const LEAST_SHARE = 0.85;
const LEAST_RUNS = 5;

/** @param {readonly number[]} values */
export function median(values) {
  const ascending = [...values].sort((a, b) => a - b);
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[middle] : (ascending[middle - 1] + ascending[middle]) / 2;
}

/**
 * The ratio of the medians, and the smallest and largest ratio of runs that followed one another.
 * @param {readonly number[]} peer
 * @param {readonly number[]} ours
 */
export function ratioOf(peer, ours) {
  const paired = peer.map((seconds, i) => seconds / ours[i]);
  return { ratio: median(peer) / median(ours), least: Math.min(...paired), most: Math.max(...paired) };
}

/**
 * @param {object} measured
 * @param {number} measured.ratio
 * @param {number | null} measured.asked null where this machine is asked nothing
 * @param {number} measured.runs
 * @param {boolean} measured.claims whether the data support a claim
 * @param {readonly string[]} measured.faults what does not agree
 * @returns {Verdict}
 */
export function verdictOf({ ratio, asked, runs, claims, faults }) {
  if (faults.length > 0) return 'failed';
  if (asked === null || !claims || runs < LEAST_RUNS) return 'no claim';
  if (ratio >= asked) return 'met';
  return ratio >= LEAST_SHARE * asked ? 'warned' : 'failed';
}
