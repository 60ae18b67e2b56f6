import { Button } from '@blueprintjs/core';
import { Redo, Undo } from '@blueprintjs/icons';
import { useMemo } from 'react';
import { useDialogs } from '../state/dialogs.ts';
import { setVerdictOfSelection, useFlagged, useVerdicts } from '../state/review.ts';
import { useSelection } from '../state/selection.ts';
import { formatCount, plural } from './number-format.ts';
import './selection-bar.css';

/** What the selection holds: suspects, and verdicts by their byte. */
function tally(rows: Int32Array, flagged: Uint8Array | undefined, verdicts: Uint8Array | undefined) {
  let suspects = 0;
  const byVerdict = [0, 0, 0, 0];
  for (const row of rows) {
    suspects += flagged?.[row] ?? 0;
    byVerdict[verdicts?.[row] ?? 0]++;
  }
  return { suspects, decided: rows.length - byVerdict[0] };
}

/** The selection with its count, the verdicts for all of it, and the way back. `hint` says how to select. */
export function SelectionBar(props: { readonly hint: string }) {
  const rows = useSelection((s) => s.rows);
  const canUndo = useSelection((s) => s.past.length > 0);
  const canRedo = useSelection((s) => s.future.length > 0);
  const { undo, redo, clear } = useSelection.getState();
  const flagged = useFlagged();
  const verdicts = useVerdicts();
  const { suspects, decided } = useMemo(() => tally(rows, flagged, verdicts), [rows, flagged, verdicts]);
  const n = rows.length;
  const facts = [
    flagged ? plural(suspects, 'suspect') : '',
    decided > 0 ? `${formatCount(decided)} with a verdict` : '',
  ].filter((fact) => fact !== '');
  return (
    <div className="bz-selection-bar" role="toolbar" aria-label="Selection">
      <span className="bz-selection-count" role="status">
        {n === 0 ? (
          <span className="bz-selection-hint">{props.hint}</span>
        ) : (
          <>
            <strong>{formatCount(n)}</strong> selected
            {facts.length > 0 ? <span className="bz-selection-hint"> · {facts.join(' · ')}</span> : null}
          </>
        )}
      </span>
      {n > 0 ? (
        <span className="bz-selection-acts">
          <span className="bz-selection-hint">Mark {formatCount(n)} as</span>
          <Button
            size="small"
            text="✕ Poison"
            title="Shift+X"
            aria-label={`Mark ${plural(n, 'sample')} as poison`}
            onClick={() => void setVerdictOfSelection('poison')}
          />
          <Button
            size="small"
            text="✓ Clean"
            title="Shift+C"
            aria-label={`Mark ${plural(n, 'sample')} as clean`}
            onClick={() => void setVerdictOfSelection('clean')}
          />
          <Button
            size="small"
            text="? Unsure"
            title="Shift+U"
            aria-label={`Mark ${plural(n, 'sample')} as unsure`}
            onClick={() => void setVerdictOfSelection('unsure')}
          />
          {decided > 0 ? (
            <Button
              size="small"
              variant="minimal"
              text="Take back"
              title="Take the verdicts of the selection back (Shift+Delete)"
              onClick={() => void setVerdictOfSelection(null)}
            />
          ) : null}
        </span>
      ) : null}
      <span className="bz-selection-acts">
        {n > 0 ? (
          <Button
            size="small"
            text="In common…"
            title="What do they share? (W)"
            onClick={() => {
              useDialogs.getState().show('traits');
            }}
          />
        ) : null}
        <Button
          size="small"
          variant="minimal"
          icon={<Undo size={14} />}
          disabled={!canUndo}
          title="Back to the selection before (Alt+Z)"
          aria-label="Undo selection"
          onClick={undo}
        />
        <Button
          size="small"
          variant="minimal"
          icon={<Redo size={14} />}
          disabled={!canRedo}
          title="Forward to the selection after (Alt+Shift+Z)"
          aria-label="Redo selection"
          onClick={redo}
        />
        <Button size="small" variant="minimal" text="Clear" disabled={n === 0} title="Esc" onClick={clear} />
      </span>
    </div>
  );
}
