import { describe, expect, it } from 'vitest';
import { askedOf } from './compare.mjs';
import { rows } from './rows.mjs';

function row(name: string) {
  const found = rows.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

describe('what is asked of a row', () => {
  it('depends on our instruction set and on the peer’s linear algebra', () => {
    const exact = row('neighbours-100');
    expect(askedOf(exact, 'native-avx512', 'openblas 0.3.21 Haswell')).toBe(5);
    expect(askedOf(exact, 'native-avx2', 'openblas 0.3.21 Haswell')).toBe(3);
    expect(askedOf(exact, 'native-avx512', 'openblas 0.3.21 SkylakeX')).toBe(4);
    expect(askedOf(row('dbscan'), 'native-avx512', 'openblas 0.3.21 SkylakeX')).toBe(100);
  });

  it('is nothing of engines without those instructions', () => {
    for (const engine of ['native-baseline', 'wasm', 'typescript'])
      expect(askedOf(row('ks'), engine, null)).toBeNull();
  });

  it('names every row once', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });
});
