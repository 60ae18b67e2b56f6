import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import { compareWith, dropComparison, useComparisonDraft } from '../../state/comparison-draft.ts';
import { enterCase } from '../../state/engine-events.ts';
import { useHost } from '../../state/host-context.ts';
import { useCaseState } from '../../state/queries.ts';

/** A case dropped on a case: opened in its place, or held against it. */
export function DroppedCaseDialog() {
  const host = useHost();
  const open = useCaseState();
  const { phase, file } = useComparisonDraft();
  if (phase !== 'ask' || file === null || !open) return null;
  return (
    <Dialog isOpen title="Another case" onClose={dropComparison} transitionDuration={0}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void compareWith(file);
        }}
      >
        <DialogBody>
          <p>
            <strong className="bz-file-name">{file.name}</strong> is a case, and {open.name} is open.
          </p>
          <p className="bz-quiet">
            Comparing reads it and changes nothing in it: evidence is told by its hash, and verdicts can be
            taken over. Opening it leaves {open.name} as it is.
          </p>
        </DialogBody>
        <DialogFooter
          actions={
            <>
              <Button text="Cancel" onClick={dropComparison} />
              <Button
                text="Open it"
                onClick={() => {
                  dropComparison();
                  void enterCase(() => host.call('case/open', { file: file.token }));
                }}
              />
              <Button type="submit" intent="primary" text="Compare with this case" autoFocus />
            </>
          }
        />
      </form>
    </Dialog>
  );
}
