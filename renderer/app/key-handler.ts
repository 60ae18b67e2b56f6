import { useEffect } from 'react';
import { useDialogs } from '../state/dialogs.ts';
import { useImportDraft } from '../state/import-draft.ts';
import { useLogDraft } from '../state/log-draft.ts';
import { commands } from './commands.ts';
import { chordOf, KeySequence } from './keymap.ts';

const byKey = new Map(commands.flatMap((command) => command.keys.map((key) => [key, command] as const)));

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"])'))
  );
}

/** Whether keys belong to something that stands over the window. */
function isCovered(target: EventTarget | null): boolean {
  return (
    useDialogs.getState().open !== null ||
    useImportDraft.getState().phase === 'choose' ||
    useLogDraft.getState().phase !== 'idle' ||
    (target instanceof Element && target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null)
  );
}

/** Runs commands by their keys; never while the analyst types or a dialog is open. */
export function useKeys(): void {
  useEffect(() => {
    const keys = new KeySequence(new Set(byKey.keys()));
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const chord = chordOf(event);
      if (chord === null) return;
      if (isCovered(event.target)) {
        // Before a dialog has taken the focus, or after it was clicked away, the dialog itself hears no Escape.
        if (chord === 'escape') useDialogs.getState().close();
        return;
      }
      if (isTyping(event.target)) {
        if (chord === 'escape' && event.target instanceof HTMLElement) event.target.blur();
        if (chord !== 'ctrl+k') return;
      }
      const recognised = keys.press(chord, event.timeStamp);
      const command = recognised === null ? undefined : byKey.get(recognised);
      if (recognised === 'waiting') event.preventDefault();
      if (!command?.when()) return;
      // A held key walks, but gives no verdict after verdict.
      if (event.repeat && command.group !== 'Walk') return;
      event.preventDefault();
      command.run();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
    };
  }, []);
}
