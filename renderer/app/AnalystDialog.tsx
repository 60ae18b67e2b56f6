import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import type { RefObject } from 'react';
import type { CaseState } from '../../electron/contract/case.ts';
import { useDialogs } from '../state/dialogs.ts';
import { enterCase } from '../state/engine-events.ts';
import { currentHost } from '../state/host-context.ts';
import { useCaseState } from '../state/queries.ts';

function AnalystForm(props: {
  readonly open: CaseState;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  const [name, setName] = useState(props.open.proposedAnalyst);
  const [busy, setBusy] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        void enterCase(() => currentHost().call('case/set-analyst', { name })).finally(() => {
          setBusy(false);
        });
      }}
    >
      <DialogBody>
        <label className="bz-field">
          <span>Your name</span>
          <input
            ref={props.field}
            required
            maxLength={120}
            value={name}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </label>
        <p className="bz-quiet">
          It stands on every verdict, every export and every line of the audit of this case. It is asked once
          and leaves this machine only inside files that you export.
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <Button type="submit" intent="primary" text="Continue" disabled={busy || name.trim() === ''} />
        }
      />
    </form>
  );
}

/** Asked once a case, before anything is put on record. */
export function AnalystDialog() {
  const open = useCaseState();
  // The dialog that made the case goes first: two at a time fight for the focus.
  const isAlone = useDialogs((s) => s.open === null);
  const field = useRef<HTMLInputElement>(null);
  if (open?.analyst !== null || !isAlone) return null;
  return (
    <Dialog
      isOpen
      title="Who investigates?"
      isCloseButtonShown={false}
      canEscapeKeyClose={false}
      canOutsideClickClose={false}
      transitionDuration={0}
      onOpened={() => field.current?.focus()}
    >
      <AnalystForm open={open} field={field} />
    </Dialog>
  );
}
