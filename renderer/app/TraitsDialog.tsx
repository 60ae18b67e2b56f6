import { Dialog, DialogBody } from '@blueprintjs/core';
import { plural } from '../components/number-format.ts';
import { TraitsPanel } from '../components/TraitsPanel.tsx';
import { useDialogs } from '../state/dialogs.ts';
import { useSelection } from '../state/selection.ts';
import { CleanBound } from '../components/CleanBound.tsx';

/** What the selected samples share, and how many of them may be clean. */
export function TraitsDialog() {
  const isOpen = useDialogs((s) => s.open === 'traits');
  const close = useDialogs((s) => s.close);
  const rows = useSelection((s) => s.rows);
  return (
    <Dialog
      isOpen={isOpen && rows.length > 0}
      onClose={close}
      title={`What ${plural(rows.length, 'sample')} share`}
      className="bz-wide-dialog"
      transitionDuration={0}
    >
      <DialogBody>
        <CleanBound rows={rows} />
        <TraitsPanel group={{ kind: 'rows', rows: [...rows] }} />
      </DialogBody>
    </Dialog>
  );
}
