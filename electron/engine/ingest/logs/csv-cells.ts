import type { CsvBytes } from './csv-bytes.ts';

const [LF, CR] = [10, 13];

/**
 * The cells of the record that the bytes hold, its line end left out, with marks that stand for themselves as one. A
 * quotation mark opens a cell only as its first byte; what stands between a closing one and the next delimiter is kept.
 */
export function cellsOf(bytes: Uint8Array, { delimiter, quote, escape }: CsvBytes): string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let text = '';
    if (at < bytes.length && bytes[at] === quote) {
      let from = at + 1;
      for (at = from; at < bytes.length; at += 1) {
        if (bytes[at] === escape && (bytes[at + 1] === quote || bytes[at + 1] === escape)) {
          text += decode(bytes, from, at);
          from = at + 1;
          at += 1;
          continue;
        }
        if (bytes[at] !== quote) continue;
        text += decode(bytes, from, at);
        if (bytes[at + 1] !== quote) break;
        at += 1;
        from = at;
      }
      if (at < bytes.length) at += 1;
      else text += decode(bytes, from, at);
    }
    const from = at;
    while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF) at += 1;
    const ended = at >= bytes.length || bytes[at] === LF;
    text += decode(bytes, from, ended && bytes[at - 1] === CR ? Math.max(from, at - 1) : at);
    cells.push(text);
    if (ended) return cells;
    at += 1;
  }
}

const decode = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.max(0, to - from)).toString('utf8');
