import { useState } from 'react';
import { enterCase } from '../../state/engine-events.ts';
import { currentHost } from '../../state/host-context.ts';
import { useCaseState } from '../../state/queries.ts';

/** The question that the investigation is to answer; kept when the field is left. */
export function Question() {
  const saved = useCaseState()?.question ?? '';
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <label className="bz-field bz-question">
      <span>The question of this investigation (printed on the report)</span>
      <textarea
        rows={2}
        maxLength={2000}
        placeholder="For example: was the training set of March 3 tampered with, and which samples must go?"
        value={draft ?? saved}
        onChange={(event) => {
          setDraft(event.target.value);
        }}
        onBlur={() => {
          if (draft === null || draft === saved) return;
          void enterCase(() => currentHost().call('case/set-question', { question: draft })).finally(() => {
            setDraft(null);
          });
        }}
      />
    </label>
  );
}
