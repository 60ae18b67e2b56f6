import { useInvestigated } from '../../state/queries.ts';
import { useSelection } from '../../state/selection.ts';
import { useSuspectOrder } from '../../state/suspect-order.ts';
import { EmptyState } from '../../components/EmptyState.tsx';
import { SampleInspector } from './SampleInspector.tsx';
import { SelectionInspector } from './SelectionInspector.tsx';
import './inspector.css';

/** What is known of the sample under the cursor, else of the selection. */
export function Inspector() {
  const dataset = useInvestigated();
  const cursor = useSelection((s) => s.cursor);
  const selected = useSelection((s) => s.rows.length);
  const walkable = useSuspectOrder((s) => s.order.length > 0);
  if (dataset && cursor !== null && cursor < dataset.rows)
    return <SampleInspector dataset={dataset} row={cursor} />;
  if (dataset && selected > 0) return <SelectionInspector dataset={dataset} />;
  return (
    <EmptyState title="No sample">
      {dataset ? (
        <p>
          {walkable ? (
            <>
              Press <kbd>J</kbd> for the first suspect, or click a point on the map or a row of the table.
            </>
          ) : (
            'Click a point on the map or a row of the table.'
          )}
        </p>
      ) : (
        <p>Drop activations and records on the window first.</p>
      )}
    </EmptyState>
  );
}
