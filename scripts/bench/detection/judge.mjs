/** @typedef {{ flagged: number, tp: number, fp: number, fn: number, tn: number }} Counts */

/**
 * How marks stand to the truth.
 * @param {ArrayLike<number>} marked 1 = marked
 * @param {ArrayLike<number>} poisoned 1 = poisoned
 * @returns {Counts}
 */
export function countMarks(marked, poisoned) {
  const counts = { flagged: 0, tp: 0, fp: 0, fn: 0, tn: 0 };
  for (let i = 0; i < poisoned.length; i++) {
    if (marked[i] === 1) {
      counts.flagged++;
      counts[poisoned[i] === 1 ? 'tp' : 'fp']++;
    } else counts[poisoned[i] === 1 ? 'fn' : 'tn']++;
  }
  return counts;
}

/**
 * Shares that a share's denominator of 0 leaves undefined are null.
 * @param {Counts} counts
 */
export function ratesOf({ tp, fp, fn, tn }) {
  const poisoned = tp + fn;
  return {
    tpr: poisoned === 0 ? null : tp / poisoned,
    fpr: fp + tn === 0 ? null : fp / (fp + tn),
    f1: poisoned === 0 ? null : (2 * tp) / (2 * tp + fp + fn),
  };
}

/**
 * Area under the ROC curve of the score inside each label that holds poisoned and clean rows, averaged over those labels; ties
 * count half, and a row that was not judged (NaN) lies below all that were. Null where there is no such label, or no row was judged.
 * @param {Float64Array} score
 * @param {ArrayLike<number>} label
 * @param {ArrayLike<number>} poisoned
 */
export function targetAuroc(score, label, poisoned) {
  /** @type {Map<number, number[]>} */
  const rowsOf = new Map();
  let judged = false;
  for (let i = 0; i < score.length; i++) {
    const rows = rowsOf.get(label[i]);
    if (rows === undefined) rowsOf.set(label[i], [i]);
    else rows.push(i);
    judged ||= !Number.isNaN(score[i]);
  }
  const areas = judged ? [...rowsOf.values()].flatMap((rows) => areaOf(rows, score, poisoned) ?? []) : [];
  return areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

/**
 * By the rank sum of the poisoned rows.
 * @param {number[]} rows
 * @param {Float64Array} score
 * @param {ArrayLike<number>} poisoned
 */
function areaOf(rows, score, poisoned) {
  const values = rows.map((row) => ({ at: orLowest(score[row]), poison: poisoned[row] === 1 }));
  values.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  let [poison, rankSum] = [0, 0];
  for (let from = 0; from < values.length;) {
    let to = from;
    let here = 0;
    for (; to < values.length && values[to].at === values[from].at; to++) here += values[to].poison ? 1 : 0;
    poison += here;
    rankSum += (here * (from + to + 1)) / 2;
    from = to;
  }
  const clean = values.length - poison;
  return poison === 0 || clean === 0 ? null : (rankSum - (poison * (poison + 1)) / 2) / (poison * clean);
}

/** @param {number} score */
function orLowest(score) {
  return Number.isNaN(score) ? -Infinity : score;
}
