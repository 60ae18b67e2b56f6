import { expect, it } from 'vitest';
import { keyHashes } from './key-hash.ts';

it('is FNV-1a over UTF-8', () => {
  expect(Array.from(keyHashes(['', 'a', 'foobar', 'ü', 'x'.repeat(300)]))).toEqual([
    0x811c9dc5,
    0xe40c292c,
    0xbf9cf968,
    reference('ü'),
    reference('x'.repeat(300)),
  ]);
});

/** By whole numbers, without the 32-bit tricks. */
function reference(text: string): number {
  let hash = 0x811c9dc5n;
  for (const byte of Buffer.from(text, 'utf8')) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash);
}
