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
