/** What a new pick does with the present selection. */
export type SelectMode = 'replace' | 'add' | 'subtract' | 'intersect';

/** Keys held during a gesture; `ctrl` is also the command key. */
export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** Shift adds, Alt subtracts, both intersect; without either the mode of the tool holds. */
export function selectMode(modifiers: Modifiers, toolMode: SelectMode): SelectMode {
  if (modifiers.shift && modifiers.alt) return 'intersect';
  if (modifiers.shift) return 'add';
  if (modifiers.alt) return 'subtract';
  return toolMode;
}

/**
 * The selection after a pick, as a new mask; the old one stays as it was, ready for undo.
 *
 * @param selected 0 or 1 per point
 * @param picked indices into it
 */
export function combineSelection(selected: Uint8Array, picked: Uint32Array, mode: SelectMode): Uint8Array {
  const next = mode === 'add' || mode === 'subtract' ? selected.slice() : new Uint8Array(selected.length);
  for (let k = 0; k < picked.length; k++) {
    const i = picked[k];
    next[i] = mode === 'subtract' ? 0 : mode === 'intersect' ? selected[i] : 1;
  }
  return next;
}
