import { useRef, useState } from 'react';
import { currentHost } from '../../state/host-context.ts';
import { useFocusRequest } from '../../state/focus-request.ts';
import { sayFailure } from '../../state/toasts.ts';

/** The analyst's note on one sample; saved when the field is left or by Ctrl+Enter. */
export function Note(props: {
  readonly dataset: number;
  readonly row: number;
  /** undefined while it loads */
  readonly saved: string | null | undefined;
}) {
  const { dataset, row } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  const saved = props.saved ?? '';
  useFocusRequest('note', () => field.current?.focus());
  const save = (): void => {
    if (draft === null || draft === saved) return;
    currentHost().call('note/set', { dataset, row, text: draft }).catch(sayFailure);
  };
  return (
    <section className="bz-inspector-part">
      <h3>
        <label htmlFor="bz-note">Note</label> <kbd>N</kbd>
      </h3>
      <textarea
        ref={field}
        id="bz-note"
        className="bz-note"
        rows={draft === null && saved === '' ? 1 : 3}
        maxLength={10_000}
        // Read-only and not disabled: N focuses it at once, else the next letters would be verdicts.
        readOnly={props.saved === undefined}
        placeholder="Saved when you leave the field"
        value={draft ?? saved}
        onFocus={() => {
          if (props.saved !== undefined) setDraft(saved);
        }}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onBlur={save}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.blur();
        }}
      />
    </section>
  );
}
