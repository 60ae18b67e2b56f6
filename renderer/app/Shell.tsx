import { Suspense, useEffect } from 'react';
import { Divider } from '../components/Divider.tsx';
import { ErrorBoundary } from '../components/ErrorBoundary.tsx';
import { useActiveScanId, useInt32 } from '../state/queries.ts';
import { useFlagged } from '../state/review.ts';
import { suspectsByRank, useSuspectOrder } from '../state/suspect-order.ts';
import { panelDefaults, useViewState } from '../state/view-state.ts';
import { JobsPanel } from '../views/jobs/JobsPanel.tsx';
import { Rail } from './Rail.tsx';
import { Inspector, views } from './view-registry.ts';

/** Until a view shows its own order, J and K walk the suspects by rank. */
function useOrderByRank(): void {
  const scan = useActiveScanId();
  const flagged = useFlagged();
  const rank = useInt32(scan === null ? null : { array: 'rank', scan });
  useEffect(() => {
    useSuspectOrder.getState().setOrder(flagged && rank ? suspectsByRank(flagged, rank) : new Int32Array(0));
  }, [flagged, rank]);
}

/** The window of an open case: rail, view, inspector, jobs. */
export function Shell() {
  const view = useViewState((s) => s.view);
  const panels = useViewState((s) => s.panels);
  const open = useViewState((s) => s.open);
  const resizePanel = useViewState((s) => s.resizePanel);
  useOrderByRank();
  const entry = views.find(({ id }) => id === view) ?? views[0];
  return (
    <div className="bz-body">
      <div className="bz-columns">
        <Rail width={open.rail ? panels.rail : null} />
        {open.rail ? (
          <Divider
            axis="x"
            sign={1}
            size={panels.rail}
            least={160}
            most={360}
            usual={panelDefaults.rail}
            name="the rail"
            onSize={(size) => {
              resizePanel('rail', size);
            }}
          />
        ) : null}
        <main className="bz-centre" aria-label={entry.title}>
          <ErrorBoundary key={entry.id} what={`The view ${entry.title}`}>
            <Suspense fallback={<div aria-busy="true" />}>
              <entry.View />
            </Suspense>
          </ErrorBoundary>
        </main>
        {open.inspector && entry.inspects ? (
          <>
            <Divider
              axis="x"
              sign={-1}
              size={panels.inspector}
              least={260}
              most={640}
              usual={panelDefaults.inspector}
              name="the inspector"
              onSize={(size) => {
                resizePanel('inspector', size);
              }}
            />
            <aside className="bz-inspector" aria-label="Inspector" style={{ width: panels.inspector }}>
              <ErrorBoundary what="The inspector">
                <Suspense fallback={<div aria-busy="true" />}>
                  <Inspector />
                </Suspense>
              </ErrorBoundary>
            </aside>
          </>
        ) : null}
      </div>
      {open.jobs ? (
        <Divider
          axis="y"
          sign={-1}
          size={panels.jobs}
          least={96}
          most={480}
          usual={panelDefaults.jobs}
          name="the jobs"
          onSize={(size) => {
            resizePanel('jobs', size);
          }}
        />
      ) : null}
      <JobsPanel height={open.jobs ? panels.jobs : null} />
    </div>
  );
}
