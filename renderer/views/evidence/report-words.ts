import type { EvidenceReport, JoinReport } from '../../../electron/contract/evidence.ts';
import { formatCount, plural } from '../../components/number-format.ts';

/** '10 samples have none (a, b and 8 more)'. */
function examples(first: readonly string[], count: number): string {
  const more = count - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

/** What of a table joined to the records and what did not. */
export function joinInWords(join: JoinReport, records: number): string {
  const by = join.by === null ? 'row by row' : `by ${join.by}`;
  const parts = [`${formatCount(join.joined)} of ${plural(records, 'record')} joined ${by}`];
  if (join.samplesWithout > 0)
    parts.push(
      `${plural(join.samplesWithout, 'sample has', 'samples have')} no record here (${examples(join.firstSamplesWithout, join.samplesWithout)})`,
    );
  if (join.recordsWithout > 0)
    parts.push(
      `${plural(join.recordsWithout, 'record belongs', 'records belong')} to no sample (${examples(join.firstRecordsWithout, join.recordsWithout)})`,
    );
  return `${parts.join('; ')}.`;
}

/** What an import has to say of a file of records, each a line. */
export const reportInWords = ({ says, records, join, notes }: EvidenceReport): string[] => [
  says,
  ...(join === null ? [] : [joinInWords(join, records)]),
  ...notes,
];
