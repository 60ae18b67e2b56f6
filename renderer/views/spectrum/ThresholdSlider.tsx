import { Button } from '@blueprintjs/core';
import { useMemo } from 'react';
import type { ScoreHistogram } from '../../../electron/contract/scan.ts';
import { CleanBound } from '../../components/CleanBound.tsx';
import { formatCount, formatNumber, plural } from '../../components/number-format.ts';
import { useFloat64, useInt32, useInvestigated } from '../../state/queries.ts';
import { useRested } from '../../state/rested.ts';
import { useFlagged } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { useViewState } from '../../state/view-state.ts';
import { rowsBeyond } from './rows-beyond.ts';

const STEPS = 400;

/** A threshold on one method's scores in one class: how many lie beyond, how many of them may be clean, and the way to them. */
export function ThresholdSlider(props: {
  readonly scan: number;
  readonly histogram: ScoreHistogram;
  readonly value: number;
  readonly onValue: (threshold: number) => void;
}) {
  const { scan, histogram, value, onValue } = props;
  const { detector, classIndex, edges } = histogram;
  const [low, high] = [edges[0], edges[edges.length - 1]];
  const dataset = useInvestigated();
  const labels = useInt32(dataset ? { array: 'label', dataset: dataset.id } : null);
  const scores = useFloat64({ array: 'detector-score', scan, detector });
  const flagged = useFlagged();
  const select = useSelection((s) => s.select);
  const set = useViewState((s) => s.set);
  const rows = useMemo(
    () => (scores && labels ? rowsBeyond(scores, labels, classIndex, value) : new Int32Array()),
    [scores, labels, classIndex, value],
  );
  const rested = useRested(rows);
  const suspects = flagged ? rows.reduce((sum, row) => sum + flagged[row], 0) : 0;
  return (
    <div className="bz-threshold">
      <label>
        <span>Threshold</span>
        <input
          type="range"
          min={0}
          max={STEPS}
          value={Math.round((STEPS * (value - low)) / (high - low))}
          onChange={(event) => {
            onValue(low + ((high - low) * event.target.valueAsNumber) / STEPS);
          }}
        />
        <span className="bz-number">{formatNumber(value)}</span>
      </label>
      <p role="status">
        <span className="bz-number">{plural(rows.length, 'sample')}</span> at or beyond it,{' '}
        <span className="bz-number">{formatCount(suspects)}</span> of them suspects.{' '}
        <Button
          size="small"
          text="Select them on the map"
          disabled={rows.length === 0}
          onClick={() => {
            select(rows, 'replace');
            set({ view: 'map' });
          }}
        />
      </p>
      {rested !== null && rested.length > 0 ? <CleanBound rows={rested} /> : null}
    </div>
  );
}
