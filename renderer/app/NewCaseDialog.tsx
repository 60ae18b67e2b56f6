import { Button, Dialog, DialogBody, DialogFooter } from '@blueprintjs/core';
import { useRef, useState } from 'react';
import type { RefObject } from 'react';
import { createCase } from '../state/case-doors.ts';
import { useDialogs } from '../state/dialogs.ts';

function NewCaseForm(props: {
  readonly onDone: () => void;
  readonly field: RefObject<HTMLInputElement | null>;
}) {
  const [name, setName] = useState('Untitled');
  const [busy, setBusy] = useState(false);
  // What no file system takes, and what would leave the folder.
  const bad = /[/\\:*?"<>|]|^\.|^\s*$/.test(name);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setBusy(true);
        void createCase(name.trim()).then((made) => {
          setBusy(false);
          if (made) props.onDone();
        });
      }}
    >
      <DialogBody>
        <label className="bz-field">
          <span>Name of the case</span>
          <input
            ref={props.field}
            required
            maxLength={120}
            value={name}
            onFocus={(event) => {
              event.target.select();
            }}
            onChange={(event) => {
              setName(event.target.value);
            }}
          />
        </label>
        <p className="bz-quiet">
          {bad
            ? 'A name has no / \\ : * ? " < > | in it and does not begin with a dot.'
            : `The case becomes the file ${name.trim()}.bezoar in the folder that Bezoar serves.`}
        </p>
      </DialogBody>
      <DialogFooter
        actions={
          <>
            <Button text="Cancel" onClick={props.onDone} />
            <Button type="submit" intent="primary" text="Create" disabled={busy || bad} />
          </>
        }
      />
    </form>
  );
}

/** Where no native dialog asks for a place, a name is enough. */
export function NewCaseDialog() {
  const isOpen = useDialogs((s) => s.open === 'new-case');
  const close = useDialogs((s) => s.close);
  const field = useRef<HTMLInputElement>(null);
  return (
    <Dialog
      isOpen={isOpen}
      title="New case"
      onClose={close}
      transitionDuration={0}
      // The next question, the analyst's name, has the focus by then.
      shouldReturnFocusOnClose={false}
      // Later than the palette that opened it, which gives its own focus back as it closes.
      onOpened={() => field.current?.focus()}
    >
      <NewCaseForm onDone={close} field={field} />
    </Dialog>
  );
}
