import { describe, expect, it } from 'vitest';
import { selectMode } from './selection.ts';
import type { SelectMode } from './selection.ts';

const none = { shift: false, alt: false, ctrl: false };

describe('selectMode', () => {
  it.each<SelectMode>(['replace', 'add', 'subtract', 'intersect'])(
    'lets the mode of the tool hold without modifiers: %s',
    (mode) => {
      expect(selectMode(none, mode)).toBe(mode);
    },
  );

  it('adds with Shift, subtracts with Alt, intersects with both', () => {
    expect(selectMode({ ...none, shift: true }, 'replace')).toBe('add');
    expect(selectMode({ ...none, alt: true }, 'add')).toBe('subtract');
    expect(selectMode({ ...none, shift: true, alt: true }, 'replace')).toBe('intersect');
  });

  it('has no meaning of its own for Ctrl', () => {
    expect(selectMode({ ...none, ctrl: true }, 'replace')).toBe('replace');
  });
});
