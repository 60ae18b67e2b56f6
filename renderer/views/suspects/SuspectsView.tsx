import { Button } from '@blueprintjs/core';
import { useEffect, useMemo } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { formatCount, plural } from '../../components/number-format.ts';
import { Problem } from '../../components/Problem.tsx';
import { SelectionBar } from '../../components/SelectionBar.tsx';
import { useClassColours } from '../../state/class-colours.ts';
import { useCaseState, useInvestigated } from '../../state/queries.ts';
import { startScan } from '../../state/scan-order.ts';
import { useSelection } from '../../state/selection.ts';
import { useSuspectOrder } from '../../state/suspect-order.ts';
import { useViewState } from '../../state/view-state.ts';
import { suspectColumns } from './columns.tsx';
import { FilterBar } from './FilterBar.tsx';
import { Gallery } from './Gallery.tsx';
import { MethodOverlap } from './MethodOverlap.tsx';
import { SuspectTable } from './SuspectTable.tsx';
import { useSuspects } from './use-suspects.ts';
import type { Suspects } from './use-suspects.ts';
import './suspects.css';

/** J and K walk what is listed here, as long as it is listed. */
function useShownOrder(order: Int32Array): void {
  const present = useSuspectOrder((s) => s.order);
  useEffect(() => {
    if (present !== order) useSuspectOrder.getState().setOrder(order);
  }, [present, order]);
}

function NothingListed(props: { readonly suspects: Suspects; readonly dataset: Dataset }) {
  const { suspects, dataset } = props;
  const filter = useViewState((s) => s.suspectFilter);
  const search = useViewState((s) => s.search);
  const set = useViewState((s) => s.set);
  const setFilter = useViewState((s) => s.setSuspectFilter);
  const portable = useCaseState()?.portable ?? null;
  if (suspects.loading) return <div className="bz-suspects-none" aria-busy="true" />;
  const showAll = (
    <Button
      text={`List all ${formatCount(dataset.rows)} samples`}
      onClick={() => {
        setFilter({ rows: 'all' });
      }}
    />
  );
  const narrowed =
    filter.classIndex !== null || filter.verdict !== 'any' || filter.method !== null || search.trim() !== '';
  if (narrowed)
    return (
      <EmptyState
        title="No sample passes the filters"
        actions={
          <Button
            text="Clear the filters"
            onClick={() => {
              setFilter({ classIndex: null, verdict: 'any', method: null });
              set({ search: '' });
            }}
          />
        }
      />
    );
  if (filter.rows === 'selection')
    return (
      <EmptyState title="Nothing is selected" actions={showAll}>
        Draw a lasso on the map, or select rows of the suspects: what is selected is listed here.
      </EmptyState>
    );
  if (!suspects.scan && portable)
    return (
      <EmptyState title="Scans stay in the whole case" actions={showAll}>
        This part of {portable.caseName} holds the samples that were decided or cited.
      </EmptyState>
    );
  if (!suspects.scan)
    return (
      <EmptyState
        title="Not scanned yet"
        actions={
          <>
            <Button intent="primary" text="Scan" endIcon={<kbd>S</kbd>} onClick={() => void startScan()} />
            {showAll}
          </>
        }
      >
        A scan ranks every sample and puts suspects forward.
      </EmptyState>
    );
  return (
    <EmptyState title="This scan puts no sample forward" actions={showAll}>
      The Findings say what was and was not tested. All samples can still be read in the order of the ranking,
      which makes no claim.
    </EmptyState>
  );
}

function SuspectsOf(props: { readonly dataset: Dataset }) {
  const { dataset } = props;
  const suspects = useSuspects(dataset);
  const { scan, arrays, order } = suspects;
  const { nameOf } = useClassColours();
  const suspectsAs = useViewState((s) => s.suspectsAs);
  const hidden = useViewState((s) => s.hiddenColumns);
  const asked = useViewState((s) => s.shownColumns);
  useShownOrder(order);
  const columns = useMemo(
    () => suspectColumns(dataset, scan, arrays, nameOf),
    [dataset, scan, arrays, nameOf],
  );
  const shown = useMemo(
    () =>
      new Set(
        columns
          .filter(({ id, usual }) => !hidden.includes(id) && (usual || asked.includes(id)))
          .map(({ id }) => id),
      ),
    [columns, hidden, asked],
  );
  return (
    <section className="bz-suspects" aria-label="Suspects">
      <FilterBar dataset={dataset} scan={scan} columns={columns} shown={shown} />
      <div className="bz-suspects-line">
        <span className="bz-number">
          {plural(order.length, 'sample')} listed
          {suspects.searchCutShort ? '; the search names the first 1,000' : ''}
        </span>
        {order.length > 0 ? (
          <Button
            size="small"
            variant="minimal"
            text="Select all"
            title="Select every sample listed (Ctrl+Shift+A)"
            onClick={() => {
              useSelection.getState().select(order, 'replace');
            }}
          />
        ) : null}
        <span className="bz-spring" />
        {scan && arrays.methods ? <MethodOverlap scan={scan} order={order} methods={arrays.methods} /> : null}
      </div>
      {suspects.searchError ? <Problem error={suspects.searchError} /> : null}
      {order.length === 0 ? (
        <div className="bz-suspects-none">
          <NothingListed suspects={suspects} dataset={dataset} />
        </div>
      ) : suspectsAs === 'table' ? (
        <SuspectTable dataset={dataset} order={order} columns={columns} shown={shown} />
      ) : (
        <Gallery dataset={dataset} order={order} arrays={arrays} />
      )}
      <SelectionBar hint="Click selects, Shift a range, Ctrl one more; J and K walk, X C U give verdicts." />
    </section>
  );
}

/** The suspects in their order: read, compared, decided. */
export function SuspectsView() {
  const dataset = useInvestigated();
  if (!dataset) return <EmptyState title="No samples yet">Drop activations and records here.</EmptyState>;
  return <SuspectsOf dataset={dataset} />;
}
