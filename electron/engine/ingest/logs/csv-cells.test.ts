import { describe, expect, it } from 'vitest';
import { plainCsv } from './csv-bytes.ts';
import { cellsOf } from './csv-cells.ts';

const cells = (text: string): string[] => cellsOf(Buffer.from(text), plainCsv(','));

describe('the cells of a record', () => {
  it('are what stands between the delimiters, doubled quotation marks as one', () => {
    expect(cells('a,"b, ""c""\nd",\r\n')).toEqual(['a', 'b, "c"\nd', '']);
  });

  it.each([
    ['"', ['']],
    ['a,"', ['a', '']],
    ['a,"b', ['a', 'b']],
    ['a,"b""', ['a', 'b"']],
    ['a,"b\r', ['a', 'b\r']],
  ])('of a quoted cell that is not closed reach to the end: %j', (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });
});
