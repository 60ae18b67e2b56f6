import { useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { CSSProperties } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { Sample } from '../../../electron/contract/samples.ts';
import { useSampleWindow } from '../../state/queries.ts';
import { hasRow } from '../../state/row-set.ts';
import { useSeenMark } from '../../state/seen-at-cursor.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { features, tableColumns } from './columns.tsx';
import type { ShownRow, SuspectColumn } from './columns.tsx';
import { copyRows } from './copy-rows.ts';
import { useRowPicking } from './use-row-picking.ts';

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 28;
const OVERSCAN = 12;
const PAGE_ROWS = 20;
const MOST_KEPT = 4000;

/** Samples that were shown before stand in while a new order loads, so that a verdict does not blank the table. */
function useLastKnown(sampleAt: (position: number) => Sample | undefined, order: Int32Array) {
  const known = useRef(new Map<number, Sample>());
  return (position: number): Sample | undefined => {
    const sample = sampleAt(position);
    if (!sample) return known.current.get(order[position]);
    if (known.current.size > MOST_KEPT) known.current.clear();
    known.current.set(sample.row, sample);
    return sample;
  };
}

/** The rows in their order; only what is on the screen is asked for and drawn. */
export function SuspectTable(props: {
  readonly dataset: Dataset;
  readonly order: Int32Array;
  readonly columns: readonly SuspectColumn[];
  /** Ids of the columns shown. */
  readonly shown: ReadonlySet<string>;
}) {
  const { dataset, order, columns, shown } = props;
  const scroll = useRef<HTMLDivElement>(null);
  const cursor = useSelection((s) => s.cursor);
  const selection = useSelection((s) => s.rows);
  const sort = useViewState((s) => s.suspectSort);
  const set = useViewState((s) => s.set);
  const inspectorOpen = useViewState((s) => s.open.inspector);
  const picking = useRowPicking(order, 1, PAGE_ROWS);

  const virtualizer = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (position) => order[position],
    overscan: OVERSCAN,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  const items = virtualizer.getVirtualItems();
  const sampleAt = useLastKnown(
    useSampleWindow(dataset.id, order, items.at(0)?.index ?? 0, items.at(-1)?.index ?? 0),
    order,
  );
  const rows = items.map(({ index }): ShownRow => ({
    position: index,
    row: order[index],
    sample: sampleAt(index),
  }));

  const position = useMemo(() => (cursor === null ? -1 : order.indexOf(cursor)), [cursor, order]);
  useEffect(() => {
    if (position >= 0) virtualizer.scrollToIndex(position, { align: 'auto' });
  }, [position, virtualizer]);
  const cursorShown = rows.some(({ row, sample }) => row === cursor && sample !== undefined);
  useSeenMark(cursorShown && !inspectorOpen ? cursor : null);

  const definitions = useMemo(() => tableColumns(columns), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: ({ row }) => String(row),
    manualSorting: true,
    enableSortingRemoval: false,
    enableMultiSort: false,
    state: {
      sorting: [{ id: sort.column, desc: sort.descending }],
      columnVisibility: Object.fromEntries(columns.map(({ id }) => [id, shown.has(id)])),
    },
    onSortingChange: (updater) => {
      const before = [{ id: sort.column, desc: sort.descending }];
      const next = (typeof updater === 'function' ? updater(before) : updater).at(0);
      if (next) set({ suspectSort: { column: next.id, descending: next.desc } });
    },
  });
  const rightAligned = new Set(columns.filter(({ right }) => right).map(({ id }) => id));
  const visible = columns.filter(({ id }) => shown.has(id));
  const texts = new Set(
    dataset.columns.filter(({ role }) => role === 'text').map(({ name }) => `column:${name}`),
  );
  const grows = visible.find(({ id }) => texts.has(id))?.id ?? 'key';
  const style: CSSProperties & Record<'--bz-columns', string> = {
    '--bz-columns': visible
      .map(({ id, width }) => (id === grows ? `minmax(${width}px, 1fr)` : `${width}px`))
      .join(' '),
    minWidth: visible.reduce((sum, { width }) => sum + width, 0),
  };

  const copy = (): void => {
    const chosen = Array.from(order).filter((row) => hasRow(selection, row));
    const rowsToCopy = chosen.length > 0 ? chosen : cursor === null ? [] : [cursor];
    void copyRows(
      dataset,
      visible.map(({ title, textOf }) => ({ title, textOf })),
      rowsToCopy,
    );
  };

  return (
    <div
      ref={scroll}
      className="bz-grid"
      role="grid"
      tabIndex={0}
      aria-label="Samples"
      aria-rowcount={order.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={position >= 0 ? `bz-row-${order[position]}` : undefined}
      onKeyDown={(event) => {
        if (event.target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter')) return;
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'c') {
          event.preventDefault();
          copy();
        } else picking.onKeyDown(event);
      }}
    >
      <div style={style} className="bz-grid-inside">
        <div role="rowgroup" className="bz-grid-head">
          {table.getHeaderGroups().map((group) => (
            <div key={group.id} role="row" aria-rowindex={1} className="bz-grid-row">
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                const canSort = header.column.getCanSort();
                return (
                  <div
                    key={header.id}
                    role="columnheader"
                    className={
                      rightAligned.has(header.column.id) ? 'bz-grid-cell bz-grid-right' : 'bz-grid-cell'
                    }
                    aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                  >
                    {canSort ? (
                      <button type="button" onClick={header.column.getToggleSortingHandler()}>
                        <table.FlexRender header={header} />
                        <span aria-hidden="true" className="bz-grid-sort">
                          {sorted === 'asc' ? '▲' : sorted === 'desc' ? '▼' : ''}
                        </span>
                      </button>
                    ) : (
                      <table.FlexRender header={header} />
                    )}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
        <div role="rowgroup" className="bz-grid-body" style={{ height: virtualizer.getTotalSize() }}>
          {table.getRowModel().rows.map((tableRow, i) => {
            const { row, position: at } = tableRow.original;
            return (
              <div
                key={row}
                id={`bz-row-${row}`}
                role="row"
                aria-rowindex={at + 2}
                aria-selected={hasRow(selection, row)}
                aria-current={row === cursor ? 'true' : undefined}
                className="bz-grid-row bz-grid-line"
                style={{ transform: `translateY(${(items[i]?.start ?? 0) - HEAD_HEIGHT}px)` }}
                onClick={(event) => {
                  picking.onRowClick(event, at);
                }}
              >
                {tableRow.getVisibleCells().map((cell) => (
                  <div
                    key={cell.id}
                    role="gridcell"
                    className={
                      rightAligned.has(cell.column.id) ? 'bz-grid-cell bz-grid-right' : 'bz-grid-cell'
                    }
                  >
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
