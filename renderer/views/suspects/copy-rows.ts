import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { Sample } from '../../../electron/contract/samples.ts';
import { plural } from '../../components/number-format.ts';
import { currentHost } from '../../state/host-context.ts';
import { say, sayFailure } from '../../state/toasts.ts';

/** The most rows that one call may ask for. */
const PAGE = 500;

/** One cell of a TSV: tabs and line breaks would break the table, so they become spaces. */
function tsvCell(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}

/** A column as it is copied. */
interface CopiedColumn {
  readonly title: string;
  textOf(this: void, row: number, sample: Sample | undefined): string;
}

/** Rows as tab-separated text with a header, in the order given. */
export function tsvOf(
  columns: readonly CopiedColumn[],
  rows: readonly number[],
  samples: ReadonlyMap<number, Sample>,
): string {
  const lines = rows.map((row) =>
    columns.map((column) => tsvCell(column.textOf(row, samples.get(row)))).join('\t'),
  );
  return [columns.map(({ title }) => tsvCell(title)).join('\t'), ...lines].join('\n');
}

/** Puts rows on the clipboard as a table. */
export async function copyRows(
  dataset: Dataset,
  columns: readonly CopiedColumn[],
  rows: readonly number[],
): Promise<void> {
  if (rows.length === 0) return;
  const samples = new Map<number, Sample>();
  try {
    for (let at = 0; at < rows.length; at += PAGE) {
      const page = await currentHost().call('samples/page', {
        dataset: dataset.id,
        rows: rows.slice(at, at + PAGE),
      });
      for (const sample of page) samples.set(sample.row, sample);
    }
  } catch (error) {
    sayFailure(error);
    return;
  }
  try {
    await navigator.clipboard.writeText(tsvOf(columns, rows, samples));
    say(`${plural(rows.length, 'row')} copied as a table.`);
  } catch {
    say('This window may not write to the clipboard. Export the suspects as CSV instead.', 'caution');
  }
}
