import type { ByteSource } from './byte-source.ts';

const BLOCK = 1024 * 1024;
const [LF, CR, QUOTE] = [10, 13, 34];

/**
 * Records in a CSV file after its header, counted without parsing: lines that are not empty, line ends inside
 * quotation marks left out. `pause` is awaited between blocks.
 */
export async function countRecords(source: ByteSource, pause: () => Promise<unknown>): Promise<number> {
  let lines = 0;
  let quoted = false;
  let empty = true;
  for (let offset = 0; ; offset += BLOCK) {
    const block = await source.read(offset, BLOCK);
    if (block.length === 0) break;
    for (const byte of block) {
      if (byte === QUOTE) quoted = !quoted;
      if (!quoted && (byte === LF || byte === CR)) {
        if (!empty) lines += 1;
        empty = true;
      } else empty = false;
    }
    await pause();
  }
  return Math.max(0, lines + (empty ? 0 : 1) - 1);
}
