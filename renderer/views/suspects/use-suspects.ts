import { useDeferredValue, useMemo } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import { verdictByte } from '../../../electron/contract/samples.ts';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import {
  useActiveScan,
  useActiveScanId,
  useCall,
  useFloat64,
  useInt32,
  useUint32,
} from '../../state/queries.ts';
import { useFlagged, useSeen, useVerdicts } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { filterRows, sortRows } from './suspect-rows.ts';

/** What the table and the gallery know of every row without asking for samples. */
export interface RowArrays {
  readonly labels: Int32Array | undefined;
  readonly predicted: Int32Array | undefined;
  readonly flagged: Uint8Array | undefined;
  readonly rank: Int32Array | undefined;
  readonly score: Float64Array | undefined;
  readonly pValue: Float64Array | undefined;
  readonly methods: Uint32Array | undefined;
  readonly verdicts: Uint8Array | undefined;
  readonly seen: Uint8Array | undefined;
}

export interface Suspects {
  readonly scan: ScanDetail | undefined;
  readonly arrays: RowArrays;
  /** Dataset rows in the order shown. */
  readonly order: Int32Array;
  /** The search found more than it may list. */
  readonly searchCutShort: boolean;
  readonly searchError: Error | null;
  /** Without the arrays that the list needs nothing can be said of its length. */
  readonly loading: boolean;
}

const NOTHING_FOUND: readonly number[] = [];
const NO_SELECTION = new Int32Array(0);

/** Columns whose values are numbers in a bulk array of their own. */
function isNumberColumn(dataset: Dataset, column: string): boolean {
  return (
    (column === 'confidence' && dataset.hasConfidence) ||
    dataset.columns.some(({ name, type }) => `column:${name}` === column && type === 'number')
  );
}

function bitsSet(mask: number): number {
  let n = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) n++;
  return n;
}

/** The rows that the Suspects view shows, filtered and sorted as the analyst chose. */
export function useSuspects(dataset: Dataset): Suspects {
  const filter = useViewState((s) => s.suspectFilter);
  const sort = useViewState((s) => s.suspectSort);
  const query = useDeferredValue(useViewState((s) => s.search).trim());
  const scanId = useActiveScanId();
  const scan = useActiveScan();
  const ofScan = scanId === null ? null : { scan: scanId };
  const labels = useInt32({ array: 'label', dataset: dataset.id });
  const predicted = useInt32(dataset.hasPredictions ? { array: 'predicted', dataset: dataset.id } : null);
  const rank = useInt32(ofScan && { array: 'rank', ...ofScan });
  const score = useFloat64(ofScan && { array: 'score', ...ofScan });
  const pValue = useFloat64(ofScan && { array: 'p-value', ...ofScan });
  const methods = useUint32(ofScan && { array: 'methods', ...ofScan });
  const flagged = useFlagged();
  const verdicts = useVerdicts();
  const seen = useSeen();
  const selected = useSelection((s) => s.rows);
  // A selection that grows must not cost a new list while the list does not show it.
  const selection = filter.rows === 'selection' ? selected : NO_SELECTION;
  const found = useCall('samples/find', query === '' ? null : { dataset: dataset.id, query });
  const foundRows = query === '' ? null : (found.data?.rows ?? NOTHING_FOUND);
  const ownColumn = isNumberColumn(dataset, sort.column);
  const column = useFloat64(
    ownColumn ? { array: 'column', dataset: dataset.id, name: sort.column.replace(/^column:/, '') } : null,
  );

  const bit = scan && filter.method !== null ? scan.methodIds.indexOf(filter.method) : -1;
  const methodBit = bit < 0 ? null : bit;
  const verdict =
    filter.verdict === 'any' ? null : filter.verdict === 'none' ? 0 : verdictByte[filter.verdict];
  const byVerdict = verdict === null && sort.column !== 'verdict' ? undefined : verdicts;
  const bySeen = sort.column === 'seen' ? seen : undefined;
  const order = useMemo(() => {
    const rows = filterRows({
      n: dataset.rows,
      rows: filter.rows,
      flagged,
      selection,
      classIndex: filter.classIndex,
      labels,
      verdict,
      verdicts: byVerdict,
      methodBit,
      methods,
      found: foundRows,
    });
    const values: Readonly<Record<string, ((row: number) => number) | undefined>> = {
      rank: rank && ((row) => rank[row]),
      score: score && ((row) => score[row]),
      'p-value': pValue && ((row) => pValue[row]),
      methods: methods && ((row) => bitsSet(methods[row])),
      label: labels && ((row) => labels[row]),
      predicted: predicted && ((row) => predicted[row]),
      verdict: byVerdict && ((row) => byVerdict[row]),
      seen: bySeen && ((row) => bySeen[row]),
      row: (row) => row,
    };
    const valueOf = column ? (row: number) => column[row] : values[sort.column];
    const byRank = (row: number): number => rank?.[row] ?? row;
    return sortRows(rows, valueOf ?? byRank, valueOf !== undefined && sort.descending, byRank);
  }, [
    dataset.rows,
    filter.rows,
    filter.classIndex,
    flagged,
    selection,
    labels,
    verdict,
    byVerdict,
    methodBit,
    methods,
    foundRows,
    rank,
    score,
    pValue,
    predicted,
    bySeen,
    column,
    sort,
  ]);

  const arrays = useMemo(
    () => ({ labels, predicted, flagged, rank, score, pValue, methods, verdicts, seen }),
    [labels, predicted, flagged, rank, score, pValue, methods, verdicts, seen],
  );

  return {
    scan,
    arrays,
    order,
    searchCutShort: query !== '' && (found.data?.more ?? false),
    searchError: query === '' ? null : found.error,
    loading: (filter.rows === 'suspects' && scanId !== null && !flagged) || (query !== '' && found.isPending),
  };
}
