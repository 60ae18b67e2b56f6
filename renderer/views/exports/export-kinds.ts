import type { ExportKind, ExportPreview } from '../../../electron/contract/exports.ts';
import { plural } from '../../components/number-format.ts';

interface ExportEntry {
  readonly kind: ExportKind;
  readonly title: string;
  /** What is in it and for whom. */
  readonly what: string;
  /** Of the suggested file name, after the case's name. */
  readonly ending: string;
  /** What it would hold now. */
  holds(this: void, preview: ExportPreview): string;
}

/** The exports in the order of the view. */
export const exportKinds: readonly ExportEntry[] = [
  {
    kind: 'poison-csv',
    title: 'Confirmed poison, CSV',
    what: 'Key, row, label, verdict, who, when, why, scores, evidence hashes. For people: cells that a spreadsheet would run are neutralised.',
    ending: '-confirmed-poison.csv',
    holds: ({ poison }) => plural(poison, 'sample'),
  },
  {
    kind: 'poison-json',
    title: 'Confirmed poison, JSON',
    what: 'The same for programs, keys exact, with a published schema.',
    ending: '-confirmed-poison.json',
    holds: ({ poison }) => plural(poison, 'sample'),
  },
  {
    kind: 'manifest',
    title: 'Sanitized manifest, JSON',
    what: 'Source files with SHA-256, counts before and after, every key kept or removed, the audit head. Trusted sets are never in it.',
    ending: '-sanitized-manifest.json',
    holds: ({ kept, poison }) => `${plural(kept, 'sample')} kept, ${plural(poison, 'sample')} removed`,
  },
  {
    kind: 'report',
    title: 'Hand-over report, HTML',
    what: 'One file without script: question, evidence and hashes, findings with certificate and limits, pictures, verdicts, audit head.',
    ending: '-report.html',
    holds: ({ suspects }) => `findings and ${plural(suspects, 'suspect')}`,
  },
  {
    kind: 'suspects-csv',
    title: 'Suspects in rank order, CSV',
    what: 'One line per sample with rank, score, p-value and methods, as the command line writes it.',
    ending: '-suspects.csv',
    holds: ({ total }) => plural(total, 'line'),
  },
];

export const portableTitle = 'Portable case';

/** A file name from a case's name that every file system takes. */
export function suggestedName(caseName: string, ending: string): string {
  const stem = caseName.replace(/\.bezoar$/i, '').replace(/[^\p{L}\p{N}._ -]+/gu, '-');
  return `${stem === '' ? 'case' : stem}${ending}`;
}
