/**
 * @typedef {{ class: string, ways: string[] | string, statistic: number | null, p_value: number | null, count: number }} Finding
 * @typedef {{ rows: number, classes: number | unknown[], alarms: Finding[], structures: Finding[] }} Summary
 */

/**
 * What a scan found, for a person.
 * @param {Summary} summary the content of summary.json
 * @returns {string[]} lines
 */
export function summaryInWords(summary) {
  const classes = Array.isArray(summary.classes) ? summary.classes.length : summary.classes;
  const lines = [`${grouped(summary.rows)} samples in ${classes} classes were investigated.`];
  if (summary.alarms.length === 0 && summary.structures.length === 0) {
    lines.push('No class raised an alarm, and nothing stands out.');
  }
  for (const finding of summary.alarms) {
    lines.push(
      `Alarm: in class '${finding.class}' ${samples(finding.count)} ${stands(finding)}${certainty(finding)}.`,
    );
  }
  for (const finding of summary.structures) {
    lines.push(
      `Structure, not proof: in class '${finding.class}' ${samples(finding.count)} ${stands(finding)}${certainty(finding)}.`,
    );
  }
  return lines;
}

/** @param {Finding} finding */
function stands(finding) {
  return finding.count === 1 ? 'stands apart' : 'stand apart';
}

/** @param {number} count */
function samples(count) {
  return count === 1 ? '1 sample' : `${grouped(count)} samples`;
}

/** @param {Finding} finding */
function certainty({ p_value }) {
  if (p_value === null) return '';
  if (p_value === 0) return ' (p < 1e-300)';
  return ` (p ${p_value < 1e-4 ? `= ${p_value.toExponential(1)}` : `= ${Number(p_value.toPrecision(2))}`})`;
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString('en-US');
}
