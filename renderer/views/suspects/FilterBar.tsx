import { Button, PopoverNext } from '@blueprintjs/core';
import { GridView, Th } from '@blueprintjs/icons';
import { useRef } from 'react';
import type { Dataset } from '../../../electron/contract/evidence.ts';
import type { ScanDetail } from '../../../electron/contract/scan.ts';
import { Choice } from '../../components/Choice.tsx';
import { methodTitle } from '../../components/method-title.ts';
import { formatCount } from '../../components/number-format.ts';
import { useFocusRequest } from '../../state/focus-request.ts';
import { useReviewCounts } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import type { SavedView } from '../../state/view-state.ts';
import { useViewState } from '../../state/view-state.ts';
import type { SuspectColumn } from './columns.tsx';

type Filter = SavedView['suspectFilter'];

function ColumnChooser(props: {
  readonly columns: readonly SuspectColumn[];
  readonly shown: ReadonlySet<string>;
}) {
  const hidden = useViewState((s) => s.hiddenColumns);
  const asked = useViewState((s) => s.shownColumns);
  const set = useViewState((s) => s.set);
  const without = (list: readonly string[], id: string): string[] => list.filter((one) => one !== id);
  return (
    <PopoverNext
      placement="bottom-end"
      content={
        <fieldset className="bz-columns-popover" role="dialog" aria-label="Columns">
          {props.columns.map(({ id, title }) => (
            <label key={id}>
              <input
                type="checkbox"
                checked={props.shown.has(id)}
                onChange={(event) => {
                  if (event.target.checked)
                    set({ hiddenColumns: without(hidden, id), shownColumns: [...without(asked, id), id] });
                  else set({ hiddenColumns: [...without(hidden, id), id], shownColumns: without(asked, id) });
                }}
              />
              {title}
            </label>
          ))}
        </fieldset>
      }
    >
      <Button size="small" text="Columns…" />
    </PopoverNext>
  );
}

/** Which rows are listed, and how. */
export function FilterBar(props: {
  readonly dataset: Dataset;
  readonly scan: ScanDetail | undefined;
  readonly columns: readonly SuspectColumn[];
  readonly shown: ReadonlySet<string>;
}) {
  const { dataset, scan } = props;
  const filter = useViewState((s) => s.suspectFilter);
  const search = useViewState((s) => s.search);
  const suspectsAs = useViewState((s) => s.suspectsAs);
  const setFilter = useViewState((s) => s.setSuspectFilter);
  const set = useViewState((s) => s.set);
  const suspects = useReviewCounts()?.total ?? 0;
  const selected = useSelection((s) => s.rows.length);
  const classField = useRef<HTMLSelectElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  useFocusRequest('filter', () => classField.current?.focus());
  useFocusRequest('search', () => searchField.current?.select());
  return (
    <header className="bz-suspects-head">
      <div className="bz-suspects-filters">
        <Choice<Filter['rows']>
          name="Rows"
          value={filter.rows}
          onChange={(rows) => {
            setFilter({ rows });
          }}
          options={[
            { value: 'suspects', text: `Suspects ${formatCount(suspects)}` },
            { value: 'selection', text: `Selection ${formatCount(selected)}` },
            { value: 'all', text: `All ${formatCount(dataset.rows)}` },
          ]}
        />
        <span className="bz-spring" />
        <input
          ref={searchField}
          type="search"
          className="bz-suspects-search"
          aria-label="Search"
          placeholder="Key, label or text  /"
          value={search}
          onChange={(event) => {
            set({ search: event.target.value });
          }}
        />
        <Choice<SavedView['suspectsAs']>
          name="Show as"
          value={suspectsAs}
          onChange={(next) => {
            set({ suspectsAs: next });
          }}
          options={[
            { value: 'table', text: 'Table', icon: <Th size={14} /> },
            { value: 'gallery', text: 'Gallery', icon: <GridView size={14} /> },
          ]}
        />
      </div>
      <div className="bz-suspects-filters">
        <select
          ref={classField}
          aria-label="Class"
          value={filter.classIndex ?? ''}
          onChange={(event) => {
            setFilter({ classIndex: event.target.value === '' ? null : Number(event.target.value) });
          }}
        >
          <option value="">Every class</option>
          {dataset.classes.map((name, k) => (
            <option key={name} value={k}>
              {name}
            </option>
          ))}
        </select>
        <select
          aria-label="Verdict filter"
          value={filter.verdict}
          onChange={(event) => {
            setFilter({ verdict: event.target.value as Filter['verdict'] });
          }}
        >
          <option value="any">Any verdict or none</option>
          <option value="none">No verdict yet</option>
          <option value="poison">Poison</option>
          <option value="clean">Clean</option>
          <option value="unsure">Unsure</option>
        </select>
        <select
          aria-label="Method"
          value={filter.method ?? ''}
          disabled={!scan}
          onChange={(event) => {
            setFilter({ method: event.target.value === '' ? null : event.target.value });
          }}
        >
          <option value="">Any method</option>
          {scan?.methodIds.map((id) => (
            <option key={id} value={id}>
              {methodTitle(scan, id)}
            </option>
          ))}
        </select>
        <span className="bz-spring" />
        {suspectsAs === 'table' ? <ColumnChooser columns={props.columns} shown={props.shown} /> : null}
      </div>
    </header>
  );
}
