import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logField, logMapping } from '../../../../test/fixtures/log-mapping.ts';
import type { LogMapping } from '../../../contract/logs.ts';
import { JsonLines } from './json-lines.ts';
import type { ParsedBlock } from './log-messages.ts';
import { RowWriter } from './row-writer.ts';

const mapping = logMapping([
  logField('t', 'time'),
  logField('id', 'request-id'),
  logField('class', 'predicted'),
  logField('x', 'feature'),
  logField('in.y', 'feature'),
  logField('in.list.1', 'feature'),
  logField('note', 'feature', { type: 'text' }),
  logField('__proto__', 'feature', { type: 'category' }),
  logField('skip', 'ignored'),
]);

function parse(text: string | Uint8Array, of: LogMapping = mapping, last = true) {
  const writer = new RowWriter(of, [1, 2]);
  const lines = new JsonLines(of, writer);
  const count = lines.block(Buffer.from(text), last);
  return { block: writer.take(0, count, { dropped: [], unpaired: 0, timeless: 0 }), slow: lines.slowLines };
}

/** The rows of a block in words, so that codes need not agree. */
function rowsOf(block: ParsedBlock): unknown[][] {
  return Array.from({ length: block.rows }, (_, row) =>
    block.columns.map((column) => {
      if (column.type === 'number') return column.values[row];
      if (column.type === 'category')
        return column.codes[row] === 0 ? null : column.fresh[column.codes[row] - 1];
      return Buffer.from(column.bytes.subarray(column.ends[row - 1] ?? 0, column.ends[row])).toString();
    }),
  );
}

const T = Date.UTC(2026, 2, 2, 8);
const line = (more: string): string => `{"t":"2026-03-02T08:00:00Z"${more}}\n`;

