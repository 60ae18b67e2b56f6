import { useMemo } from 'react';
import { useFlagged, useVerdicts } from '../../state/review.ts';
import { useSelection } from '../../state/selection.ts';
import { gather } from './map-colouring.ts';

/** What sets points of the map apart: suspects, verdicts, the selection; in the order of the map's rows. */
export function useEmphasis(rows: Int32Array | undefined) {
  const flagged = useFlagged();
  const verdicts = useVerdicts();
  const selection = useSelection((s) => s.rows);
  const pointFlags = useMemo(() => (rows && flagged ? gather(flagged, rows) : null), [rows, flagged]);
  const pointVerdicts = useMemo(() => (rows && verdicts ? gather(verdicts, rows) : null), [rows, verdicts]);
  const pointSelected = useMemo(() => {
    if (!rows || selection.length === 0) return null;
    const chosen = new Uint8Array((selection.at(-1) ?? 0) + 1);
    for (const row of selection) chosen[row] = 1;
    return gather(chosen, rows);
  }, [rows, selection]);
  return useMemo(
    () => ({ flagged: pointFlags, verdict: pointVerdicts, selected: pointSelected }),
    [pointFlags, pointVerdicts, pointSelected],
  );
}
