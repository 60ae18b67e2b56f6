import { Button } from '@blueprintjs/core';
import { useMemo } from 'react';
import { formatCount } from '../../components/number-format.ts';
import { useFlagged } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { lossCorners } from './loss-corners.ts';
import type { MapPoints } from './map-points.ts';

/** The four corners of a map of losses with their counts; a click selects one. High loss alone accuses nobody. */
export function LossCorners(props: { readonly points: MapPoints }) {
  const corners = useMemo(() => lossCorners(props.points), [props.points]);
  const flagged = useFlagged();
  const { select, setCursor } = useSelection.getState();
  return (
    <div className="bz-map-head" role="group" aria-label="Corners">
      <span className="bz-quiet">Corners</span>
      {corners.map(({ name, meaning, rows }) => {
        const suspects = flagged ? rows.reduce((sum, row) => sum + flagged[row], 0) : 0;
        return (
          <Button
            key={name}
            size="small"
            variant="minimal"
            disabled={rows.length === 0}
            title={`${meaning} The outermost tenth of its class in both losses. Click selects it.`}
            onClick={() => {
              select(rows, 'replace');
              setCursor(null);
            }}
          >
            {name} <span className="bz-number">{formatCount(rows.length)}</span>
            {suspects > 0 ? <span className="bz-quiet"> ({formatCount(suspects)} suspects)</span> : null}
          </Button>
        );
      })}
    </div>
  );
}
