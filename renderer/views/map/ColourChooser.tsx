import { Choice } from '../../components/Choice.tsx';
import { useActiveScan, useInvestigated } from '../../state/queries.ts';
import { useViewState } from '../../state/view-state.ts';
import { CLUSTER_DETECTOR } from './use-colouring.ts';
import type { ColourBy } from './use-colouring.ts';

/** What the points are coloured by. */
export function ColourChooser(props: { readonly hasClusters: boolean }) {
  const by = useViewState((s) => s.colourBy);
  const set = useViewState((s) => s.set);
  const dataset = useInvestigated();
  const scan = useActiveScan();
  const judged = scan !== undefined;
  return (
    <Choice<ColourBy>
      name="Colour by"
      value={by}
      onChange={(colourBy) => {
        set({ colourBy });
      }}
      options={[
        { value: 'label', text: 'Label' },
        {
          value: 'predicted',
          text: 'Predicted',
          disabled: !dataset?.hasPredictions,
          title: dataset?.hasPredictions ? undefined : 'The records have no predictions',
        },
        {
          value: 'cluster',
          text: 'Cluster',
          disabled: !props.hasClusters,
          title: props.hasClusters ? undefined : 'Scan the case or find islands first',
        },
        {
          value: 'score',
          text: 'Score',
          disabled: !judged,
          title: judged ? undefined : 'Scan the case first (S)',
        },
        { value: 'verdict', text: 'Verdict' },
      ]}
    />
  );
}

/** Whose scores or clusters colour the map. */
export function SourceChooser(props: {
  readonly clustering: number | null;
  readonly clusterings: readonly [id: number, name: string][];
}) {
  const by = useViewState((s) => s.colourBy);
  const scoreOf = useViewState((s) => s.scoreOf);
  const set = useViewState((s) => s.set);
  const scan = useActiveScan();
  if (by === 'score' && scan)
    return (
      <select
        aria-label="Score of"
        value={scoreOf ?? ''}
        onChange={(event) => {
          set({ scoreOf: event.target.value === '' ? null : event.target.value });
        }}
      >
        <option value="">Scan ranking</option>
        {scan.detectorRuns.map((run) => (
          <option key={run.id} value={run.id}>
            {run.title}
          </option>
        ))}
      </select>
    );
  if (by !== 'cluster') return null;
  return (
    <select
      aria-label="Clusters of"
      value={props.clustering ?? ''}
      onChange={(event) => {
        set({ clustering: event.target.value === '' ? null : Number(event.target.value) });
      }}
    >
      {scan?.detectors.includes(CLUSTER_DETECTOR) ? <option value="">Activation clustering</option> : null}
      {props.clusterings.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}
