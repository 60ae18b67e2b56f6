import type { HeldLog } from './held-log.ts';
import { countInWords } from './in-words.ts';
import { LAGGED_DAYS } from './lagged-lane.ts';
import { LEAST_CLASS_ROWS } from './reference-layout.ts';
import type { LaneSeries } from './run-lanes.ts';

/** What the alarm could not judge, with the reason, one sentence each. */
export function whatWasNotJudged({ reference, coded, table }: HeldLog, lagged: boolean): string[] {
  const { layout, families } = reference;
  const sentences: string[] = [];
  const has = (name: string): boolean =>
    table.numeric.some((column) => column.name === name) ||
    table.categorical.some((column) => column.name === name);
  for (const { name } of [...layout.classNumbers, ...layout.categories, ...layout.loads])
    if (!has(name))
      sentences.push(
        `${name}: the reference has this column and the log has not; all its values count as missing.`,
      );
  const known = new Set(
    [...layout.classNumbers, ...layout.categories, ...layout.loads].map(({ name }) => name),
  );
  for (const { name, role } of table.numeric)
    if (!known.has(name) && role !== 'score')
      sentences.push(`${name}: the reference does not have this column.`);
  for (const { name } of table.categorical)
    if (!known.has(name)) sentences.push(`${name}: the reference does not have this column.`);
  const scores = table.numeric.filter(({ role }) => role === 'score').length;
  if (scores > 0)
    sentences.push(
      `${countInWords(scores, 'column')} of class scores: the default alarm watches the confidence of the predicted class.`,
    );
  for (const { name, edges } of layout.loads)
    if (edges.length === 0)
      sentences.push(
        `${name}: all its values in the reference are equal, so no tail can be told from the rest.`,
      );
  for (const { name, bins } of layout.classNumbers)
    if (bins.every(({ edges }) => edges.length === 0))
      sentences.push(
        `${name}: all its values in the reference are equal within every class, so only missing ones are watched.`,
      );
  if (layout.classNumbers.every(({ kind }) => kind !== 'confidence'))
    sentences.push('Confidence: the reference has none.');
  const labelled = families.find(({ kind }) => kind === 'precision')?.rows.some((rows) => rows > 0) ?? false;
  if (!labelled) sentences.push('Accuracy: the reference has no labels.');
  else if (coded.labelClass === null) sentences.push('Accuracy: the log has no labels.');
  if (layout.classes.length < 2)
    sentences.push(
      'Attack or weather: the reference has one class, so there are no other classes to hold a change against; changes are read as drift.',
    );
  if (layout.rare.length > 0)
    sentences.push(
      `${countInWords(layout.rare.length, 'class', 'classes')} with fewer than ${LEAST_CLASS_ROWS} requests in the reference (${layout.rare
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', ')}${layout.rare.length > 5 ? ', …' : ''}): only their counts are watched.`,
    );
  if (!lagged)
    sentences.push(
      `Lagged lane (sudden against slow change): it needs ${LAGGED_DAYS} days from the reference's first to the log's last.`,
    );
  if (!reference.selfCheck.judged) sentences.push(reference.selfCheck.sentence);
  return sentences;
}

/** What was done with the log's windows, one sentence each. */
export function notesOf({ reference, table }: HeldLog, series: readonly LaneSeries[]): string[] {
  const notes: string[] = [];
  for (const { lane, pooled, empty } of series) {
    if (pooled > 0)
      notes.push(
        `${countInWords(pooled, lane)} with few requests ${pooled === 1 ? 'was' : 'were'} judged together with the next.`,
      );
    if (empty > 0)
      notes.push(`${countInWords(empty, lane)} without any request ${empty === 1 ? 'was' : 'were'} skipped.`);
  }
  if (table.time[0] <= reference.lastMs && table.time[table.rows - 1] >= reference.firstMs)
    notes.push(
      'The log and the reference share some time: requests that are in both are held against themselves.',
    );
  if (table.rows > 0 && table.numeric.length + table.categorical.length === 0)
    notes.push('The log has no column beside times and classes: only class shares are watched.');
  return notes;
}
