import { describe, expect, it } from 'vitest';
import { failureLater } from '../../../../test/fixtures/failure-code.ts';
import { safetensorsBytes } from '../../../../test/fixtures/safetensors-bytes.ts';
import { bytesAsSource } from '../byte-source.ts';
import { safetensorsReader } from './safetensors.ts';

async function read(bytes: Uint8Array): Promise<Record<string, number[] | string>> {
  const { entries } = await safetensorsReader.open(bytesAsSource('a.safetensors', bytes));
  const found: [string, number[] | string][] = [];
  for (const entry of entries) {
    const parts: number[] = [];
    if (entry.problem === null) for await (const chunk of entry.chunks(2)) parts.push(...chunk.bytes);
    found.push([entry.name ?? '', entry.problem ?? parts]);
  }
  return Object.fromEntries(found);
}

const refusal = async (bytes: Uint8Array): Promise<string> => {
  const failure = await failureLater(() => read(bytes));
  expect(failure.message).toMatch(/^a\.safetensors.*Nothing was imported\./s);
  return failure.message;
};

const data = Uint8Array.from({ length: 24 }, (_, at) => at);
const u8 = (shape: number[], from: number, to: number, dtype = 'U8') =>
  ({ dtype, shape, data_offsets: [from, to] }) as const;

describe('a safetensors file', () => {
  it('gives each tensor its bytes, in whatever order the header names them', async () => {
    const file = safetensorsBytes({ b: u8([3, 4], 12, 24), a: u8([12], 0, 12) }, data);
    expect(await read(file)).toEqual({ a: [...data.subarray(0, 12)], b: [...data.subarray(12)] });
  });

  it('may name a tensor as JavaScript names something of its own', async () => {
    const header = '{"__proto__":{"dtype":"U8","shape":[24],"data_offsets":[0,24]}}';
    const { entries } = await safetensorsReader.open(
      bytesAsSource('a.safetensors', safetensorsBytes(header, data)),
    );
    expect(entries.map(({ name, problem }) => [name, problem])).toEqual([['__proto__', null]]);
  });

  it('may hold words about itself, which are passed over', async () => {
    const header =
      '{"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[24],"data_offsets":[0,24]}}   ';
    expect(await read(safetensorsBytes(header, data))).toEqual({ a: [...data] });
  });

  it.each<[string, Parameters<typeof safetensorsBytes>[0], string]>([
    ['tensors over each other', { a: u8([16], 0, 16), b: u8([16], 8, 24) }, 'begins at byte'],
    ['one tensor twice over the same bytes', { a: u8([24], 0, 24), b: u8([24], 0, 24) }, 'within another'],
    ['a hole between tensors', { a: u8([8], 0, 8), b: u8([8], 16, 24) }, '8 bytes before its tensor "b"'],
    ['a hole before the first', { a: u8([16], 8, 24) }, '8 bytes before its tensor "a"'],
    ['bytes behind the last', { a: u8([16], 0, 16) }, 'and the file at byte'],
    ['bytes that are not there', { a: u8([48], 0, 48) }, 'and the file at byte'],
    ['offsets that go back', { a: u8([24], 24, 0) }, 'before it begins'],
    ['offsets that are not those of the shape', { a: u8([5], 0, 24) }, 'needs 5 bytes and has 24'],
    ['a shape of another dtype', { a: u8([24], 0, 24, 'F32') }, 'needs 96 bytes and has 24'],
    ['a shape beyond any file', { a: u8([2 ** 53 - 1, 2 ** 53 - 1], 0, 24) }, 'larger than any file'],
    ['a negative size', { a: u8([-24], 0, 24) }, 'a shape that is none'],
    ['a size that is a fraction', { a: u8([1.5, 16], 0, 24) }, 'a shape that is none'],
    ['more axes than any array', { a: u8(Array<number>(33).fill(1), 0, 24) }, 'a shape that is none'],
    [
      'a name twice',
      '{"a":{"dtype":"U8","shape":[24],"data_offsets":[0,24]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      'stands twice',
    ],
    [
      'a property twice',
      '{"a":{"dtype":"U8","dtype":"I8","shape":[24],"data_offsets":[0,24]}}',
      'stands twice',
    ],
    [
      'a property of its own',
      '{"a":{"dtype":"U8","shape":[24],"data_offsets":[0,24],"file":"/etc/passwd"}}',
      'more than its three',
    ],
    ['no property at all', '{"a":7}', 'is not described'],
    [
      'offsets as text',
      '{"a":{"dtype":"U8","shape":[24],"data_offsets":["0","24"]}}',
      'offsets that are none',
    ],
    ['a header that is a list', '["a"]', 'does not begin with {'],
    ['a header that begins with a space', ' {}', 'does not begin with {'],
    ['a header that breaks off', '{"a":{"dtype":"U8"', 'header cannot be read'],
    ['a header nested without end', `{"a":${'['.repeat(100_000)}`, 'nested too deep'],
    ['something behind the header', '{} x', 'something follows its end'],
  ])('is refused with %s', async (_what, header, says) => {
    expect(await refusal(safetensorsBytes(header, data))).toContain(says);
  });

  it('is refused with a header longer than the file, or than the format allows, before memory is taken', async () => {
    const file = Buffer.from(safetensorsBytes());
    const before = process.memoryUsage().arrayBuffers;
    for (const length of [BigInt(file.length), 99_999_999n, 100_000_001n, 2n ** 63n, 2n ** 64n - 1n]) {
      file.writeBigUInt64LE(length, 0);
      expect(await refusal(file)).toMatch(/within its header|are the most that the format allows/);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('is refused cut off at any byte', async () => {
    const file = safetensorsBytes();
    for (let length = 0; length < file.length; length += 1) await refusal(file.subarray(0, length));
  });

  it('is refused where its header is no UTF-8', async () => {
    const file = Buffer.from(
      safetensorsBytes('{"a":{"dtype":"U8","shape":[24],"data_offsets":[0,24]}}', data),
    );
    file[10] = 0xff;
    expect(await refusal(file)).toContain('header cannot be read');
  });

  it('lists tensors of dtypes that are not read, and reads the others', async () => {
    const header = { a: u8([12], 0, 12), b: u8([12], 12, 24, 'F8_E4M3'), c: u8([0], 24, 24) };
    const found = await read(safetensorsBytes(header, data));
    expect(found.a).toEqual([...data.subarray(0, 12)]);
    expect(found.b).toContain('its dtype is F8_E4M3, which is not read');
    expect(found.c).toContain('holds no values');
  });

  it('keeps bfloat16 and whole numbers as their bytes', async () => {
    const numbers = new Uint8Array(BigInt64Array.of(-1n, 2n ** 60n).buffer);
    const header = { n: u8([2], 0, 16, 'I64'), h: u8([2, 2], 16, 24, 'BF16') };
    const file = safetensorsBytes(header, Buffer.concat([numbers, data.subarray(0, 8)]));
    expect(await read(file)).toEqual({ n: [...numbers], h: [...data.subarray(0, 8)] });
  });
});