describe('lines of JSON', () => {
  it('give their fields, wherever these stand, and missing values where they do not', () => {
    const { block, slow } = parse(
      line(',"id":"a","class":3,"x":-1.5e-3,"in":{"y":2,"other":[1,{"z":null}],"list":[7,8,9]},"note":"n"') +
        line(',"class":"dress","skip":{"deep":[[]]},"x":null') +
        '  { "in" : { "list" : [ ] } , "t" : 1772438400 , "class" : true }  \r\n',
    );
    expect(rowsOf(block)).toEqual([
      [T, 'a', '3', -0.0015, 2, 8, 'n', null],
      [T, '', 'dress', NaN, NaN, NaN, '', null],
      [T, '', 'true', NaN, NaN, NaN, '', null],
    ]);
    expect(block).toMatchObject({
      lines: 3,
      badCount: 0,
      oddities: { unmapped: 3, unmappedNames: ['in.other', 'in.list.0', 'in.list.2'] },
    });
    expect([...block.line]).toEqual([0, 1, 2]);
    expect(slow).toBe(0);
  });

  it('go through JSON.parse where they have escapes or double keys', () => {
    const { block, slow } = parse(
      line(',"class":"a\\u0062c","note":"line\\nbreak"') +
        line(',"x":1,"x":2') +
        line(',"in":{"y":1},"in":{"list":[0,5]}'),
    );
    expect(rowsOf(block).map((row) => row.slice(2, 7))).toEqual([
      ['abc', NaN, NaN, NaN, 'line\nbreak'],
      [null, 2, NaN, NaN, ''],
      [null, NaN, NaN, 5, ''],
    ]);
    expect(slow).toBe(3);
  });

  it('may have keys that JavaScript knows for something else', () => {
    const { block } = parse(
      line(',"__proto__":"own","constructor":1,"toString":2') +
        line(',"\\u005f_proto__":"escaped"') +
        line(''),
    );
    expect(rowsOf(block).map((row) => row[7])).toEqual(['own', 'escaped', null]);
    expect(({} as Record<string, unknown>).own).toBeUndefined();
  });

  it('are bad with a reason, line by line', () => {
    const { block } = parse(
      [
        '{"t":"2026-03-02T08:00:00Z"',
        '[1]',
        '"text"',
        '{"x":1}',
        '{"t":"soon"}',
        '{"t":{"s":1}}',
        '{"t":1772438400,"x":"many"}',
        '{"t":1772438400,"x":[1]}',
        '{"t":1772438400,"x":01}',
        '{"t":1772438400,"skip":tru}',
        '{"t":1772438400} {}',
        '',
        '   ',
        '{"t":1772438400}',
      ].join('\n'),
    );
    expect(block.bad.map(({ line, reason }) => ({ line, reason }))).toEqual([
      { line: 0, reason: 'it is not JSON' },
      { line: 1, reason: 'it is no JSON object' },
      { line: 2, reason: 'it is no JSON object' },
      { line: 3, reason: 'it has no time in "t"' },
      { line: 4, reason: '"t" holds "soon", which is no time' },
      { line: 5, reason: '"t" holds an object or a list where one value was expected' },
      { line: 6, reason: '"x" holds "many", which is no number' },
      { line: 7, reason: '"x" holds an object or a list where one value was expected' },
      { line: 8, reason: 'it is not JSON' },
      { line: 9, reason: 'it is not JSON' },
      { line: 10, reason: 'it is not JSON' },
    ]);
    expect(block).toMatchObject({ rows: 1, lines: 13, truncated: false });
    expect([...block.line]).toEqual([13]);
  });

  it('say when the last one is cut off, and only the last', () => {
    const { block } = parse(`${line('')}{"t":"2026-03`);
    expect(block).toMatchObject({
      rows: 1,
      truncated: true,
      bad: [{ line: 1, reason: 'the file ends in the middle of this line' }],
    });
    expect(parse(`${line('')}{"t":"2026-03\n`).block).toMatchObject({
      truncated: false,
      bad: [{ reason: 'it is not JSON' }],
    });
    expect(parse('{"t":"2026-03', mapping, false).block).toMatchObject({ truncated: false });
  });

  it('that are not UTF-8 are bad, their neighbours are not', () => {
    const bytes = Buffer.concat([
      Buffer.from(line(',"class":"grün"')),
      Buffer.from('{"t":1772438400,"class":"gr\xfcn"}\n', 'latin1'),
      Buffer.from(line(',"class":"日本"')),
    ]);
    const { block } = parse(bytes);
    expect(block.bad).toMatchObject([{ line: 1, reason: 'it is not UTF-8 text' }]);
    expect(rowsOf(block).map((row) => row[2])).toEqual(['grün', '日本']);
  });

  it('count numbers that are none and keep them as missing', () => {
    const { block } = parse(
      line(',"x":NaN') +
        line(',"x":-Infinity,"in":{"y":Infinity}') +
        line(',"x":1e999') +
        line(',"x":NaN,"class":"NaN\\""') +
        line(',"x":"inf"'),
    );
    expect(rowsOf(block).map((row) => row[3])).toEqual([NaN, NaN, NaN, NaN, NaN]);
    expect(rowsOf(block)[3]?.[2]).toBe('NaN"');
    expect(block).toMatchObject({
      badCount: 0,
      oddities: { nonFinite: 6, firstNonFinite: { row: 0, column: 'x' } },
    });
  });

  it('are no JSON where digits stand before a word for a number that is none', () => {
    const { block } = parse(
      line(',"x":1-Infinity') +
        line(',"x":1.Infinity') +
        line(',"x":2NaN') +
        line(',"x":-Infinity,"note":"\\u0061"'),
    );
    expect(block).toMatchObject({ rows: 1, badCount: 3 });
  });

  it('write a class that is a number as JavaScript does', () => {
    const { block } = parse(
      ['3', '3.0', '3e0', '-0', '0.5', '12345678901234567890', '"3"']
        .map((value) => line(`,"class":${value}`))
        .join(''),
    );
    expect(rowsOf(block).map((row) => row[2])).toEqual([
      '3',
      '3',
      '3',
      '0',
      '0.5',
      '12345678901234567000',
      '3',
    ]);
  });
});

