import { describe, expect, it } from 'vitest';
import { chordOf, keyTitle, KeySequence } from './keymap.ts';
import type { KeyPress } from './keymap.ts';

const press = (key: string, code: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...modifiers,
});

describe('chordOf', () => {
  it.each([
    [press('x', 'KeyX'), 'x'],
    [press('X', 'KeyX', { shiftKey: true }), 'shift+x'],
    [press('z', 'KeyZ', { ctrlKey: true }), 'ctrl+z'],
    [press('Z', 'KeyZ', { metaKey: true, shiftKey: true }), 'ctrl+shift+z'],
    [press('?', 'Slash', { shiftKey: true }), '?'],
    [press('/', 'Digit7', { shiftKey: true }), '/'],
    [press('Escape', 'Escape'), 'escape'],
    [press('ч', 'KeyX'), 'x'],
    [press('Ω', 'KeyZ', { altKey: true }), 'alt+z'],
    // On a French keyboard the letter counts, not its place.
    [press('z', 'KeyW'), 'z'],
    [press('Shift', 'ShiftLeft', { shiftKey: true }), null],
  ])('%o', (event, chord) => {
    expect(chordOf(event)).toBe(chord);
  });
});

describe('KeySequence', () => {
  const keys = new KeySequence(new Set(['x', 'g e', 'g m']), 1000);

  it('completes a sequence in time', () => {
    expect(keys.press('g', 0)).toBe('waiting');
    expect(keys.press('e', 900)).toBe('g e');
  });

  it('forgets the first key after a while', () => {
    expect(keys.press('g', 0)).toBe('waiting');
    expect(keys.press('x', 1500)).toBe('x');
  });

  it('gives no verdict by the second key of a broken sequence', () => {
    expect(keys.press('g', 0)).toBe('waiting');
    expect(keys.press('x', 100)).toBeNull();
    expect(keys.press('x', 200)).toBe('x');
  });

  it('knows nothing of other keys', () => {
    expect(keys.press('q', 0)).toBeNull();
  });
});

describe('keyTitle', () => {
  it('reads as people write it', () => {
    expect([keyTitle('ctrl+shift+z'), keyTitle('g e'), keyTitle('escape'), keyTitle('?')]).toEqual([
      'Ctrl+Shift+Z',
      'G then E',
      'Esc',
      '?',
    ]);
  });
});
