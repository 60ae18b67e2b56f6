/** The parts of a KeyboardEvent that decide a chord. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/**
 * A key press as a chord: 'ctrl+shift+z', 'shift+c', '?', 'escape'. The command key counts as Ctrl. A letter of
 * a non-Latin layout is named by its place on the keyboard. Null for a modifier alone.
 */
export function chordOf(press: KeyPress): string | null {
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Unidentified'].includes(press.key))
    return null;
  const place = /^Key([A-Z])$/.exec(press.code)?.[1];
  const latin = /^[a-z]$/i.test(press.key);
  // Alt and a letter type another sign on some systems; the place on the keyboard still says which letter.
  const key = (
    latin ? press.key : place && (press.altKey || press.key > '\u007f') ? place : press.key
  ).toLowerCase();
  const isSign = key.length === 1 && !/[a-z0-9 ]/.test(key);
  const parts: string[] = [];
  if (press.ctrlKey || press.metaKey) parts.push('ctrl');
  if (press.altKey) parts.push('alt');
  // Shift is already in a sign like '?'.
  if (press.shiftKey && !isSign) parts.push('shift');
  parts.push(key);
  return parts.join('+');
}

/** 'ctrl+shift+z' as people read it: 'Ctrl+Shift+Z'; 'g e' stays two keys. */
export function keyTitle(chord: string): string {
  return chord
    .split(' ')
    .map((part) =>
      part
        .split('+')
        .map((word) => (word === 'escape' ? 'Esc' : word.charAt(0).toUpperCase() + word.slice(1)))
        .join('+'),
    )
    .join(' then ');
}

/** Recognises chords and sequences of two ('g e'). Time is given, so that it can be tested. */
export class KeySequence {
  readonly #known: ReadonlySet<string>;
  readonly #patience: number;
  #first: string | null = null;
  #firstAt = 0;

  /** @param known every chord and sequence with a meaning @param patience milliseconds between two keys */
  constructor(known: ReadonlySet<string>, patience = 1500) {
    this.#known = known;
    this.#patience = patience;
  }

  /** What the press completes; 'waiting' when it may begin a sequence; null when it means nothing. */
  press(chord: string, atMs: number): string | null {
    const first = this.#first !== null && atMs - this.#firstAt <= this.#patience ? this.#first : null;
    this.#first = null;
    if (first !== null) {
      const both = `${first} ${chord}`;
      if (this.#known.has(both)) return both;
      return null;
    }
    if (this.#known.has(chord)) return chord;
    if ([...this.#known].some((known) => known.startsWith(`${chord} `))) {
      this.#first = chord;
      this.#firstAt = atMs;
      return 'waiting';
    }
    return null;
  }
}