/** JSON of any shape with keys of the mapping among its keys, written with spaces here and there. */
const anyKey = fc.oneof(
  fc.constantFrom('t', 'id', 'class', 'x', 'in', 'y', 'list', 'note', '__proto__', 'skip', 'a"b', 'ü', '\\'),
  fc.string({ maxLength: 4 }),
);
const anyScalar = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 1e21, 1e-7, 123456789012345, 0.1, 1772438400, 9007199254740993),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.constantFrom('2026-03-02T08:00:00Z', '12.5', 'nan', ' 7 '),
  fc.boolean(),
  fc.constant(null),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    anyScalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(anyKey, tie('value')), { maxLength: 4 }).map((pairs) => new Pairs(pairs)),
  ),
}));

/** An object of which the text may name a key twice. */
class Pairs {
  readonly pairs: readonly [string, unknown][];
  constructor(pairs: readonly [string, unknown][]) {
    this.pairs = pairs;
  }
}

function written(value: unknown, space: string): string {
  if (value instanceof Pairs)
    return `{${space}${value.pairs.map(([key, one]) => `${JSON.stringify(key)}${space}:${space}${written(one, space)}`).join(`${space},`)}${space}}`;
  if (Array.isArray(value)) return `[${space}${value.map((one) => written(one, space)).join(`,${space}`)}]`;
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

const anyRecord = fc
  .tuple(
    fc.array(fc.tuple(anyKey, anyValue), { maxLength: 8 }),
    fc.array(fc.tuple(fc.constantFrom('t', 'x', 'class', 'in'), anyValue), { maxLength: 3 }),
    fc.boolean(),
    fc.constantFrom('', ' ', '\t', ' \r'),
  )
  .map(([pairs, more, timed, space]) =>
    written(
      new Pairs([...(timed ? [['t', 1772438400] as [string, unknown]] : []), ...pairs, ...more]),
      space,
    ),
  );

/** The same lines when every one of them goes through JSON.parse: a byte that is not UTF-8 before them sees to that. */
function parsedSlowly(text: string): ParsedBlock {
  const { block, slow } = parse(Buffer.concat([Buffer.from([0xff, 10]), Buffer.from(text)]));
  expect(slow).toBeGreaterThan(0);
  return block;
}

describe('the scanner of bytes', () => {
  it('reads any JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), (records) => {
        const text = `${records.join('\n')}\n`;
        const fast = parse(text).block;
        const slow = parsedSlowly(text);
        expect(rowsOf(fast)).toEqual(rowsOf(slow));
        expect(fast.bad).toEqual(slow.bad.slice(1).map((bad) => ({ ...bad, line: bad.line - 1 })));
        expect({ ...fast.oddities, unmappedNames: new Set(fast.oddities.unmappedNames) }).toEqual({
          ...slow.oddities,
          unmappedNames: new Set(slow.oddities.unmappedNames),
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('reads damaged JSON as JSON.parse does', () => {
    const damaged = fc
      .tuple(
        anyRecord,
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom(
          '"',
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '\\',
          '0',
          '-',
          '.',
          'e',
          ' ',
          '\u0001',
          'n',
          'N',
          '',
        ),
      )
      .map(([text, at, removed, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + removed);
      });
    fc.assert(
      fc.property(damaged, (text) => {
        fc.pre(!text.includes('NaN') && !text.includes('Infinity'));
        const fast = parse(`${text}\n`).block;
        const slow = parsedSlowly(`${text}\n`);
        expect(rowsOf(fast)).toEqual(rowsOf(slow));
        expect(fast.bad.map(({ reason }) => reason)).toEqual(slow.bad.slice(1).map(({ reason }) => reason));
      }),
      { numRuns: 1500 },
    );
  });

  it('reads numbers to the last bit', () => {
    const decimal = fc
      .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.nat({ max: 25 }))
      .map(([negative, digits, point]) => {
        const text = digits.toString().padStart(point + 1, '0');
        const at = text.length - point;
        return `${negative ? '-' : ''}${text.slice(0, at)}${point > 0 ? `.${text.slice(at)}` : ''}`;
      });
    fc.assert(
      fc.property(fc.array(decimal, { minLength: 1, maxLength: 20 }), (texts) => {
        const { block } = parse(texts.map((text) => line(`,"x":${text}`)).join(''));
        expect(rowsOf(block).map((row) => row[3])).toEqual(texts.map(Number));
      }),
      { numRuns: 300 },
    );
  });
});
