import {
  columnSizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { ColumnDef } from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { Sample } from '../../../electron/contract/samples.ts';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { ClassName } from '../../components/ClassName.tsx';
import { methodTitle } from '../../components/method-title.ts';
import { formatCount, formatNumber } from '../../components/number-format.ts';
import { VerdictTag, verdictOfByte } from '../../components/VerdictTag.tsx';
import { methodsOfMask } from './suspect-rows.ts';
import type { RowArrays } from './use-suspects.ts';

export const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, rowSortingFeature });

/** One shown row; the sample comes a moment later. */
export interface ShownRow {
  readonly position: number;
  readonly row: number;
  readonly sample: Sample | undefined;
}

/** A column as the analyst knows it. */
export interface SuspectColumn {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly right: boolean;
  readonly sortable: boolean;
  /** Shown without being asked for. */
  readonly usual: boolean;
  cell(this: void, row: number, sample: Sample | undefined): ReactNode;
  textOf(this: void, row: number, sample: Sample | undefined): string;
}

function plain(value: string | number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

/** Every column of the table for this set and scan. */
export function suspectColumns(
  dataset: Dataset,
  scan: ScanDetail | undefined,
  arrays: RowArrays,
  nameOf: (classIndex: number) => string,
): SuspectColumn[] {
  const { labels, predicted, rank, score, pValue, methods, verdicts, seen } = arrays;
  const ids = scan?.methodIds ?? [];
  const methodsOf = (row: number): string[] => methodsOfMask(methods?.[row] ?? 0, ids);
  const numeric = { right: true, sortable: true, usual: true };
  const words = { right: false, sortable: true, usual: true };
  const columns: SuspectColumn[] = [
    {
      id: 'rank',
      title: 'Rank',
      width: 58,
      ...numeric,
      cell: (row) => (rank ? formatCount(rank[row]) : '–'),
      textOf: (row) => plain(rank?.[row]),
    },
    {
      id: 'key',
      title: 'Key',
      width: 94,
      ...words,
      sortable: false,
      cell: (_, sample) => <span className="bz-mono">{sample?.key ?? ''}</span>,
      textOf: (_, sample) => sample?.key ?? '',
    },
    {
      id: 'label',
      title: 'Label',
      width: 100,
      ...words,
      cell: (row) => (labels ? <ClassName classIndex={labels[row]} /> : null),
      textOf: (row) => (labels ? nameOf(labels[row]) : ''),
    },
    {
      id: 'predicted',
      title: 'Predicted',
      width: 100,
      ...words,
      usual: dataset.hasPredictions,
      cell: (row) => (predicted ? <ClassName classIndex={predicted[row]} /> : '–'),
      textOf: (row) => (predicted ? nameOf(predicted[row]) : ''),
    },
    {
      id: 'verdict',
      title: 'Verdict',
      width: 84,
      ...words,
      cell: (row) => <VerdictTag verdict={verdictOfByte(verdicts?.[row] ?? 0)} />,
      textOf: (row) => verdictOfByte(verdicts?.[row] ?? 0) ?? '',
    },
    {
      id: 'seen',
      title: 'Seen',
      width: 56,
      ...words,
      cell: (row) => (seen?.[row] ? <span className="bz-quiet">seen</span> : null),
      textOf: (row) => (seen?.[row] ? 'seen' : ''),
    },
    {
      id: 'methods',
      title: 'Methods',
      width: 84,
      ...numeric,
      cell: (row) => {
        const all = methodsOf(row);
        const detectors = all.filter((id) => scan?.detectors.includes(id));
        return <span title={all.map((id) => methodTitle(scan, id)).join(', ')}>{detectors.length}</span>;
      },
      textOf: (row) => methodsOf(row).join(';'),
    },
    {
      id: 'score',
      title: 'Score',
      width: 58,
      ...numeric,
      cell: (row) => (score ? score[row].toFixed(3) : '–'),
      textOf: (row) => plain(score?.[row]),
    },
    {
      id: 'p-value',
      title: 'p-value',
      width: 76,
      ...numeric,
      usual: scan?.withTrusted ?? false,
      cell: (row) => formatNumber(pValue?.[row]),
      textOf: (row) => (pValue && !Number.isNaN(pValue[row]) ? String(pValue[row]) : ''),
    },
    {
      id: 'row',
      title: 'Row',
      width: 72,
      ...numeric,
      usual: false,
      cell: (row) => formatCount(row + 1),
      textOf: (row) => String(row + 1),
    },
    {
      id: 'note',
      title: 'Note',
      width: 160,
      ...words,
      sortable: false,
      usual: false,
      cell: (_, sample) => sample?.note ?? '',
      textOf: (_, sample) => sample?.note ?? '',
    },
  ];
  if (dataset.hasConfidence)
    columns.push({
      id: 'confidence',
      title: 'Confidence',
      width: 92,
      ...numeric,
      usual: false,
      cell: (_, sample) => formatNumber(sample?.confidence),
      textOf: (_, sample) => plain(sample?.confidence),
    });
  for (const { name, role, type } of dataset.columns) {
    if (role === 'ignored') continue;
    const isNumber = type === 'number';
    const column: SuspectColumn = {
      id: `column:${name}`,
      title: name,
      width: role === 'text' ? 240 : isNumber ? 96 : 120,
      right: isNumber,
      sortable: isNumber,
      usual: role === 'text',
      cell: (_, sample) => {
        const value = sample?.columns[name];
        return typeof value === 'number' ? formatNumber(value) : plain(value);
      },
      textOf: (_, sample) => plain(sample?.columns[name]),
    };
    // What a text says is read beside its verdict; other columns follow.
    if (role === 'text') columns.splice(columns.findIndex(({ id }) => id === 'verdict') + 1, 0, column);
    else columns.push(column);
  }
  return columns;
}

const largestFirst: ReadonlySet<string> = new Set(['score', 'methods', 'verdict', 'seen', 'confidence']);

/** The same columns as the table engine wants them. */
export function tableColumns(columns: readonly SuspectColumn[]): ColumnDef<typeof features, ShownRow>[] {
  return columns.map(({ id, title, width, sortable, cell }) => ({
    id,
    header: title,
    size: width,
    // Sorting is of the row's arrays, not of this value; the table engine asks for one before it lets a column sort.
    accessorFn: ({ row }: ShownRow): unknown => row,
    enableSorting: sortable,
    sortDescFirst: largestFirst.has(id) || id.startsWith('column:'),
    cell: ({ row }) => cell(row.original.row, row.original.sample),
  }));
}
